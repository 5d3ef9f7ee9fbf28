//! The newest hours of the demo's past: a few conversations in which everything happens that can happen to a message,
//! over both kinds of connection. Whoever opens the demo sees each kind of bubble without looking for it.

use super::{
    props::{BLINKING, BREAKDOWN, DASHBOARD, HARMFUL, LOADING, PASSING, Prop, QUOTE, STICKER, TYRE, VOICE},
    stage::{Fate, Stage, rich, somebody},
};
use crate::{
    base::{Actor, Result},
    conversations::{
        Button, Extra, Interactive, InteractiveKind, MessageKind, NewMessage, Place, Row, Section, TemplateUse, TemplateVariable,
    },
};
use serde_json::{Value, json};

/// Tells all of it; gives when each customer over the Cloud API last wrote, as seconds before now. `owner` and
/// `colleague` answer.
///
/// # Errors
/// What a command says.
pub async fn tell(stage: &Stage<'_>, owner: &Actor, colleague: &Actor) -> Result<Vec<(String, u64)>> {
    by_the_road(stage, owner, colleague).await?;
    at_the_office(stage, owner).await?;
    over_the_phone(stage, owner).await?;
    in_a_group(stage, owner, colleague).await?;
    without_a_number(stage).await?;
    Ok(vec![(JULIANA.0.to_owned(), 260), (OTTO.0.to_owned(), 700)])
}

/// Number and name of who writes from the roadside.
const JULIANA: (&str, &str) = ("5500900500001", "Juliana Prado");
/// Number and name of who runs a fleet.
const OTTO: (&str, &str) = ("5500900500002", "Otto Ferraz");
/// The same for a customer over WAHA.
const LIVIA: (&str, &str) = ("5500900500003@c.us", "Lívia Mota");
const GROUP: &str = "120363000000000001@g.us";
const MEMBERS: [(&str, &str); 3] =
    [("5500900500011@c.us", "Seu Nilo"), ("5500900500012@c.us", "Bete Frota"), ("5500900500013@c.us", "Tiago Pátio")];

fn text(body: &str) -> Value {
    json!({"type": "text", "text": {"body": body}})
}

fn answering(mut content: Value, id: &str) -> Value {
    content["context"] = json!({"id": id});
    content
}

