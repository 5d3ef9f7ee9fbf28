import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{$t as t,At as n,Bt as r,Et as i,Ft as a,Hn as o,Ht as s,It as c,Kt as l,Lt as u,Mn as d,Mt as f,Nt as p,Ot as m,Pt as h,Qt as g,R as _,Rt as v,Tr as y,U as b,Vt as x,Wt as S,Xt as C,Yt as w,Zt as T,et as E,ft as ee,ht as D,jt as O,kt as k,lr as A,mn as j,nn as M,nt as te,pt as N,qt as P,sn as F,tn as I,tt as L,vn as R,wn as ne,wr as z,xn as B,z as V,zt as H}from"./kit-D7Qigk13.js";import{Q as U,U as W,c as re,n as ie,r as ae,w as G}from"./core-CWZEvi5J.js";import{i as oe}from"./MarkButtons-CcyRNHv1.js";var K=e(y(),1),q=K.createContext(void 0);function J(e){let t=K.useContext(q);if(t===void 0&&!e)throw Error(l(47));return t}var se=e(z(),1),ce={...k,disabled:e=>e.disabled,instantType:e=>e.instantType===`trigger-change`&&!k.open(e)?void 0:e.instantType,openMethod:e=>e.openMethod,openChangeReason:e=>e.openChangeReason,isPressOpenedByTrigger:(e,t)=>e.openChangeReason===`trigger-press`&&k.isOpenedByTrigger(e,t),isTouchPressOpen:(e,t)=>t&&e.openMethod===`touch`&&e.openChangeReason===`trigger-press`,hasTriggerFocusGuards:(e,t)=>k.isOpenedByTrigger(e,t)&&!e.focusManagerModal,modal:e=>e.modal,titleElementId:e=>e.titleElementId,descriptionElementId:e=>e.descriptionElementId,openOnHover:e=>e.openOnHover,closeDelay:e=>e.closeDelay,adaptiveOrigin:e=>e.adaptiveOrigin},le=class extends n{constructor(e,t,n){let r=new f;super(ue(e,r,t,n),de(r),ce)}setOpen=(e,t)=>{let n=t.reason===R,r=t.reason===`trigger-press`&&t.event.detail===0,i=!e&&(t.reason===`escape-key`||t.reason==null),o=a(t),s=this.select(`activeTriggerId`);if(!e&&t.reason===`close-press`&&t.trigger==null&&s!=null&&(t.trigger=this.context.triggerElements.getById(s)??this.select(`activeTriggerElement`)??void 0),this.context.onOpenChange?.(e,t),t.isCanceled)return;this.state.floatingRootContext.dispatchOpenChange(e,t);let c=()=>{let n=u(this.state,e,t.trigger,o());n.openChangeReason=t.reason,this.update(n)};n?(this.context.stickIfOpen=!0,this.context.stickIfOpenTimeout.start(500,()=>{this.context.stickIfOpen=!1}),se.flushSync(c)):c();let l;r?l=`click`:i?l=`dismiss`:t.reason===`focus-out`&&(l=`focus`),this.set(`instantType`,l)}};function ue(e,t,n,r=!1){let i={...m(t,n,r),disabled:!1,modal:!1,focusManagerModal:!1,instantType:void 0,openMethod:null,openChangeReason:null,titleElementId:void 0,descriptionElementId:void 0,openOnHover:!1,closeDelay:0,adaptiveOrigin:void 0,...e};return i.open&&e?.mounted===void 0&&(i.mounted=!0),i}function de(e){return{popupRef:K.createRef(),onOpenChange:void 0,onOpenChangeComplete:void 0,triggerFocusTargetRef:K.createRef(),beforeTriggerFocusGuardRef:K.createRef(),beforeContentFocusGuardRef:K.createRef(),stickIfOpenTimeout:new d,stickIfOpen:!0,triggerElements:e}}var Y=A(),X=O(function({props:e}){let{children:t,open:n,defaultOpen:r=!1,onOpenChange:i,onOpenChangeComplete:a,modal:o=!1,handle:c,triggerId:l,defaultTriggerId:u=null}=e,d=fe(c,{modal:o,open:r,openProp:n,activeTriggerId:u,triggerIdProp:l});d.useControlledProp(`openProp`,n),d.useControlledProp(`triggerIdProp`,l);let f=d.useState(`open`),p=d.useState(`mounted`),m=d.useState(`payload`);d.useContextCallback(`onOpenChange`,i),d.useContextCallback(`onOpenChangeComplete`,a),s(d,f),v(d);let{forceUnmount:g}=H(f,d,()=>{d.context.stickIfOpen=!0,d.set(`openChangeReason`,null)});d.useSyncedValues({modal:o}),K.useEffect(()=>{f||d.context.stickIfOpenTimeout.clear()},[d,f]),K.useImperativeHandle(e.actionsRef,()=>({unmount:g,close:()=>d.setOpen(!1,B(j))}),[g,d]);let _=f||p||c!=null;return(0,Y.jsxs)(q.Provider,{value:d,children:[c&&(0,Y.jsx)(h,{handle:c,store:d}),_&&(0,Y.jsx)(pe,{store:d,modal:o}),typeof t==`function`?t({payload:m}):t]})});function Z(e){return J(!0)?(0,Y.jsx)(X,{props:e}):(0,Y.jsx)(T,{children:(0,Y.jsx)(X,{props:e})})}function fe(e,t){let n=x((e,n)=>new le(t,e,n));return K.useEffect(()=>n.context.stickIfOpenTimeout.disposeEffect(),[n]),n}function pe({store:e,modal:t}){let n=e.useState(`floatingRootContext`),i=P(n,{outsidePressEvent:{mouse:t===`trap-focus`?`sloppy`:`intentional`,touch:`sloppy`}}),a=i.reference,o=i.floating;return r(e,{activeTriggerProps:a,inactiveTriggerProps:a,popupProps:o}),null}var me=K.createContext(void 0);function he(){let e=K.useContext(me);if(e===void 0)throw Error(l(45));return e}var ge=K.forwardRef(function(e,n){let{keepMounted:r=!1,...i}=e;return J().useState(`mounted`)||r?(0,Y.jsx)(me.Provider,{value:r,children:(0,Y.jsx)(t,{ref:n,...i})}):null}),_e=K.createContext(void 0);function ve(){let e=K.useContext(_e);if(!e)throw Error(l(46));return e}var ye=K.forwardRef(function(e,t){let{render:n,className:r,style:i,anchor:a,positionMethod:o,side:s,align:c,sideOffset:l,alignOffset:u,collisionBoundary:d=`clipping-ancestors`,collisionPadding:f,arrowPadding:p,sticky:m,disableAnchorTracking:h=!1,collisionAvoidance:v=I,...y}=e,b=J(),x=he(),S=g(),w=b.useState(`floatingRootContext`),T=b.useState(`mounted`),D=b.useState(`open`),O=b.useState(`openChangeReason`),k=b.useState(`activeTriggerElement`),A=b.useState(`modal`),j=b.useState(`openMethod`),M=b.useState(`positionerElement`),P=b.useState(`instantType`),F=b.useState(`transitionStatus`),L=b.useState(`adaptiveOrigin`),R=te({anchor:a,floatingRootContext:w,positionMethod:o,mounted:T,side:s,sideOffset:l,align:c,alignOffset:u,arrowPadding:p,collisionBoundary:d,collisionPadding:f,sticky:m,disableAnchorTracking:h,keepMounted:x,nodeId:S,collisionAvoidance:v,adaptiveOrigin:L}),ne=w.useState(`domReferenceElement`);V({store:b,domReference:ne,positionerElement:M,open:D});let z=A===!0&&O!==`trigger-hover`;_(D&&z,j===`touch`,M,k);let B=b.useStateSetter(`positionerElement`),H={open:D,side:R.side,align:R.align,anchorHidden:R.anchorHidden,instant:P},U=E(e,H,{styles:R.positionerStyles,transitionStatus:F,props:y,refs:[t,B],hidden:!T,inert:!D});return(0,Y.jsxs)(_e.Provider,{value:R,children:[T&&z&&(0,Y.jsx)(ee,{inert:N(!D),cutout:k}),(0,Y.jsx)(C,{id:S,children:U})]})}),be=K.createContext(void 0);function xe(){let[e,t]=K.useState(0),n=F(()=>(t(e=>e+1),()=>{t(e=>Math.max(0,e-1))}));return{context:K.useMemo(()=>({register:n}),[n]),hasClosePart:e>0}}var Se=K.forwardRef(function(e,t){let{render:n,className:r,style:a,initialFocus:s,finalFocus:l,...u}=e,d=J(),f=ve(),m=b(!0)!=null,{context:h,hasClosePart:g}=xe(),_=d.useState(`open`),v=d.useState(`openMethod`),y=d.useState(`instantType`),x=d.useState(`transitionStatus`),C=d.useState(`popupProps`),T=d.useState(`titleElementId`),E=d.useState(`descriptionElementId`),ee=d.useState(`modal`),O=d.useState(`mounted`),k=d.useState(`openChangeReason`),A=d.useState(`activeTriggerElement`),j=d.useState(`floatingRootContext`),te=j.useState(`floatingId`),N=d.useState(`disabled`),P=d.useState(`openOnHover`),F=d.useState(`closeDelay`);S({open:_,ref:d.context.popupRef,onComplete(){_&&d.context.onOpenChangeComplete?.(!0)}}),i(j,{enabled:P&&!N,closeDelay:F});let I=s===void 0?c(d.context.popupRef):s,R=ee!==!1&&g;d.useSyncedValue(`focusManagerModal`,R);let z=d.useStateSetter(`popupElement`),B={open:_,side:f.side,align:f.align,instant:y,transitionStatus:x},V=M(`div`,e,{state:B,ref:[t,d.context.popupRef,z],props:[C,{id:te,role:`dialog`,...p,"aria-labelledby":T,"aria-describedby":E,onKeyDown(e){m&&D.has(e.key)&&e.stopPropagation()}},L(x),u],stateAttributesMapping:ne});return(0,Y.jsx)(w,{context:j,openInteractionType:v,modal:R,disabled:!O||k===`trigger-hover`,initialFocus:I,returnFocus:l,restoreFocus:`popup`,getInsideElements:()=>[d.context.beforeTriggerFocusGuardRef.current],previousFocusableElement:o(A)?A:void 0,nextFocusableElement:d.context.triggerFocusTargetRef,beforeContentFocusGuardRef:d.context.beforeContentFocusGuardRef,children:(0,Y.jsx)(be.Provider,{value:h,children:V})})}),Q=`👍 thumbs up yes ok joinha positivo sim pouce oui pulgar si
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
`).map(e=>{let t=e.indexOf(` `);return{sign:e.slice(0,t),words:e.slice(t+1)}}),Ce=`farol.emoji`,we=16,Te=`"Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif`,Ee=()=>{try{return JSON.parse(localStorage.getItem(Ce)??`[]`)}catch{return[]}};function De({area:e,onClose:t}){let n=W(),r=ae(ie),[i]=(0,K.useState)(()=>({start:e.current?.selectionStart??0,end:e.current?.selectionEnd??0})),a=n=>{localStorage.setItem(Ce,JSON.stringify([n,...Ee().filter(e=>e!==n)].slice(0,we))),t(),requestAnimationFrame(()=>{let t=e.current;if(!t)return;let{value:r}=t,a=i.start+n.length;oe(t,r.slice(0,i.start)+n+r.slice(i.end),a,a)})};return r?(0,Y.jsx)(U,{open:!0,sheet:!0,onOpenChange:e=>!e&&t(),title:n(`composer.emoji`),closeLabel:n(`action.close`),children:(0,Y.jsx)($,{onPick:a})}):(0,Y.jsx)(Z,{open:!0,onOpenChange:e=>!e&&t(),children:(0,Y.jsx)(ge,{children:(0,Y.jsx)(ye,{anchor:e,side:`top`,align:`start`,sideOffset:8,className:`z-50`,children:(0,Y.jsx)(Se,{"aria-label":n(`composer.emoji`),className:`overlay w-88 rounded-lg border border-line bg-raised p-2.5 shadow-lg outline-none`,children:(0,Y.jsx)($,{onPick:a})})})})})}function $({onPick:e}){let t=W(),[n,r]=(0,K.useState)(``),i=(0,K.useRef)(null),a=G(n.trim()).split(/\s+/).filter(Boolean),o=(0,K.useMemo)(()=>{if(a.length>0)return Q.filter(e=>a.every(t=>G(e.words).split(` `).some(e=>e.startsWith(t))));let e=Ee();return[...e.flatMap(e=>Q.find(t=>t.sign===e)??[]),...Q.filter(t=>!e.includes(t.sign))]},[n]);return(0,Y.jsxs)(Y.Fragment,{children:[(0,Y.jsx)(re,{type:`search`,"aria-label":t(`composer.emoji.search`),placeholder:t(`composer.emoji.search`),value:n,onChange:e=>r(e.target.value),onKeyDown:t=>{t.key===`Enter`&&t.preventDefault(),t.key===`Enter`&&o[0]?e(o[0].sign):t.key===`ArrowDown`&&i.current?.querySelector(`button`)?.focus()}}),(0,Y.jsx)(`div`,{ref:i,role:`group`,"aria-label":t(`composer.emoji`),onKeyDown:e=>{let t=i.current?getComputedStyle(i.current).gridTemplateColumns.split(` `).length:1,n={ArrowRight:1,ArrowLeft:-1,ArrowDown:t,ArrowUp:-t}[e.key];if(!n)return;let r=[...i.current?.querySelectorAll(`button`)??[]],a=r[r.indexOf(document.activeElement)+n];a&&(e.preventDefault(),a.focus())},className:`mt-2 grid max-h-64 grid-cols-8 gap-0.5 max-sm:grid-cols-7 overflow-y-auto`,children:o.map(({sign:t,words:n})=>(0,Y.jsx)(`button`,{type:`button`,"aria-label":`${t} ${n.split(` `)[0]}`,title:n.split(` `).slice(0,4).join(`, `),onClick:()=>e(t),className:`flex aspect-square items-center justify-center rounded-md text-xl hover:bg-hover`,children:(0,Y.jsx)(`span`,{style:{fontFamily:Te},children:t})},t))}),o.length===0&&(0,Y.jsx)(`p`,{role:`status`,className:`py-4 text-center text-sm text-text-3`,children:t(`composer.emoji.none`)})]})}export{ge as a,ye as i,$ as n,Z as o,Se as r,J as s,De as t};