//! Who types, both ways: colleagues see each other and the customer, the customer sees us, and nothing of it stays
//! (MSG-74, RTE-09, RTE-10).

use super::{
    app::Screen,
    paired::{CUSTOMER, Paired},
    schedule::OnNumber,
};
use crate::harness::until_so;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_session_both_sides_see_each_other_type() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    let colleague = firm.house.hire(&firm.owner, "Rui", "rui@example.com", "SUPERVISOR").await;
    let stranger = firm.house.hire(&firm.owner, "Zoe", "zoe@example.com", "AGENT").await;
    let mut mine = Screen::open(&firm.house.url, &firm.owner.token, "").await;
    let mut theirs = Screen::open(&firm.house.url, &colleague.token, "").await;
    let mut blind = Screen::open(&firm.house.url, &stranger.token, "").await;
    let before = firm.house.kit.store().head();

    // The customer types: whoever may see the conversation is told, and the session is asked to tell.
    mine.says(json!({"type": "viewing", "conversationId": conversation})).await;
    until_so("the session listens", || firm.waha.acted().iter().any(|a| a.verb == "subscribe" && a.target.contains(CUSTOMER)))
        .await;
    let presence = json!({"id": format!("{CUSTOMER}@c.us"), "presences": [{"participant": format!("{CUSTOMER}@c.us"),
        "lastKnownPresence": "typing"}]});
    firm.waha.event("default", "presence.update", presence);
    let seen = mine.sees("typing").await;
    assert_eq!((&seen["data"]["isTyping"], &seen["data"]["conversationId"]), (&json!(true), &json!(conversation)));
    assert!(seen["data"]["contactId"].is_string() && seen["data"]["until"].is_string() && seen["seq"].is_null(), "{seen}");
    assert_eq!(seen["data"]["name"], "Ana");
    assert_eq!(theirs.sees("typing").await["data"]["contactId"], seen["data"]["contactId"]);

    // One of us types: colleagues and the customer see it, once a while; whoever may not see it neither says nor hears.
    blind.says(json!({"type": "typing", "conversationId": conversation, "isTyping": true})).await;
    for _ in 0..5 {
        mine.says(json!({"type": "typing", "conversationId": conversation, "isTyping": true})).await;
    }
    let seen = theirs.sees("typing").await;
    assert_eq!((&seen["data"]["userId"], &seen["data"]["isTyping"]), (&json!(firm.owner.id), &json!(true)));
    until_so("the customer sees it", || firm.waha.called().iter().any(|verb| verb == "startTyping")).await;
    mine.says(json!({"type": "typing", "conversationId": conversation, "isTyping": false})).await;
    assert_eq!(theirs.sees("typing").await["data"]["isTyping"], false);
    until_so("it ends for the customer", || firm.waha.called().iter().any(|verb| verb == "stopTyping")).await;
    assert_eq!(firm.waha.called().iter().filter(|verb| *verb == "startTyping").count(), 1);

    // The words of the ticket API; and what is a note is nobody's outside.
    mine.says(json!({"type": "ticket:typing", "ticketId": conversation, "userId": stranger.id})).await;
    assert_eq!(theirs.sees("typing").await["data"]["userId"], json!(firm.owner.id), "nobody types for another");
    // … which may name the ticket by its running number.
    mine.says(json!({"type": "ticket:typing", "ticketId": conversation, "isTyping": false})).await;
    assert_eq!(theirs.sees("typing").await["data"]["isTyping"], false);
    for number in [json!(1), json!("1")] {
        mine.says(json!({"type": "ticket:typing", "ticketId": number})).await;
        let seen = theirs.sees("typing").await;
        assert_eq!((&seen["data"]["conversationId"], &seen["data"]["isTyping"]), (&json!(conversation), &json!(true)));
        mine.says(json!({"type": "typing", "conversationId": number, "isTyping": false})).await;
        assert_eq!(theirs.sees("typing").await["data"]["isTyping"], false);
    }
    mine.says(json!({"type": "ticket:typing", "ticketId": 4711})).await;
    blind.says(json!({"type": "ticket:typing", "ticketId": 1})).await;
    let frames: Vec<Value> = blind.rest().await.into_iter().filter(|frame| frame["type"] == "typing").collect();
    assert!(frames.is_empty(), "{frames:?}");
    // Marking as read and the like write; typing does not.
    assert_eq!(firm.house.kit.store().head(), before, "nothing of it is stored");
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_number_it_goes_with_what_was_read_and_ends_by_itself() {
    let firm = OnNumber::start().await;
    let (conversation, wamid) = firm.hears("Bonjour").await;
    let colleague = firm.house.hire(&firm.owner, "Rui", "rui@example.com", "SUPERVISOR").await;
    let mut mine = Screen::open(&firm.house.url, &firm.owner.token, "").await;
    let mut theirs = Screen::open(&firm.house.url, &colleague.token, "").await;
    mine.says(json!({"type": "typing", "conversationId": conversation, "isTyping": true, "isPrivate": true})).await;
    theirs.sees("typing").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(firm.graph.told_read().is_empty(), "a note is for colleagues");
    mine.says(json!({"type": "typing", "conversationId": conversation})).await;
    until_so("the customer sees it", || !firm.graph.told_read().is_empty()).await;
    let told = firm.graph.told_read();
    let wanted =
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid, "typing_indicator": {"type": "text"}});
    assert_eq!(told, [wanted]);
    firm.house.stop().await;
}