/// Words, pictures, sounds, files; reactions, edits and what was taken back.
async fn by_the_road(stage: &Stage<'_>, owner: &Actor, colleague: &Actor) -> Result<()> {
    let juliana = &somebody(JULIANA.0, JULIANA.1);
    let first = stage.cloud(88_000, juliana, text("Oi! Vocês atendem a BR-101 à noite?")).await?;
    let here = stage.conversation_of(&first)?;
    let say = |words: &str| NewMessage::text(here, words);
    stage.says(87_700, colleague, say("Atendemos sim, 24 horas. É só chamar. 🚚"), Fate::Read).await?;
    let words = "*Socorro*, meu carro parou.\n_Não liga de jeito nenhum_, nem com ~chupeta~.\n\
        ```erro P0562```\nVeja onde: https://maps.example.com/?q=-23.5,-46.6";
    let trouble = stage.cloud(3_400, juliana, text(words)).await?;
    stage.cloud_file(3_340, juliana, "image", BREAKDOWN, json!({"caption": "Estou aqui, com o triângulo armado"})).await?;
    for (ago, prop) in [(3_322, TYRE), (3_321, DASHBOARD), (3_320, LOADING)] {
        stage.cloud_file(ago, juliana, "image", prop, json!({})).await?;
    }
    stage.cloud_file(3_200, juliana, "audio", VOICE, json!({"voice": true})).await?;
    stage.cloud_file(3_100, juliana, "video", PASSING, json!({"caption": "Os carros passam muito perto"})).await?;
    stage.notes(3_050, owner, here, "Cliente com criança no carro: prioridade.").await?;
    let place =
        json!({"latitude": -23.561_414, "longitude": -46.655_881, "name": "Posto Aurora", "address": "Rodovia BR-101, km 214"});
    let place = stage.cloud(3_000, juliana, json!({"type": "location", "location": place})).await?;
    let reply = NewMessage { reply_to: Some(message(stage, &trouble)?), ..say("Recebido, Juliana. O guincho sai *agora*.") };
    let reply = stage.says(2_900, owner, reply, Fate::Read).await?;
    stage
        .cloud(2_880, juliana, json!({"type": "reaction", "reaction": {"message_id": reply.external_id, "emoji": "🙏"}}))
        .await?;
    stage.reacts(2_870, owner, &place, "👍").await?;
    stage.sends(2_600, owner, here, (MessageKind::Image, LOADING), "Este é o caminhão que vai até você").await?;
    stage.sends(2_560, owner, here, (MessageKind::Audio, VOICE), "").await?;
    stage.sends(2_500, owner, here, (MessageKind::Document, QUOTE), "Segue o orçamento").await?;
    let quoted = stage.cloud(2_300, juliana, answering(text("Fechado! Aceita PIX?"), &reply.external_id)).await?;
    let edit =
        json!({"original_message_id": quoted, "message": {"type": "text", "text": {"body": "Fechado! Aceita PIX ou cartão?"}}});
    stage.cloud(2_280, juliana, json!({"type": "edit", "edit": edit})).await?;
    stage.says(2_200, owner, say("Os dois. 😊"), Fate::Read).await?;
    let wrong = stage.cloud(2_100, juliana, text("Minha senha é… ops, conversa errada")).await?;
    stage.cloud(2_090, juliana, json!({"type": "revoke", "revoke": {"original_message_id": wrong}})).await?;
    let forwarded = json!({"type": "text", "text": {"body": "Motorista Nilo chega em 25 min. Placa FAR0L21."}, "context": {"forwarded": true}});
    stage.cloud(1_900, juliana, forwarded).await?;
    stage.cloud_file(1_500, juliana, "sticker", STICKER, json!({})).await?;
    stage.cloud_file(1_490, juliana, "sticker", BLINKING, json!({"animated": true})).await?;
    stage.cloud_file(900, juliana, "document", HARMFUL, json!({"caption": "Vi este boleto, é de vocês?"})).await?;
    stage.lose(800, juliana, "image", "image/jpeg").await?;
    stage.says(420, owner, say("Esse boleto *não* é nosso, Juliana. Não abra!"), Fate::Delivered).await?;
    stage.cloud(260, juliana, text("Ufa! O guincho chegou. Obrigada!! 🎉")).await?;
    Ok(())
}

fn message(stage: &Stage<'_>, external_id: &str) -> Result<crate::base::MessageId> {
    stage.store.view(stage.tenant, |view| Ok(crate::conversations::message_named(view, external_id)?.id))
}

