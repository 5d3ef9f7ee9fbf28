//! Firms beside each other, their people and numbers as the sources write them, what a form is told, lists in pages,
//! and who did what (TEN-02, 03; USR-01, 03, 05; CHN-24, 26; API-06, 12; UIX-49; AUT-09; AUD-03).

use super::app::Screen;
use crate::harness::{House, Person, wait_for};
use farol::{base::ActorRef, platform::journal};
use reqwest::Method;
use serde_json::{Value, json};

const FIRM: &str =
    r#"{"name": "Reboques do Norte", "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "PT", "queue": "Atendimento"}"#;

async fn patch(house: &House, by: &Person, path: &str, body: Value) -> crate::harness::Answer {
    house.call(Method::PATCH, &format!("/api/v1{path}"), Some(&by.token), Some(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firm_is_switched_off_from_another_one_and_on_again() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let firm = house.post(&owner, "/tenants", serde_json::from_str(FIRM).unwrap()).await.is(201);
    let path = format!("/tenants/{}", firm["id"].as_str().unwrap());
    assert_eq!((&firm["isActive"], &firm["maxExtensions"]), (&json!(true), &json!(10)));
    let there = house.sign_in("marina@example.com", firm["id"].as_str()).await;
    let admin = house.hire(&there, "Rui Alves", "rui@example.com", "ADMIN").await;
    let mut screen = Screen::open(&house.url, &admin.token, "").await;

    // Only who is above firms may, and nobody the firm they stand in.
    assert_eq!(patch(&house, &admin, &path, json!({"isActive": false})).await.status, 403);
    let own = patch(&house, &owner, &format!("/tenants/{}", owner.tenant), json!({"isActive": false})).await.is(422);
    assert_eq!(own["errors"][0]["field"], "isActive");
    assert_eq!(patch(&house, &owner, "/tenants/01a20224-0000-7000-8000-00000000dead", json!({})).await.status, 404);

    let off = patch(&house, &owner, &path, json!({"is_active": false, "max_extensions": 25})).await.is(200);
    assert_eq!((&off["isActive"], &off["maxExtensions"], &off["id"]), (&json!(false), &json!(25), &firm["id"]));
    assert!(off["updatedAt"].as_str() > firm["updatedAt"].as_str());
    assert_eq!(house.get(&admin, "/auth/me").await.status, 401, "sessions end at once");
    let closed = loop {
        let frame = screen.next().await;
        if frame["type"] == "close" {
            break frame;
        }
    };
    assert_eq!(closed["code"], 4401);
    let login = json!({"email": "rui@example.com", "password": crate::harness::PASSWORD});
    assert_eq!(house.call(Method::POST, "/api/v1/auth/login", None, Some(&login)).await.status, 401);

    patch(&house, &owner, &format!("/tenants/{}", firm["number"]), json!({"isActive": true})).await.is(200);
    house.sign_in("rui@example.com", None).await;
    let all = house.get(&owner, "/tenants?limit=1").await.is(200);
    let next = all["nextCursor"].as_str().unwrap();
    let rest = house.get(&owner, &format!("/tenants?limit=1&cursor={next}")).await.is(200);
    assert_eq!((&rest["items"][0]["id"], rest.get("nextCursor")), (&firm["id"], None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_super_administrator_who_can_sign_in_stays_one() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let firm = house.post(&owner, "/tenants", serde_json::from_str(FIRM).unwrap()).await.is(201);
    let there = house.sign_in("marina@example.com", firm["id"].as_str()).await;
    let other = house.hire(&there, "Rui Alves", "rui@example.com", "SUPER_ADMIN").await;
    let me = format!("/users/{}", owner.id);
    house.call(Method::DELETE, &format!("/api/v1{me}"), Some(&other.token), None).await.is(204);
    // Two are left, each of one firm; one of the firms lets nobody in.
    patch(&house, &owner, &format!("/tenants/{}", firm["id"].as_str().unwrap()), json!({"isActive": false})).await.is(200);
    for less in [json!({"role": "ADMIN"}), json!({"isActive": false})] {
        let refused = patch(&house, &owner, &me, less).await.is(409);
        assert_eq!(refused["code"], "last_owner", "{refused}");
    }
    patch(&house, &owner, &format!("/tenants/{}", firm["id"].as_str().unwrap()), json!({"isActive": true})).await.is(200);
    house.sign_in("rui@example.com", None).await;
    // Where somebody else can sign in, one may step down.
    house.hire(&owner, "Ana Reis", "ana@example.com", "ADMIN").await;
    patch(&house, &owner, &me, json!({"role": "ADMIN"})).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_of_two_firms_goes_over_without_a_password_and_only_where_they_belong() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let rui = house.hire(&owner, "Rui Alves", "rui@example.com", "AGENT").await;
    let firm = house.post(&owner, "/tenants", serde_json::from_str(FIRM).unwrap()).await.is(201);
    let there = firm["id"].as_str().unwrap();
    let names = |me: &Value| me["memberships"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    let me = house.get(&owner, "/auth/me").await.is(200);
    assert_eq!(names(&me), [json!("Dépannage"), json!("Reboques do Norte")]);
    let mut screen = Screen::open(&house.url, &owner.token, "").await;

    let answer = house.post(&owner, "/auth/tenant", json!({"companyId": there})).await.is(200);
    assert_eq!((&answer["user"]["companyId"], &answer["user"]["role"]), (&json!(there), &json!("SUPER_ADMIN")));
    assert_eq!(house.get(&owner, "/auth/me").await.status, 401, "the session before is over");
    let closed = loop {
        let frame = screen.next().await;
        if frame["type"] == "close" {
            break frame;
        }
    };
    assert_eq!(closed["code"], 4401);
    let owner = Person { token: answer["token"].as_str().unwrap().into(), tenant: there.into(), ..owner };
    assert_eq!(house.get(&owner, "/tenant").await.is(200)["name"], "Reboques do Norte");
    // Who left is not there any more, and who came is.
    let seen = house.get(&rui, &format!("/users/{}", owner.id)).await.is(200);
    assert_eq!((&seen["status"], seen["lastLogoutAt"].is_string()), (&json!("OFFLINE"), true));

    // Nobody comes into a firm that is none of theirs, and learns nothing of it by trying.
    assert_eq!(house.post(&rui, "/auth/tenant", json!({"companyId": there})).await.is(404)["code"], "not_found");
    assert_eq!(house.get(&rui, "/auth/me").await.status, 200, "nothing has changed for who was refused");
    // One that is switched off is not offered, and refused.
    let here = rui.tenant.clone();
    patch(&house, &owner, &format!("/tenants/{here}"), json!({"isActive": false})).await.is(200);
    assert_eq!(names(&house.get(&owner, "/auth/me").await.is(200)), [json!("Reboques do Norte")]);
    assert_eq!(house.post(&owner, "/auth/tenant", json!({"companyId": here})).await.status, 404);
}

#[tokio::test]
async fn a_phone_lost_while_it_was_in_another_firm_needs_the_password_to_come_back() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let firm = house.post(&owner, "/tenants", serde_json::from_str(FIRM).unwrap()).await.is(201);
    let there = firm["id"].as_str().unwrap();
    let admin = house.hire(&owner, "Rui Alves", "rui@example.com", "SUPER_ADMIN").await;
    let answer = house.post(&owner, "/auth/tenant", json!({"companyId": there})).await.is(200);
    let phone = Person { token: answer["token"].as_str().unwrap().into(), tenant: there.into(), ..owner };

    let everywhere = format!("/api/v1/users/{}/sessions", phone.id);
    house.call(Method::DELETE, &everywhere, Some(&admin.token), None).await.is(204);
    let back = json!({"companyId": admin.tenant});
    assert_eq!(house.post(&phone, "/auth/tenant", back.clone()).await.is(409)["code"], "password_needed");
    assert_eq!(house.get(&phone, "/auth/me").await.status, 200, "the other firm has said nothing against it");
    let desk = house.sign_in("marina@example.com", Some(there)).await;
    house.post(&desk, "/auth/tenant", back).await.is(200);
}

#[tokio::test]
async fn a_firm_shows_the_number_that_answers_for_it() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let bare = house.get(&owner, "/tenant").await.is(200);
    assert_eq!((&bare["phoneNumberId"], &bare["accessToken"]["set"]), (&Value::Null, &json!(false)));
    house.connect(&owner, "106540352242922", "secret").await;
    patch(&house, &owner, "/tenant", json!({"greetingMessage": "Bienvenue"})).await.is(200);
    let firm = house.get(&owner, "/tenant").await.is(200);
    assert_eq!(
        (&firm["name"], &firm["phoneNumberId"], &firm["greetingMessage"]),
        (&json!("Dépannage"), &json!("106540352242922"), &json!("Bienvenue"))
    );
    // Write-only: the last four characters tell which it is.
    assert_eq!(firm["accessToken"], json!({"set": true, "last4": "2922"}));
}

#[tokio::test]
async fn a_conflict_names_the_field_that_brings_it_about() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let rui = house.hire(&owner, "Rui Alves", "rui@example.com", "AGENT").await;
    house.connect(&owner, "106540352242922", "secret").await;
    let user = json!({"name": "Zoe", "email": "RUI@example.com", "password": crate::harness::PASSWORD});
    let number = json!({"kind": "whatsapp_cloud", "name": "Again", "config": {"phoneNumberId": "106540352242922"}});
    let answers = [
        (house.post(&owner, "/users", user).await, "taken", "email"),
        (patch(&house, &owner, &format!("/users/{}", rui.id), json!({"email": "marina@example.com"})).await, "taken", "email"),
        (house.post(&owner, "/channels", number).await, "account_taken", "config.phoneNumberId"),
    ];
    for (answer, code, field) in answers {
        let problem = answer.is(409);
        assert_eq!((&problem["code"], &problem["errors"][0]["field"]), (&json!(code), &json!(field)), "{problem}");
        assert_eq!(problem["errors"][0]["code"], code);
    }
}

#[tokio::test]
async fn lists_come_in_pages_and_say_when_there_is_more() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    for n in 0..3 {
        house.post(&owner, "/invitations", json!({"email": format!("guest{n}@example.com"), "role": "AGENT"})).await.is(201);
        house.post(&owner, "/roles", json!({"name": format!("Night {n}"), "permissions": {}})).await.is(201);
        house.hire(&owner, &format!("Agent {n}"), &format!("agent{n}@example.com"), "AGENT").await;
        house.sign_in("marina@example.com", None).await;
    }
    for (path, key) in [
        ("/invitations", "id"),
        ("/roles", "key"),
        ("/users", "id"),
        ("/auth/sessions", "id"),
        ("/settings", "key"),
        ("/queues", "id"),
        ("/contacts", "id"),
    ] {
        let whole = house.get(&owner, &format!("{path}?limit=200")).await.is(200);
        assert_eq!(whole.get("nextCursor"), None, "{path}");
        let keys = |page: &Value| page["items"].as_array().unwrap().iter().map(|row| row[key].clone()).collect::<Vec<_>>();
        let (mut seen, mut query) = (Vec::new(), format!("{path}?limit=2"));
        loop {
            let page = house.get(&owner, &query).await.is(200);
            seen.extend(keys(&page));
            let Some(next) = page["nextCursor"].as_str() else { break };
            assert_eq!(page["items"].as_array().unwrap().len(), 2, "{path}");
            query = format!("{path}?limit=2&cursor={next}");
        }
        assert_eq!(seen, keys(&whole), "{path}");
    }
    // As many as fit is no reason to promise more.
    assert_eq!(house.get(&owner, "/users?limit=4").await.is(200).get("nextCursor"), None);
}

#[tokio::test]
async fn permissions_that_can_not_be_narrowed_are_whole_or_not_given() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let body = json!({"name": "Half", "permissions": {"channel.manage": "own", "conversation.read": "own"}});
    let refused = house.post(&owner, "/roles", body).await.is(422);
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
        (&json!("permissions.channel.manage"), &json!("out_of_range"))
    );
    let rui = house.hire(&owner, "Rui Alves", "rui@example.com", "CLIENT").await;
    let extra = json!({"extraPermissions": {"deadletter.manage": "queue"}});
    patch(&house, &owner, &format!("/users/{}", rui.id), extra).await.is(422);
    assert_eq!(house.get(&rui, "/deadletters").await.status, 403);
}

