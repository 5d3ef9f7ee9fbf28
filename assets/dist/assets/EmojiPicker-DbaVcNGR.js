import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{$ as t,At as n,Dt as r,Et as i,H as a,M as o,Mt as s,N as c,P as l,Q as u,St as d,V as f,W as p,X as m,Z as h,_t as g,at as ee,b as _,bt as v,c as y,ct as b,dn as x,dt as S,et as C,fn as w,ft as te,gt as T,ht as E,it as D,jt as O,kt as k,lt as A,mt as j,nt as M,ot as N,pn as P,pt as F,rt as I,st as L,tt as R,ut as z,v as B,vt as ne,xt as V,yt as H}from"./kit-lgxdaaCm.js";import{J as U,T as re,j as W,nt as ie}from"./core-Hqs6nYum.js";import{n as ae,t as oe}from"./media-CIWr4XIa.js";import{i as se}from"./MarkButtons-CCpAXFnh.js";var G=e(P(),1),K=G.createContext(void 0);function q(e){let t=G.useContext(K);if(t===void 0&&!e)throw Error(F(47));return t}var ce=e(w(),1),le={...u,disabled:e=>e.disabled,instantType:e=>e.instantType===`trigger-change`&&!u.open(e)?void 0:e.instantType,openMethod:e=>e.openMethod,openChangeReason:e=>e.openChangeReason,isPressOpenedByTrigger:(e,t)=>e.openChangeReason===`trigger-press`&&u.isOpenedByTrigger(e,t),isTouchPressOpen:(e,t)=>t&&e.openMethod===`touch`&&e.openChangeReason===`trigger-press`,hasTriggerFocusGuards:(e,t)=>u.isOpenedByTrigger(e,t)&&!e.focusManagerModal,modal:e=>e.modal,titleElementId:e=>e.titleElementId,descriptionElementId:e=>e.descriptionElementId,openOnHover:e=>e.openOnHover,closeDelay:e=>e.closeDelay,adaptiveOrigin:e=>e.adaptiveOrigin},ue=class extends t{constructor(e,t,n){let r=new R;super(de(e,r,t,n),fe(r),le)}setOpen=(e,t)=>{let n=t.reason===r,i=t.reason===`trigger-press`&&t.event.detail===0,a=!e&&(t.reason===`escape-key`||t.reason==null),o=D(t),s=this.select(`activeTriggerId`);if(!e&&t.reason===`close-press`&&t.trigger==null&&s!=null&&(t.trigger=this.context.triggerElements.getById(s)??this.select(`activeTriggerElement`)??void 0),this.context.onOpenChange?.(e,t),t.isCanceled)return;this.state.floatingRootContext.dispatchOpenChange(e,t);let c=()=>{let n=N(this.state,e,t.trigger,o());n.openChangeReason=t.reason,this.update(n)};n?(this.context.stickIfOpen=!0,this.context.stickIfOpenTimeout.start(500,()=>{this.context.stickIfOpen=!1}),ce.flushSync(c)):c();let l;i?l=`click`:a?l=`dismiss`:t.reason===`focus-out`&&(l=`focus`),this.set(`instantType`,l)}};function de(e,t,n,r=!1){let i={...h(t,n,r),disabled:!1,modal:!1,focusManagerModal:!1,instantType:void 0,openMethod:null,openChangeReason:null,titleElementId:void 0,descriptionElementId:void 0,openOnHover:!1,closeDelay:0,adaptiveOrigin:void 0,...e};return i.open&&e?.mounted===void 0&&(i.mounted=!0),i}function fe(e){return{popupRef:G.createRef(),onOpenChange:void 0,onOpenChangeComplete:void 0,triggerFocusTargetRef:G.createRef(),beforeTriggerFocusGuardRef:G.createRef(),beforeContentFocusGuardRef:G.createRef(),stickIfOpenTimeout:new O,stickIfOpen:!0,triggerElements:e}}var J=x(),Y=C(function({props:e}){let{children:t,open:n,defaultOpen:r=!1,onOpenChange:a,onOpenChangeComplete:o,modal:s=!1,handle:c,triggerId:l,defaultTriggerId:u=null}=e,d=pe(c,{modal:s,open:r,openProp:n,activeTriggerId:u,triggerIdProp:l});d.useControlledProp(`openProp`,n),d.useControlledProp(`triggerIdProp`,l);let f=d.useState(`open`),p=d.useState(`mounted`),m=d.useState(`payload`);d.useContextCallback(`onOpenChange`,a),d.useContextCallback(`onOpenChangeComplete`,o),S(d,f),L(d);let{forceUnmount:h}=b(f,d,()=>{d.context.stickIfOpen=!0,d.set(`openChangeReason`,null)});d.useSyncedValues({modal:s}),G.useEffect(()=>{f||d.context.stickIfOpenTimeout.clear()},[d,f]),G.useImperativeHandle(e.actionsRef,()=>({unmount:h,close:()=>d.setOpen(!1,k(i))}),[h,d]);let g=f||p||c!=null;return(0,J.jsxs)(K.Provider,{value:d,children:[c&&(0,J.jsx)(I,{handle:c,store:d}),g&&(0,J.jsx)(me,{store:d,modal:s}),typeof t==`function`?t({payload:m}):t]})});function X(e){return q(!0)?(0,J.jsx)(Y,{props:e}):(0,J.jsx)(g,{children:(0,J.jsx)(Y,{props:e})})}function pe(e,t){let n=z((e,n)=>new ue(t,e,n));return G.useEffect(()=>n.context.stickIfOpenTimeout.disposeEffect(),[n]),n}function me({store:e,modal:t}){let n=e.useState(`floatingRootContext`),r=j(n,{outsidePressEvent:{mouse:t===`trap-focus`?`sloppy`:`intentional`,touch:`sloppy`}}),i=r.reference,a=r.floating;return A(e,{activeTriggerProps:i,inactiveTriggerProps:i,popupProps:a}),null}var Z=G.createContext(void 0);function he(){let e=G.useContext(Z);if(e===void 0)throw Error(F(45));return e}var ge=G.forwardRef(function(e,t){let{keepMounted:n=!1,...r}=e;return q().useState(`mounted`)||n?(0,J.jsx)(Z.Provider,{value:n,children:(0,J.jsx)(H,{ref:t,...r})}):null}),_e=G.createContext(void 0);function ve(){let e=G.useContext(_e);if(!e)throw Error(F(46));return e}var ye=G.forwardRef(function(e,t){let{render:n,className:r,style:i,anchor:s,positionMethod:c,side:u,align:d,sideOffset:p,alignOffset:m,collisionBoundary:h=`clipping-ancestors`,collisionPadding:g,arrowPadding:ee,sticky:b,disableAnchorTracking:x=!1,collisionAvoidance:S=v,...C}=e,w=q(),te=he(),E=ne(),D=w.useState(`floatingRootContext`),O=w.useState(`mounted`),k=w.useState(`open`),A=w.useState(`openChangeReason`),j=w.useState(`activeTriggerElement`),M=w.useState(`modal`),N=w.useState(`openMethod`),P=w.useState(`positionerElement`),F=w.useState(`instantType`),I=w.useState(`transitionStatus`),L=w.useState(`adaptiveOrigin`),R=l({anchor:s,floatingRootContext:D,positionMethod:c,mounted:O,side:u,sideOffset:p,align:d,alignOffset:m,arrowPadding:ee,collisionBoundary:h,collisionPadding:g,sticky:b,disableAnchorTracking:x,keepMounted:te,nodeId:E,collisionAvoidance:S,adaptiveOrigin:L}),z=D.useState(`domReferenceElement`);y({store:w,domReference:z,positionerElement:P,open:k});let B=M===!0&&A!==`trigger-hover`;_(k&&B,N===`touch`,P,j);let V=w.useStateSetter(`positionerElement`),H={open:k,side:R.side,align:R.align,anchorHidden:R.anchorHidden,instant:F},U=o(e,H,{styles:R.positionerStyles,transitionStatus:I,props:C,refs:[t,V],hidden:!O,inert:!k});return(0,J.jsxs)(_e.Provider,{value:R,children:[O&&B&&(0,J.jsx)(f,{inert:a(!k),cutout:j}),(0,J.jsx)(T,{id:E,children:U})]})}),be=G.createContext(void 0);function xe(){let[e,t]=G.useState(0),n=d(()=>(t(e=>e+1),()=>{t(e=>Math.max(0,e-1))}));return{context:G.useMemo(()=>({register:n}),[n]),hasClosePart:e>0}}var Se=G.forwardRef(function(e,t){let{render:r,className:i,style:a,initialFocus:o,finalFocus:l,...u}=e,d=q(),f=ve(),h=B(!0)!=null,{context:g,hasClosePart:_}=xe(),v=d.useState(`open`),y=d.useState(`openMethod`),b=d.useState(`instantType`),x=d.useState(`transitionStatus`),S=d.useState(`popupProps`),C=d.useState(`titleElementId`),w=d.useState(`descriptionElementId`),T=d.useState(`modal`),D=d.useState(`mounted`),O=d.useState(`openChangeReason`),k=d.useState(`activeTriggerElement`),A=d.useState(`floatingRootContext`),j=A.useState(`floatingId`),N=d.useState(`disabled`),P=d.useState(`openOnHover`),F=d.useState(`closeDelay`);te({open:v,ref:d.context.popupRef,onComplete(){v&&d.context.onOpenChangeComplete?.(!0)}}),m(A,{enabled:P&&!N,closeDelay:F});let I=o===void 0?ee(d.context.popupRef):o,L=T!==!1&&_;d.useSyncedValue(`focusManagerModal`,L);let R=d.useStateSetter(`popupElement`),z={open:v,side:f.side,align:f.align,instant:b,transitionStatus:x},ne=V(`div`,e,{state:z,ref:[t,d.context.popupRef,R],props:[S,{id:j,role:`dialog`,...M,"aria-labelledby":C,"aria-describedby":w,onKeyDown(e){h&&p.has(e.key)&&e.stopPropagation()}},c(x),u],stateAttributesMapping:n});return(0,J.jsx)(E,{context:A,openInteractionType:y,modal:L,disabled:!D||O===`trigger-hover`,initialFocus:I,returnFocus:l,restoreFocus:`popup`,getInsideElements:()=>[d.context.beforeTriggerFocusGuardRef.current],previousFocusableElement:s(k)?k:void 0,nextFocusableElement:d.context.triggerFocusTargetRef,beforeContentFocusGuardRef:d.context.beforeContentFocusGuardRef,children:(0,J.jsx)(be.Provider,{value:g,children:ne})})}),Q=`👍 thumbs up yes ok joinha positivo sim pouce oui pulgar si
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
🇪🇺 europe europa union`.split(`
`).map(e=>{let t=e.indexOf(` `);return{sign:e.slice(0,t),words:e.slice(t+1)}}),Ce=`farol.emoji`,we=16,Te=`"Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif`,Ee=8,De=()=>{try{return JSON.parse(localStorage.getItem(Ce)??`[]`)}catch{return[]}};function Oe({area:e,onClose:t}){let n=U(),r=ae(oe),[i]=(0,G.useState)(()=>({start:e.current?.selectionStart??0,end:e.current?.selectionEnd??0})),a=n=>{localStorage.setItem(Ce,JSON.stringify([n,...De().filter(e=>e!==n)].slice(0,we))),t(),requestAnimationFrame(()=>{let t=e.current;if(!t)return;let{value:r}=t,a=i.start+n.length;se(t,r.slice(0,i.start)+n+r.slice(i.end),a,a)})};return r?(0,J.jsx)(ie,{open:!0,sheet:!0,onOpenChange:e=>!e&&t(),title:n(`composer.emoji`),closeLabel:n(`action.close`),children:(0,J.jsx)($,{onPick:a})}):(0,J.jsx)(X,{open:!0,onOpenChange:e=>!e&&t(),children:(0,J.jsx)(ge,{children:(0,J.jsx)(ye,{anchor:e,side:`top`,align:`start`,sideOffset:8,className:`z-50`,children:(0,J.jsx)(Se,{"aria-label":n(`composer.emoji`),className:`overlay w-88 rounded-lg border border-line bg-raised p-2.5 shadow-lg outline-none`,children:(0,J.jsx)($,{onPick:a})})})})})}function $({onPick:e}){let t=U(),[n,r]=(0,G.useState)(``),i=(0,G.useRef)(null),a=W(n.trim()).split(/\s+/).filter(Boolean),o=(0,G.useMemo)(()=>{if(a.length>0)return Q.filter(e=>a.every(t=>W(e.words).split(` `).some(e=>e.startsWith(t))));let e=De();return[...e.flatMap(e=>Q.find(t=>t.sign===e)??[]),...Q.filter(t=>!e.includes(t.sign))]},[n]);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(re,{type:`search`,"aria-label":t(`composer.emoji.search`),placeholder:t(`composer.emoji.search`),value:n,onChange:e=>r(e.target.value),onKeyDown:t=>{t.key===`Enter`&&o[0]?e(o[0].sign):t.key===`ArrowDown`&&i.current?.querySelector(`button`)?.focus()}}),(0,J.jsx)(`div`,{ref:i,role:`group`,"aria-label":t(`composer.emoji`),onKeyDown:e=>{let t={ArrowRight:1,ArrowLeft:-1,ArrowDown:Ee,ArrowUp:-8}[e.key];if(!t)return;let n=[...i.current?.querySelectorAll(`button`)??[]],r=n[n.indexOf(document.activeElement)+t];r&&(e.preventDefault(),r.focus())},className:`mt-2 grid max-h-64 grid-cols-8 gap-0.5 overflow-y-auto`,children:o.map(({sign:t,words:n})=>(0,J.jsx)(`button`,{type:`button`,"aria-label":`${t} ${n.split(` `)[0]}`,title:n.split(` `).slice(0,4).join(`, `),onClick:()=>e(t),className:`flex aspect-square items-center justify-center rounded-md text-xl hover:bg-hover`,children:(0,J.jsx)(`span`,{style:{fontFamily:Te},children:t})},t))}),o.length===0&&(0,J.jsx)(`p`,{role:`status`,className:`py-4 text-center text-sm text-text-3`,children:t(`composer.emoji.none`)})]})}export{ge as a,ye as i,$ as n,X as o,Se as r,q as s,Oe as t};