/// Buttons, lists, templates, baskets, cards, notices; and what did not go out.
async fn at_the_office(stage: &Stage<'_>, owner: &Actor) -> Result<()> {
    let otto = &somebody(OTTO.0, OTTO.1);
    let first = stage.cloud(7_200, otto, text("Bom dia, quero um contrato para a frota")).await?;
    let here = stage.conversation_of(&first)?;
    let button = |id: &str, title: &str| Button { id: id.to_owned(), title: title.to_owned(), url: None };
    let interactive = |kind, header: Option<&str>, buttons, sections| Extra {
        interactive: Some(Interactive {
            kind,
            header: header.map(str::to_owned),
            footer: Some("Farol do Sul".to_owned()),
            buttons,
            sections,
            parameters: None,
        }),
        ..Extra::default()
    };
    let buttons = vec![button("frota", "Frota"), button("avulso", "Avulso"), button("falar", "Falar com alguém")];
    let asked = interactive(InteractiveKind::Buttons, Some("Contratos"), buttons, Vec::new());
    let asked = rich(here, MessageKind::Interactive, "Que tipo de contrato?", asked);
    let asked = stage.says(7_100, owner, asked, Fate::Read).await?;
    let chosen = json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "frota", "title": "Frota"}}});
    stage.cloud(7_000, otto, answering(chosen, &asked.external_id)).await?;
    let row = |id: &str, title: &str, description: &str| Row {
        id: id.to_owned(),
        title: title.to_owned(),
        description: Some(description.to_owned()),
    };
    let rows = vec![row("p10", "Até 10 veículos", "R$ 900 por mês"), row("p30", "Até 30 veículos", "R$ 2.100 por mês")];
    let more = vec![row("p99", "Acima de 30", "Sob consulta")];
    let section = |title: &str, rows| Section { title: Some(title.to_owned()), rows };
    let list = interactive(
        InteractiveKind::List,
        None,
        vec![button("ver", "Ver planos")],
        vec![section("Pequenas", rows), section("Grandes", more)],
    );
    let list = rich(here, MessageKind::Interactive, "Escolha o plano para a sua frota:", list);
    let list = stage.says(6_900, owner, list, Fate::Read).await?;
    let row = json!({"id": "p30", "title": "Até 30 veículos", "description": "R$ 2.100 por mês"});
    let chosen = json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}});
    stage.cloud(6_800, otto, answering(chosen, &list.external_id)).await?;
    let link =
        Button { id: "site".into(), title: "Abrir contrato".into(), url: Some("https://contratos.example.com/4711".into()) };
    let link = interactive(InteractiveKind::Link, None, vec![link], Vec::new());
    stage
        .says(6_700, owner, rich(here, MessageKind::Interactive, "O contrato está pronto para assinar.", link), Fate::Read)
        .await?;
    let card = json!([{"name": {"formatted_name": "Rosa Ferraz", "first_name": "Rosa"}, "org": {"company": "Ferraz Transportes", "department": "Financeiro"},
        "phones": [{"phone": "+55 00 900 500 021", "wa_id": "5500900500021", "type": "WORK"}],
        "emails": [{"email": "rosa@example.com", "type": "WORK"}]}]);
    stage.cloud(6_500, otto, json!({"type": "contacts", "contacts": card})).await?;
    let basket = json!({"catalog_id": "900000000000001", "text": "Para a oficina também", "product_items": [
        {"product_retailer_id": "cabo-de-bateria", "quantity": 2, "item_price": 89.9, "currency": "BRL"},
        {"product_retailer_id": "triangulo", "quantity": 4, "item_price": 35, "currency": "BRL"}]});
    stage.cloud(6_300, otto, json!({"type": "order", "order": basket})).await?;
    let variable = |name: &str, value: &str| TemplateVariable {
        component: "body".into(),
        button: None,
        name: name.into(),
        value: value.into(),
    };
    let template = TemplateUse {
        name: "contrato_pronto".into(),
        language: "pt_BR".into(),
        category: Some("UTILITY".into()),
        variables: vec![variable("1", "Otto"), variable("2", "4711")],
    };
    let template = Extra { template: Some(template), ..Extra::default() };
    let words = "Olá Otto, o seu contrato 4711 está pronto. Responda para agendar a assinatura.";
    let sent = stage.says(5_000, owner, rich(here, MessageKind::Template, words, template), Fate::Read).await?;
    let pressed = json!({"type": "button", "button": {"payload": "AGENDAR", "text": "Agendar"}});
    stage.cloud(4_800, otto, answering(pressed, &sent.external_id)).await?;
    let keys = json!({"type": "customer_identity_changed", "body": "Otto Ferraz mudou de aparelho", "customer": OTTO.0});
    stage.cloud(4_700, otto, json!({"type": "system", "system": keys})).await?;
    let unsupported = json!([{"code": 131_051, "title": "Unsupported message type"}]);
    stage.cloud(4_600, otto, json!({"type": "unsupported", "errors": unsupported})).await?;
    let say = |words: &str| NewMessage::text(here, words);
    let meeting = Place {
        name: Some("Farol do Sul".into()),
        address: Some("Av. do Porto, 100".into()),
        ..Place::at(-27.6, -48.5).unwrap_or_default()
    };
    let meeting = Extra { place: Some(meeting), ..Extra::default() };
    stage.says(4_400, owner, rich(here, MessageKind::Location, "", meeting), Fate::Read).await?;
    let failed = Fate::Failed("131026", "Message undeliverable.", "check_recipient");
    stage.says(4_000, owner, say("Às 15h fica bom?"), failed).await?;
    stage.says(3_900, owner, say("Às 15h fica bom para você?"), Fate::Sent).await?;
    stage.says(3_800, owner, say("Segue também o endereço: Av. do Porto, 100"), Fate::Unknown).await?;
    stage.cloud(700, otto, text("Perfeito, às 15h então.")).await?;
    Ok(())
}

