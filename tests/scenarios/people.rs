//! People over time: signing in day after day, changing roles in several firms, leaving and coming back.

use super::identity::{House, PASSWORD, house, token};
use farol::{base::*, identity::*, platform::store::Lane};
use serde_json::{Value, json};
use std::time::Duration;

impl House {
    /// The link of an invitation to the firm of `by`.
    async fn invited(&self, by: &Value, invite: Value) -> String {
        let made = self.by(token(by), "POST", "/api/v1/invitations", Some(invite)).await.is(201);
        format!("/api/v1/invitations/accept/{}", made["url"].as_str().unwrap().rsplit('/').next().unwrap())
    }
    async fn may(&self, who: &Value, permission: &str) -> Value {
        self.by(token(who), "GET", "/api/v1/auth/me", None).await.is(200)["permissions"][permission].clone()
    }
}

#[tokio::test]
async fn signing_in_stays_possible_however_often_it_is_done() {
    let house = house();
    let mut me = house.found().await;
    for _ in 0..300 {
        house.by(token(&me), "POST", "/api/v1/auth/logout", None).await;
        me = house.login("ana@example.com", PASSWORD).await.is(200);
    }
    // With as many live sessions as there may be, what ends all of them still is one command.
    for _ in 0..50 {
        me = house.login("ana@example.com", PASSWORD).await.is(200);
    }
    let list = house.by(token(&me), "GET", "/api/v1/auth/sessions", None).await.is(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 40);
    let change = json!({"current": PASSWORD, "next": "quite another long sentence"});
    house.by(token(&me), "POST", "/api/v1/auth/password", Some(change)).await.is(200);

    // Those that are over are forgotten in bounded slices.
    let purge = || house.store.write_platform(Lane::Jobs, Origin::system(), purge_sessions);
    assert!(!purge().await.unwrap());
    house.clock.advance(Duration::from_secs(9 * 86_400));
    let mut slices = 1;
    while purge().await.unwrap() {
        slices += 1;
    }
    assert!((4..8).contains(&slices), "{slices}");
    house.login("ana@example.com", "quite another long sentence").await.is(200);
}

#[tokio::test]
async fn a_super_administrator_is_one_for_as_long_as_a_membership_says_so() {
    let house = house();
    let ana = house.found().await;
    let (rui, _) = house.colleague(&ana, "Rui", "ADMIN").await;
    let (bea_id, _) = house.colleague(&ana, "Bea", "SUPER_ADMIN").await;
    let path = |id: &str| format!("/api/v1/users/{id}");
    let (ana_id, less) = (ana["user"]["id"].as_str().unwrap(), json!({"role": "ADMIN"}));
    // One who can't sign in takes nobody's place.
    house.by(token(&ana), "PATCH", &path(&bea_id), Some(json!({"isActive": false}))).await.is(200);
    let away = json!({"name": "Eva", "email": "eva@example.com", "password": PASSWORD, "role": "SUPER_ADMIN", "isActive": false});
    house.by(token(&ana), "POST", "/api/v1/users", Some(away)).await.is(201);
    house.by(token(&ana), "PATCH", &path(ana_id), Some(less.clone())).await.refused(409, "last_owner");
    house.by(token(&ana), "PATCH", &path(&bea_id), Some(json!({"isActive": true}))).await.is(200);
    let bea = house.login("bea@example.com", PASSWORD).await.is(200);

    // Bea works for a second firm as an agent; as a super administrator she is out of its administrator's hands …
    let zoe = house.second_firm(&ana).await;
    let link = house.invited(&zoe, json!({"email": "bea@example.com"})).await;
    let there = house.post(&link, json!({"name": "Bea", "password": PASSWORD})).await.is(200);
    assert_eq!(house.may(&there, "user.manage").await, "tenant");
    house.by(token(&zoe), "PATCH", &path(&bea_id), Some(json!({"maxTickets": 1}))).await.refused(403, "forbidden");
    house.by(token(&zoe), "DELETE", &path(&bea_id), None).await.refused(403, "forbidden");
    // … until her role ends where she had it, whether it is changed or she leaves.
    house.by(token(&ana), "PATCH", &path(&bea_id), Some(less)).await.is(200);
    assert_eq!(house.may(&there, "user.manage").await, Value::Null);
    house.by(token(&ana), "PATCH", &path(&bea_id), Some(json!({"role": "SUPER_ADMIN"}))).await.is(200);
    assert_eq!(house.may(&there, "user.manage").await, "tenant");
    house.by(token(&ana), "DELETE", &path(&bea_id), None).await.is(204);
    house.by(token(&bea), "GET", "/api/v1/auth/me", None).await.refused(401, "session_over");
    assert_eq!(house.may(&there, "user.manage").await, Value::Null);
    house.by(token(&zoe), "PATCH", &path(&bea_id), Some(json!({"maxTickets": 1}))).await.is(200);
    house.by(token(&ana), "DELETE", &path(&rui), None).await.is(204);
}