#[tokio::test]
async fn people_are_made_in_the_words_of_each_source() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let dispatch = json!({"nome": "Rui Alves", "email": "rui@example.com", "password": crate::harness::PASSWORD, "tipo_id": 2,
        "nuacom_extension": "2001", "phone": "+33639980001", "maxTickets": 5});
    let rui = house.post(&owner, "/users", dispatch).await.is(201);
    for (field, expected) in [
        ("name", json!("Rui Alves")),
        ("role", json!("AGENT")),
        ("tipo_id", json!(2)),
        ("extension", json!("2001")),
        ("phone", json!("+33639980001")),
        ("maxTickets", json!(5)),
        ("is_super_admin", json!(false)),
        ("number", json!(2)),
        ("status", json!("OFFLINE")),
        ("onlineStatus", json!("OFFLINE")),
        ("isActive", json!(true)),
    ] {
        assert_eq!(rui[field], expected, "{field}: {rui}");
    }
    assert!(rui["createdAt"].is_string() && rui["updatedAt"].is_string());
    let change = json!({"nome": "Rui A.", "nuacom_extension": null, "phone": "", "tipoId": 3});
    let changed = patch(&house, &owner, "/users/2", change).await.is(200);
    assert_eq!(
        (&changed["name"], &changed["extension"], &changed["phone"], &changed["role"]),
        (&json!("Rui A."), &Value::Null, &Value::Null, &json!("CLIENT"))
    );
    let long = patch(&house, &owner, "/users/2", json!({"phone": "0".repeat(21)})).await.is(422);
    assert_eq!((&long["errors"][0]["field"], &long["errors"][0]["code"]), (&json!("phone"), &json!("too_long")));
    assert_eq!(house.call(Method::DELETE, "/api/users/2/", Some(&owner.token), None).await.status, 204);
    assert_eq!(house.get(&owner, "/users/2").await.status, 404);
}