/// What differs where a session carries it: a poll with votes, a call, a card as vCard.
async fn over_the_phone(stage: &Stage<'_>, owner: &Actor) -> Result<()> {
    let (chat, name) = LIVIA;
    let first = stage.waha_says(5_200, chat, None, name, json!({"body": "Olá, vi o número no adesivo do *guincho* 🙂"})).await?;
    let here = stage.conversation_of(&first)?;
    let answer = stage.says(5_000, owner, NewMessage::text(here, "Olá Lívia! Como podemos ajudar?"), Fate::Read).await?;
    let from_me = format!("true_{chat}_{}", answer.external_id);
    stage.waha_file(4_800, (chat, None, name), "ptt", VOICE, "").await?;
    stage.waha_file(4_700, (chat, None, name), "image", DASHBOARD, "A luz da bateria acendeu").await?;
    let place = json!({"location": {"latitude": "-27.5954", "longitude": "-48.548", "description": "Mercado do Porto"}});
    stage.waha_says(4_600, chat, None, name, place).await?;
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Oficina do Beto\nTEL;type=CELL;waid=5500900500022:+55 00 900 500 022\nEND:VCARD";
    stage.waha_says(4_500, chat, None, name, json!({"vCards": [card]})).await?;
    let react = json!({"id": format!("false_{chat}_{}", stage.bare_id()), "from": chat, "fromMe": false,
        "reaction": {"text": "❤️", "messageId": from_me}});
    stage.waha(4_480, "message.reaction", react).await?;
    let said = stage.waha_says(4_300, chat, None, name, json!({"body": "Moro na rua das Palmeiras, 12"})).await?;
    let edited = json!({"id": format!("false_{chat}_{}", stage.bare_id()), "from": chat, "fromMe": false,
        "editedMessageId": said, "body": "Moro na rua das Palmeiras, 21"});
    stage.waha(4_280, "message.edited", edited).await?;
    let call = json!({"id": stage.bare_id(), "from": chat, "timestamp": stage.now.as_millis() / 1_000 - 4_000, "isVideo": false, "isGroup": false});
    stage.waha(4_000, "call.received", call).await?;
    let from_phone = json!({"id": format!("true_{chat}_{}", stage.bare_id()), "timestamp": stage.now.as_millis() / 1_000 - 3_900,
        "from": "me", "to": chat, "fromMe": true, "source": "app", "body": "Atendi pelo celular, já volto aqui", "hasMedia": false});
    stage.waha(3_900, "message.any", from_phone).await?;
    let wrong = stage.waha_says(3_700, chat, None, name, json!({"body": "apaga"})).await?;
    let revoked = json!({"id": format!("false_{chat}_{wrong}"), "from": chat, "fromMe": false, "revokedMessageId": wrong});
    stage.waha(3_690, "message.revoked", revoked).await?;
    let quoted = json!({"body": "Isso, essa mesma", "replyTo": {"id": answer.external_id, "body": "Como podemos ajudar?"}});
    stage.waha_says(520, chat, None, name, quoted).await?;
    Ok(())
}