#[tokio::test]
async fn who_comes_back_gets_what_the_invitation_says_and_who_is_there_stays_as_they_are() {
    let house = house();
    let ana = house.found().await;
    let zoe = house.second_firm(&ana).await;
    let (id, _) = house.colleague(&ana, "Rui", "AGENT").await;
    let link = house.invited(&zoe, json!({"email": "rui@example.com"})).await;
    house.post(&link, json!({"name": "Rui", "password": PASSWORD})).await.is(200);
    let path = format!("/api/v1/users/{id}");
    let more = json!({"extraPermissions": {"user.manage": "tenant"}});
    house.by(token(&zoe), "PATCH", &path, Some(more)).await.is(200);

    // An older link changes nothing about somebody who is there: the last administrator least of all.
    for (by, email) in [(&zoe, "rui@example.com"), (&ana, "ana@example.com")] {
        let link = house.invited(by, json!({"email": email, "role": "USER"})).await;
        house.post(&link, json!({"name": "x", "password": PASSWORD})).await.refused(409, "already_member");
    }
    house.by(token(&zoe), "DELETE", &path, None).await.is(204);
    house.by(token(&ana), "PATCH", &path, Some(json!({"name": "Rui Alves", "email": "alves@example.com"}))).await.is(200);
    let queue = "018f0000-0000-7000-8000-000000000001";
    let invite = json!({"email": "alves@example.com", "role": "USER", "queueIds": [queue, queue]});
    let link = house.invited(&zoe, invite).await;
    let back = house.post(&link, json!({"name": "x", "password": PASSWORD})).await.is(200);
    let user = &back["user"];
    assert_eq!((&user["name"], &user["email"]), (&json!("Rui Alves"), &json!("alves@example.com")));
    assert_eq!((&user["role"], &user["queueIds"]), (&json!("USER"), &json!([queue])));
    assert_eq!(house.may(&back, "user.manage").await, Value::Null);
}

