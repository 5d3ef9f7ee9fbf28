/** The common ones, each with the words by which people of the four languages look for it. First those most used at a desk. */
const LIST = `
👍 thumbs up yes ok joinha positivo sim pouce oui pulgar si
👎 thumbs down no não negativo non pouce pulgar
🙏 please thanks pray obrigado por favor merci gracias prece
👋 hello wave bye olá oi tchau salut bonjour hola adiós
🙂 smile sorriso sourire sonrisa
😊 happy blush feliz content contente sonrisa
😀 grin laugh riso sourire risa feliz
😃 joy alegria joie alegría
😄 laugh eyes riso rire risa
😁 beam grin sorrisão sourire sonrisa
😅 sweat relief alívio ufa soulagement sudor
😂 tears joy laugh kkk risada rire larmes risa lágrimas
🤣 rolling floor laughing rolando rir mort de rire partirse
😉 wink piscada clin d'œil guiño
😍 love eyes amor apaixonado amour ojos amor
🥰 hearts love carinho amour tendresse cariño
😘 kiss beijo bisou beso
😎 cool sunglasses legal óculos lunettes gafas
🤗 hug abraço câlin abrazo
🤔 think pensar réfléchir hmm
🤨 doubt eyebrow dúvida doute duda
😐 neutral neutro neutre
😑 expressionless sem expressão blasé inexpresivo
😶 silent mudo muet callado
🙄 roll eyes revirar olhos yeux ciel ojos
😏 smirk malicioso sourire coin pícaro
😣 struggle sofrido difficile esfuerzo
😥 sad relieved triste aliviado triste soulagé
😮 wow surprise surpresa étonné sorpresa
😯 hushed espanto surpris sorprendido
😲 astonished chocado stupéfait asombrado
😴 sleep dormir sommeil sono sueño
😌 relieved calm aliviado calmo soulagé calme tranquilo
😛 tongue língua langue lengua
😜 crazy wink maluco fou loco
🤪 zany doido dingue chiflado
😝 tongue squint língua langue lengua
😒 annoyed irritado agacé molesto
😓 cold sweat suor frio sueur sudor frío
😔 pensive pensativo songeur pensativo triste
😕 confused confuso confus confundido
🙁 frown triste mécontent triste
😖 confounded aflito agité frustrado
😞 disappointed decepcionado déçu decepcionado
😟 worried preocupado inquiet preocupado
😢 cry chorar triste pleurer llorar
😭 sob chorando sanglot llorando
😦 frown open espantado inquiet asustado
😨 fear medo peur miedo
😩 weary cansado épuisé cansado
🤯 mind blown explodir cabeça tête explose cabeza
😬 grimace careta grimace mueca
😰 anxious ansioso anxieux ansioso
😱 scream grito cri susto
🥵 hot calor chaud
🥶 cold frio froid frío
😳 flushed envergonhado gêné sonrojado
😵 dizzy tonto étourdi mareado
😡 angry raiva colère enfado furioso
😠 angry zangado fâché enojado
🤬 swear palavrão jurons insultos
😷 mask máscara masque mascarilla
🤒 ill fever doente febre malade fièvre enfermo
🤕 hurt machucado blessé herido
🤧 sneeze espirro éternuer estornudo
😇 angel anjo ange ángel
🥳 party festa fête fiesta
🤝 handshake deal acordo aperto accord poignée acuerdo trato
👏 clap aplauso palmas bravo applaudir aplausos
🙌 raise hands celebrar hourra celebrar
💪 strong força fort fuerza músculo
✌️ peace victory paz vitória victoire paz victoria
🤞 fingers crossed sorte dedos croiser doigts suerte
👌 ok perfect perfeito parfait perfecto
🤙 call me liga appelle llama
👈 left esquerda gauche izquierda
👉 right direita droite derecha
👆 up cima haut arriba
👇 down baixo bas abajo
☝️ one point um atenção index uno
✋ stop hand pare mão main alto
👀 look eyes olhar olhos yeux mirar ojos
🧠 brain cérebro cerveau cerebro
❤️ heart love coração amor cœur amour corazón
🧡 orange heart laranja coração cœur corazón
💛 yellow heart amarelo coração cœur corazón
💚 green heart verde coração cœur corazón
💙 blue heart azul coração cœur corazón
💜 purple heart roxo coração cœur corazón
🖤 black heart preto coração cœur corazón
💔 broken heart partido coração cœur brisé corazón roto
💯 hundred cem perfeito cent cien
💥 crash bang batida explosão choc explosion choque
💦 water splash água eau agua
💨 fast vento rápido vite rápido
💤 sleep sono sommeil sueño
✅ done check feito certo fait vu hecho
☑️ check marcado coché marcado
✔️ tick certo coche visto
❌ no cross errado não croix non no cruz
❎ cross x
⚠️ warning danger atenção perigo attention danger aviso peligro
🚫 forbidden proibido interdit prohibido
❗ exclamation urgente important urgente
❓ question pergunta dúvida question pregunta
‼️ urgent urgente urgent
🆘 help sos socorro ajuda au secours aide ayuda
🔴 red vermelho rouge rojo
🟠 orange laranja orange naranja
🟡 yellow amarelo jaune amarillo
🟢 green verde vert verde
🔵 blue azul bleu azul
⭐ star estrela étoile estrella
🌟 glowing star estrela étoile estrella
✨ sparkles brilho étincelles brillos
🔥 fire fogo feu fuego
🎉 party celebrate parabéns festa bravo fête felicidades
🎁 gift presente cadeau regalo
🎂 cake birthday bolo aniversário gâteau anniversaire tarta cumpleaños
🚗 car carro voiture coche auto
🚙 suv jipe utilitário 4x4 todoterreno
🚕 taxi táxi
🚚 truck lorry delivery caminhão entrega camion livraison camión
🚛 truck tow carreta camion remorque camión
🛻 pickup picape pick-up camioneta
🚐 van furgão fourgon furgoneta
🚌 bus ônibus autocarro bus autobús
🏍️ motorbike moto
🛵 scooter lambreta scooter
🚲 bike bicicleta vélo bici
🚑 ambulance ambulância ambulance ambulancia
🚒 fire engine bombeiros pompiers bomberos
🚓 police polícia police policía
🚦 traffic light semáforo feu semáforo
🚧 roadworks obra travaux obras
🛣️ road motorway estrada autoestrada route autoroute carretera autopista
🅿️ parking estacionamento parking aparcamiento
⛽ fuel petrol gasolina combustível essence carburant gasolina
🔋 battery bateria batterie batería
🪫 low battery bateria fraca batterie faible batería baja
🛞 wheel tyre pneu roda pneu roue rueda neumático
🔧 wrench repair chave conserto clé réparation llave reparación
🔩 bolt parafuso boulon tornillo
🛠️ tools ferramentas oficina outils atelier herramientas taller
⚙️ gear engrenagem réglage engranaje
🔑 key chave clé llave
🔒 locked trancado cadeado verrouillé cerrado
🔓 unlocked aberto déverrouillé abierto
📍 pin location local localização lieu adresse ubicación
🗺️ map mapa carte mapa
🧭 compass bússola boussole brújula
🏠 home casa maison domicile casa
🏢 office building escritório prédio bureau oficina
🏥 hospital hospital hôpital hospital
🏭 factory fábrica usine fábrica
🏨 hotel hotel hôtel hotel
📞 phone call telefone ligar téléphone appel teléfono llamar
📱 mobile celular telemóvel portable móvil
☎️ telephone telefone téléphone teléfono
📧 email e-mail courriel correo
✉️ letter envelope carta lettre carta sobre
📷 camera photo foto câmera appareil photo cámara
📎 attachment clip anexo pièce jointe adjunto
📄 document page documento página document documento
📝 note memo nota formulário note mémo nota
📋 clipboard lista prancheta liste portapapeles
📅 calendar date calendário data calendrier date calendario fecha
🕐 clock one hora relógio heure horloge hora reloj
⏰ alarm despertador hora réveil heure alarma
⏳ wait hourglass espera ampulheta attente sablier espera
⌛ time up tempo temps tiempo
💶 euro money dinheiro argent euro dinero
💵 money dollar dinheiro argent dinero
💳 card payment cartão pagamento carte paiement tarjeta pago
🧾 receipt invoice recibo nota fiscal reçu facture recibo factura
💰 money bag dinheiro argent dinero
🛒 cart carrinho panier carrito
📦 parcel package pacote encomenda colis paquete
🔍 search lupa busca recherche loupe buscar lupa
💡 idea lamp ideia lâmpada idée idea
🔔 bell notification sino aviso cloche campana
🔕 mute silêncio silence silencio
📣 announcement anúncio annonce anuncio
💬 chat message conversa mensagem discussion mensaje
👨‍🔧 mechanic mecânico mécanicien mecánico
👩‍🔧 mechanic woman mecânica mécanicienne mecánica
👷 worker operário ouvrier obrero
👮 police officer policial policier policía
🧑‍💼 office person atendente bureau oficina
👨‍👩‍👧 family família famille familia
👶 baby bebê bébé bebé
🐶 dog cachorro cão chien perro
🐱 cat gato chat gato
☀️ sun sol soleil
🌤️ partly sunny sol nuvem éclaircie nubes
☁️ cloud nuvem nuage nube
🌧️ rain chuva pluie lluvia
⛈️ storm tempestade orage tormenta
❄️ snow ice neve gelo neige glace nieve
🌡️ temperature temperatura température
☕ coffee café
🍺 beer cerveja bière cerveza
🍕 pizza
🍽️ meal lunch almoço refeição repas comida
⚽ football futebol foot fútbol
🇧🇷 brazil brasil brésil
🇵🇹 portugal
🇫🇷 france frança francia
🇪🇸 spain espanha espagne españa
🇬🇧 uk british reino unido royaume-uni
🇺🇸 usa estados unidos états-unis
🇪🇺 europe europa union
`

export interface Emoji {
  sign: string
  words: string
}

export const EMOJI: readonly Emoji[] = LIST.trim()
  .split('\n')
  .map((line) => {
    const at = line.indexOf(' ')
    return { sign: line.slice(0, at), words: line.slice(at + 1) }
  })