/// Several people in one conversation.
async fn in_a_group(stage: &Stage<'_>, owner: &Actor, colleague: &Actor) -> Result<()> {
    let [nilo, bete, tiago] = MEMBERS;
    let named = json!({"group": {"id": GROUP, "subject": "Plantão Ferraz & Farol", "description": "Guinchos da frota",
        "participants": MEMBERS.map(|(id, _)| json!({"id": id, "role": "participant"}))}, "timestamp": stage.now.as_millis() / 1_000 - 6_100});
    stage.waha(6_100, "group.v2.join", named).await?;
    let in_group = |body: &str| json!({"body": body, "_data": {"groupName": "Plantão Ferraz & Farol"}});
    let said =
        async |ago, (id, name): (&str, &str), body: &str| stage.waha_says(ago, GROUP, Some(id), name, in_group(body)).await;
    let first = said(6_000, nilo, "Bom dia grupo, caminhão 3 parado na BR-282").await?;
    let here = stage.conversation_of(&first)?;
    stage.waha_file(5_950, (GROUP, Some(nilo.0), nilo.1), "image", BREAKDOWN, "Assim está").await?;
    said(5_900, bete, "Alguém perto?").await?;
    let quoted = json!({"body": "Eu, a 15 minutos", "replyTo": {"id": first, "participant": nilo.0, "body": "Bom dia grupo"}});
    stage.waha_says(5_850, GROUP, Some(tiago.0), tiago.1, quoted).await?;
    let answer =
        stage.says(5_700, colleague, NewMessage::text(here, "O Tiago assume. Nilo, mande a chave do pátio."), Fate::Read).await?;
    for (ago, (id, _), emoji) in [(5_690, nilo, "👍"), (5_680, bete, "👍"), (5_670, tiago, "💪")] {
        let react = json!({"id": format!("false_{GROUP}_{}_{id}", stage.bare_id()), "from": GROUP, "participant": id, "fromMe": false,
            "reaction": {"text": emoji, "messageId": format!("true_{GROUP}_{}", answer.external_id)}});
        stage.waha(ago, "message.reaction", react).await?;
    }
    let poll =
        json!({"poll": {"name": "Quem cobre a noite?", "options": ["Nilo", "Tiago", "Reserva"], "multipleAnswers": false}});
    let poll = stage.waha_says(5_000, GROUP, Some(bete.0), bete.1, poll).await?;
    for (ago, (id, _), option) in [(4_900, nilo, "Nilo"), (4_800, tiago, "Tiago"), (4_700, bete, "Nilo")] {
        let vote = json!({"id": format!("false_{GROUP}_{}_{id}", stage.bare_id()), "from": id, "to": GROUP, "participant": id,
            "fromMe": false, "selectedOptions": [option], "timestamp": (stage.now.as_millis() / 1_000) - ago});
        let about = json!({"id": format!("false_{GROUP}_{poll}_{}", bete.0), "from": bete.0, "to": GROUP, "fromMe": false});
        stage.waha(ago.unsigned_abs(), "poll.vote", json!({"vote": vote, "poll": about})).await?;
    }
    let clip: Prop = PASSING;
    stage.waha_file(2_000, (GROUP, Some(tiago.0), tiago.1), "video", clip, "").await?;
    stage.sends(1_900, owner, here, (MessageKind::Document, QUOTE), "Ordem de serviço para assinar").await?;
    stage.waha_file(1_800, (GROUP, Some(bete.0), bete.1), "sticker", STICKER, "").await?;
    said(380, tiago, "Entregue no pátio ✅").await?;
    Ok(())
}

/// Somebody whose number WhatsApp does not show.
async fn without_a_number(stage: &Stage<'_>) -> Result<()> {
    let chat = "900000000000017@lid";
    stage.waha_says(640, chat, None, "Duda", json!({"body": "Boa noite, quanto custa rebocar uma moto?"})).await?;
    Ok(())
}