#[tokio::test]
async fn roles_are_offered_as_far_as_they_can_be_given_and_many_people_hinder_no_change() {
    let house = house();
    let ana = house.found().await;
    let offered = house.by(token(&ana), "GET", "/api/v1/permissions", None).await.is(200);
    let reaches = |name: &str| {
        let all = offered["items"].as_array().unwrap();
        all.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("{name}"))["reaches"].clone()
    };
    assert_eq!(reaches("conversation.read"), json!(["own", "queue", "organisation", "tenant"]));
    for name in ["user.manage", "queue.manage", "channel.manage", "contact.write", "settings.manage"] {
        assert_eq!(reaches(name), json!(["tenant"]), "{name}");
    }
    // Nobody's own settings hold a value of the firm's.
    let settings = house.by(token(&ana), "GET", "/api/v1/settings?level=user", None).await.is(200);
    assert!(settings["items"].as_array().unwrap().iter().all(|s| s["levels"].as_array().unwrap().contains(&json!("user"))));

    let role = json!({"name": "Nuit", "base": "AGENT"});
    let role = house.by(token(&ana), "POST", "/api/v1/roles", Some(role)).await.is(201);
    let actor = house.actor(&ana);
    let queue = QueueId(uuid::Uuid::from_u128(7));
    let mut last = None;
    for n in 0..300 {
        let by = actor.clone();
        let rest = UserChange { queues: Some(vec![queue]), ..UserChange::default() };
        let role = if n == 299 { "NUIT" } else { "AGENT" }.to_owned();
        let new = NewUser { name: format!("P{n}"), email: format!("p{n}@example.com"), role, rest, ..NewUser::default() };
        let made = house.store.write_platform(Lane::People, Origin::system(), move |tx| create_user(tx, &by, new)).await;
        last = Some(made.unwrap().user);
    }
    let role_path = format!("/api/v1/roles/{}", role["id"].as_str().unwrap());
    house.by(token(&ana), "DELETE", &role_path, None).await.refused(409, "in_use");
    let user_path = format!("/api/v1/users/{}", last.unwrap());
    house.by(token(&ana), "PATCH", &user_path, Some(json!({"isActive": false}))).await.is(200);
    house.by(token(&ana), "DELETE", &role_path, None).await.refused(409, "in_use");
    house.by(token(&ana), "DELETE", &user_path, None).await.is(204);
    house.by(token(&ana), "DELETE", &role_path, None).await.is(204);
    let empty = house.store.write(actor.tenant, Lane::People, Origin::system(), move |tx| empty_queue(tx, queue)).await;
    empty.unwrap();
}

#[tokio::test]
async fn an_invitation_nobody_takes_up_is_forgotten() {
    let house = house();
    let ana = house.found().await;
    let tenant = house.actor(&ana).tenant;
    let invite = json!({"email": "eva@example.com"});
    let made = house.by(token(&ana), "POST", "/api/v1/invitations", Some(invite)).await.is(201);
    let id: InvitationId = made["id"].as_str().unwrap().parse().unwrap();
    let expire = || house.store.write(tenant, Lane::People, Origin::system(), move |tx| expire_invitation(tx, id));
    expire().await.unwrap();
    assert_eq!(house.by(token(&ana), "GET", "/api/v1/invitations", None).await.is(200)["items"][0]["id"], made["id"]);
    house.clock.advance(Duration::from_secs(8 * 86_400));
    expire().await.unwrap();
    let path = format!("/api/v1/invitations/{id}");
    let ana = house.login("ana@example.com", PASSWORD).await.is(200);
    house.by(token(&ana), "DELETE", &path, None).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_colleague_is_signed_out_on_every_device_and_may_come_back() {
    let house = house();
    let owner = house.found().await;
    let (_, admin) = house.colleague(&owner, "Bea", "ADMIN").await;
    let (id, agent) = house.colleague(&owner, "Rui", "AGENT").await;
    let phone = house.login("rui@example.com", PASSWORD).await.is(200);
    let all = format!("/api/v1/users/{id}/sessions");
    house.by(token(&agent), "DELETE", &all, None).await.refused(403, "forbidden");
    house.by(token(&admin), "DELETE", &all, None).await.is(204);
    for device in [&agent, &phone] {
        house.by(token(device), "GET", "/api/v1/auth/me", None).await.refused(401, "session_over");
    }
    let seen = house.by(token(&admin), "GET", &format!("/api/v1/users/{id}"), None).await.is(200);
    assert_eq!(seen["status"], "OFFLINE");
    house.login("rui@example.com", PASSWORD).await.is(200);
    // Nobody does it to who may do more.
    let top = owner["user"]["id"].as_str().unwrap();
    house.by(token(&admin), "DELETE", &format!("/api/v1/users/{top}/sessions"), None).await.refused(403, "forbidden");
    house.by(token(&owner), "GET", "/api/v1/auth/me", None).await.is(200);
}