#[tokio::test]
async fn a_number_is_connected_in_the_app_or_by_the_environment() {
    let house = House::start_with(&[
        ("whatsapp.phone_number_id", "106540352242922"),
        ("whatsapp.business_account_id", "102290129340398"),
        ("whatsapp.access_token", "EAAG-of-the-environment"),
        ("whatsapp.verify_token", "verify-of-the-environment"),
    ])
    .await;
    let owner = house.found("Dépannage").await;
    let given = house.get(&owner, "/channels/1").await.is(200);
    let asked = json!({"kind": "whatsapp_cloud", "name": "Second", "config": {"phoneNumberId": "206540352242922",
        "businessAccountId": "202290129340398", "accessToken": "EAAG-of-the-app", "verifyToken": "verify-of-the-app"}});
    let asked = house.post(&owner, "/channels", asked).await.is(201);
    for (channel, number, account, last4, verify) in [
        (&given, "106540352242922", "102290129340398", "ment", "verify-of-the-environment"),
        (&asked, "206540352242922", "202290129340398", "-app", "verify-of-the-app"),
    ] {
        let config = &channel["config"];
        assert_eq!(config["baseUrl"], "https://graph.facebook.com/v21.0", "unless another is given");
        assert_eq!((&config["phoneNumberId"], &config["businessAccountId"]), (&json!(number), &json!(account)));
        assert_eq!(config["accessToken"], json!({"set": true, "last4": last4}));
        assert_eq!(channel["verifyToken"], verify);
    }
    let agent = house.hire(&owner, "Rui Alves", "rui@example.com", "AGENT").await;
    let seen = house.get(&agent, "/channels").await.is(200);
    assert!(seen["items"].as_array().unwrap().iter().all(|channel| channel.get("verifyToken").is_none()), "{seen}");
    // Meta's handshake with either.
    for (token, status) in [("verify-of-the-environment", 200), ("verify-of-the-app", 200), ("verify-of-nobody", 403)] {
        let ask = format!("/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=4711");
        let answer = house.call(Method::GET, &ask, None, None).await;
        assert_eq!(answer.status, status, "{token}");
        assert!(status != 200 || answer.text == "4711");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_tells_who_from_where_and_why() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let channel = house.connect(&owner, "106540352242922", "secret").await;
    assert_eq!(house.customer_says("106540352242922", "secret", "33639981234", "wamid.1", "bonjour").await, 200);
    house.until(&owner, "/conversations", |list| list["items"][0].is_object()).await;
    house.post(&owner, "/conversations/1/assign", json!({})).await.is(200);
    patch(&house, &owner, "/contacts/1", json!({"name": "Ana Lima"})).await.is(200);
    let tenant = owner.tenant.parse().unwrap();
    let (events, renamed) = wait_for("the card of the conversation that follows its contact", async || {
        let events = journal::read_tenant_after(house.kit.store(), tenant, 0, 500).unwrap();
        let renamed = events.iter().find(|e| e.kind == "conversation.updated" && e.cause.is_some()).cloned();
        renamed.map(|renamed| (events, renamed))
    })
    .await;
    let of = |kind: &str| events.iter().find(|event| event.kind == kind).unwrap_or_else(|| panic!("no {kind}"));
    // Through HTTP: a person, their address, the request the log names.
    let assigned = of("conversation.assigned");
    assert_eq!(assigned.actor, ActorRef::User(owner.id.parse().unwrap()));
    assert_eq!((assigned.cause, assigned.depth), (None, 0));
    // Through a webhook: the channel, the provider's address, its request.
    let received = of("message.received");
    assert_eq!(received.actor, ActorRef::Channel(channel["id"].as_str().unwrap().parse().unwrap()));
    // By a reaction: the house, because of that event, one step away from a person.
    assert_eq!((renamed.actor, renamed.cause, renamed.depth), (ActorRef::System, Some(of("contact.updated").seq), 1));
    for event in &events {
        if event.actor != ActorRef::System {
            assert!(event.address.is_some_and(|address| address.is_loopback()), "{event:?}");
            assert!(event.request.as_deref().is_some_and(|request| !request.is_empty()), "{event:?}");
        }
    }
}
