//! Founding the house, signing in, staying in, being thrown out; who may do what to whom.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
};
use farol::{
    base::{time::ManualClock, time::Stopwatch, *},
    identity::*,
    platform::{
        http::{Access, HttpSettings, Kit, RouteOptions, Routes, Site, routes, site},
        jobs::Chore,
        secrets::Keyring,
        store::{Lane, PlatformTx, Store},
    },
    settings::{self, Registry, Settings},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tower::ServiceExt;

pub(super) const PASSWORD: &str = "a long sentence only I know";

pub(super) struct House {
    site: Site,
    identity: Arc<Identity>,
    pub(super) store: Store,
    pub(super) clock: ManualClock,
    data: tempfile::TempDir,
}

pub(super) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    pub(super) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
    pub(super) fn refused(self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str().unwrap_or_default()), (status, code), "{}", self.body);
    }
    fn cookies(&self) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap().split(';').next().unwrap());
        set.collect::<Vec<_>>().join("; ")
    }
}

#[utoipa::path(get, path = "/picture", responses((status = 200, body = String)))]
async fn picture(State(_kit): State<Kit>, actor: Actor) -> String {
    actor.name.to_string()
}
#[utoipa::path(post, path = "/picture", responses((status = 200)))]
async fn paint(State(_kit): State<Kit>) -> StatusCode {
    StatusCode::OK
}

pub(super) fn house() -> House {
    let (env, clock) = Env::simulated(Timestamp(1_763_812_800_000), 7);
    let store = Store::in_memory(env.clone());
    let data = tempfile::tempdir().unwrap();
    let options = IdentityOptions {
        data: data.path().to_owned(),
        jwt_secret: None,
        session_secret: None,
        access_lifetime: None,
        session_lifetime: None,
        cost: Cost::CHEAP,
    };
    let above =
        Above {
            founding: vec![Arc::new(|_, founding| {
                if founding.queue == "explodes" { Err(Error::internal("a step above failed")) } else { Ok(()) }
            })],
            ..Above::default()
        };
    let identity = Arc::new(Identity::new(store.clone(), env.clone(), &Keyring::ephemeral(), options, above).unwrap());
    let mut http = HttpSettings::default();
    http.rates.enabled = false;
    let (asked, keys) = (identity.clone(), Registry::new().with_all(&farol::identity::settings()));
    let kit = Kit::builder(store.clone(), env, http)
        .provide(identity.clone())
        .provide(Arc::new(Settings::new(keys, Default::default())))
        .authenticator(identity.clone())
        .needs_setup(move || asked.needs_setup())
        .build();
    let cookie = RouteOptions { cookie: true, ..RouteOptions::default() };
    let own =
        Routes::new().add_with(Access::SignedIn, cookie, routes!(picture)).add_with(Access::SignedIn, cookie, routes!(paint));
    let site = site(&kit, farol::identity::routes().merge(settings::routes()).merge(own));
    House { site, identity, store, clock, data }
}

impl House {
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "farol.example.com");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let response = self.site.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }
    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, &[], Some(body)).await
    }
    pub(super) async fn by(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask(method, path, &[("authorization", &format!("Bearer {token}"))], body).await
    }
    fn code(&self) -> String {
        issue_setup_code(self.data.path(), self.clock.now()).unwrap().to_string()
    }
    fn wizard(&self, code: &str) -> Value {
        json!({
            "code": code, "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "pt",
            "owner": {"name": "Ana Prates", "email": "Ana@example.com", "password": PASSWORD},
            "company": {"name": "Reboques Exemplo"}, "queue": {"name": "Atendimento"},
        })
    }
    /// Founds the house; the owner's login answer.
    pub(super) async fn found(&self) -> Value {
        let code = self.code();
        self.post("/api/v1/setup", self.wizard(&code)).await.is(200)
    }
    pub(super) async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", json!({"email": email, "password": password})).await
    }
    /// Makes a colleague and signs them in: id and login answer.
    pub(super) async fn colleague(&self, owner: &Value, name: &str, role: &str) -> (String, Value) {
        let email = format!("{}@example.com", name.to_lowercase());
        let body = json!({"name": name, "email": email, "password": PASSWORD, "role": role});
        let user = self.by(token(owner), "POST", "/api/v1/users", Some(body)).await.is(201);
        (user["id"].as_str().unwrap().to_owned(), self.login(&email, PASSWORD).await.is(200))
    }
    pub(super) fn actor(&self, login: &Value) -> Actor {
        self.identity.by_token(token(login), &Origin::system()).unwrap()
    }
    /// A second firm with an administrator of its own, who is not a super administrator.
    pub(super) async fn second_firm(&self, owner: &Value) -> Value {
        let firm = json!({"name": "Outra", "language": "fr", "timezone": "Europe/Paris", "country": "FR", "queue": "Accueil"});
        let firm = self.by(token(owner), "POST", "/api/v1/tenants", Some(firm)).await.is(201);
        let (tenant, actor) =
            (firm["id"].as_str().unwrap().parse().unwrap(), self.identity.by_token(token(owner), &Origin::system()).unwrap());
        let by = Actor { tenant, ..actor };
        let hash = self.identity.passwords().hash(PASSWORD).await.unwrap();
        let new = NewUser {
            name: "Zoé".into(),
            email: "zoe@example.com".into(),
            password_hash: Some(hash),
            role: "ADMIN".into(),
            ..NewUser::default()
        };
        self.store.write_platform(Lane::People, Origin::system(), move |tx| create_user(tx, &by, new)).await.unwrap();
        self.login("zoe@example.com", PASSWORD).await.is(200)
    }
}

pub(super) fn token(login: &Value) -> &str {
    login["token"].as_str().unwrap()
}
fn refresh(login: &Value) -> Value {
    json!({"refreshToken": login["refreshToken"]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_who_claim_at_once_one_owns_the_house() {
    let house = Arc::new(house());
    let body = house.wizard(&house.code());
    let mut claims = tokio::task::JoinSet::new();
    for n in 0..1_000 {
        let (house, mut body) = (house.clone(), body.clone());
        body["owner"]["email"] = json!(format!("claim{n}@example.com"));
        claims.spawn(async move { house.post("/api/v1/setup", body).await.status });
    }
    let statuses = claims.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 999);
    assert_eq!(house.store.tenants().len(), 1);
    assert_eq!(house.identity.passwords().hashed(), 1);
    println!("tally: claims of an unowned box at once: rounds 1000, acknowledged 1, lost 0, doubled 0, violations 0");
}

#[tokio::test]
async fn the_transaction_decides_even_where_the_desk_does_not() {
    let house = house();
    let founding = |n: u128| Founding {
        owner: UserId(uuid::Uuid::from_u128(n)),
        owner_name: "Ana".into(),
        owner_email: format!("ana{n}@example.com"),
        password_hash: None,
        company: "Firma".into(),
        language: locale::Language::Fr,
        timezone: "Europe/Paris".into(),
        country: "FR".into(),
        queue: "Accueil".into(),
    };
    let claims =
        (1..=1_000).map(|n| house.store.write_platform(Lane::People, Origin::console(), move |tx| found(tx, &founding(n), &[])));
    let won = futures_util::future::join_all(claims).await.into_iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((won, house.store.tenants().len()), (1, 1));
}

#[tokio::test]
async fn the_wizard_asks_for_the_code_names_wrong_fields_and_is_gone_afterwards() {
    let house = house();
    let state = house.ask("GET", "/api/v1/setup", &[("accept-language", "fr-FR,fr;q=0.9")], None).await.is(200);
    assert_eq!(state, json!({"needed": true, "suggestedLanguage": "fr", "insecure": true}));
    house.login("ana@example.com", PASSWORD).await.refused(503, "setup_required");
    let code = house.code();
    house.post("/api/v1/setup/check", json!({"code": "wrong"})).await.refused(403, "forbidden");
    house.post("/api/v1/setup", house.wizard("wrong")).await.refused(403, "forbidden");
    house.post("/api/v1/setup/check", json!({"code": code})).await.is(204);

    let mut wrong = house.wizard(&code);
    wrong["owner"] = json!({"name": " ", "email": "nobody", "password": "password1"});
    (wrong["timezone"], wrong["country"], wrong["company"]["name"]) = (json!("Mars/Olympus"), json!("France"), json!(""));
    let problem = house.post("/api/v1/setup", wrong).await.is(422);
    let mut fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["company.name", "country", "owner.email", "owner.name", "owner.password", "timezone"]);
    let mut doomed = house.wizard(&code);
    doomed["queue"]["name"] = json!("explodes");
    house.post("/api/v1/setup", doomed).await.refused(500, "internal");
    assert!(house.store.tenants().is_empty(), "a failed step leaves nothing behind");

    let answer = house.post("/api/v1/setup", house.wizard(&code)).await.is(200);
    assert_eq!(answer["user"]["role"], "SUPER_ADMIN");
    assert_eq!(answer["user"]["tenant"]["currency"], "EUR");
    assert_eq!(answer["user"]["permissions"]["platform.manage"], "tenant");
    house.by(token(&answer), "GET", "/api/v1/auth/me", None).await.is(200);
    for (method, path) in [("GET", "/api/v1/setup"), ("POST", "/api/v1/setup")] {
        let body = (method == "POST").then(|| house.wizard(&code));
        house.ask(method, path, &[], body).await.refused(404, "not_found");
    }
    house.post("/api/v1/setup/check", json!({"code": code})).await.refused(404, "not_found");
    assert!(!house.data.path().join(SETUP_CODE_FILE).exists());
}

#[tokio::test]
async fn calls_answer_as_the_sources_print_them() {
    let house = house();
    house.found().await;
    let login = house.post("/api/auth/login", json!({"email": "ana@example.com", "password": PASSWORD})).await.is(200);
    assert!(login["user"]["id"].is_string() && login["token"].is_string());
    for body in
        [json!({"username": "ana@example.com", "password": PASSWORD}), json!({"email": "ANA@EXAMPLE.COM", "password": PASSWORD})]
    {
        let pair = house.post("/api/token/", body).await.is(200);
        assert_eq!(pair.as_object().unwrap().keys().collect::<Vec<_>>(), ["access", "refresh"]);
        let next = house.post("/api/token/refresh/", json!({"refresh": pair["refresh"]})).await.is(200);
        house.by(next["access"].as_str().unwrap(), "GET", "/api/auth/me", None).await.is(200);
    }
    let me = house.by(token(&login), "GET", "/api/auth/me", None).await.is(200);
    for (field, value) in
        [("email", json!("Ana@example.com")), ("tipo_id", json!(1)), ("number", json!(1)), ("isActive", json!(true))]
    {
        assert_eq!(me[field], value, "{field}");
    }
    assert!(me.get("password").is_none() && !me.to_string().contains("argon2"));
    let users = house.by(token(&login), "GET", "/api/users/", None).await.is(200);
    assert_eq!(users.as_array().unwrap().len(), 1);
    house.by(token(&login), "GET", "/api/users/1", None).await.is(200);
    for path in ["/api/auth/me", "/api/v1/users", "/api/tenant", "/api/settings"] {
        house.ask("GET", path, &[], None).await.refused(401, "unauthenticated");
        house.by("nonsense", "GET", path, None).await.refused(401, "token_invalid");
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_a_sibling_gets_on_and_a_copy_ends_the_session() {
    let house = house();
    let first = house.found().await;
    let second = house.post("/api/v1/auth/refresh", refresh(&first)).await.is(200);
    house.clock.advance(Duration::from_secs(60));
    let sibling = house.post("/api/v1/auth/refresh", refresh(&first)).await.is(200);
    let third = house.post("/api/v1/auth/refresh", refresh(&second)).await.is(200);
    house.post("/api/v1/auth/refresh", refresh(&sibling)).await.is(200);
    house.by(token(&third), "GET", "/api/v1/auth/me", None).await.is(200);

    house.post("/api/v1/auth/refresh", refresh(&first)).await.refused(401, "token_reused");
    house.post("/api/v1/auth/refresh", refresh(&third)).await.refused(401, "session_over");
    for login in [&first, &second, &sibling, &third] {
        house.by(token(login), "GET", "/api/v1/auth/me", None).await.refused(401, "session_over");
    }
    let again = house.login("ana@example.com", PASSWORD).await.is(200);
    let next = house.post("/api/v1/auth/refresh", refresh(&again)).await.is(200);
    house.clock.advance(Duration::from_secs(61));
    house.post("/api/v1/auth/refresh", refresh(&again)).await.refused(401, "token_reused");
    house.by(token(&next), "GET", "/api/v1/auth/me", None).await.refused(401, "session_over");
    house.post("/api/v1/auth/refresh", json!({"refreshToken": "nonsense"})).await.refused(401, "token_invalid");
    house.post("/api/v1/auth/refresh", json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_browser_stays_signed_in_by_cookie_and_pictures_open_for_reading_alone() {
    let house = house();
    house.found().await;
    let login = house.login("ana@example.com", PASSWORD).await;
    for line in login.headers.get_all(header::SET_COOKIE) {
        let line = line.to_str().unwrap();
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict") && line.contains("Path=/"), "{line}");
    }
    let cookies = login.cookies();
    let same = ("sec-fetch-site", "same-origin");
    let renewed = house.ask("POST", "/api/v1/auth/refresh", &[("cookie", &cookies), same], Some(json!({}))).await;
    let fresh = renewed.cookies();
    renewed.is(200);
    house.ask("GET", "/api/v1/picture", &[("cookie", &fresh)], None).await.is(200);
    house.ask("POST", "/api/v1/picture", &[("cookie", &fresh), same], None).await.refused(401, "unauthenticated");
    house.ask("GET", "/api/v1/auth/me", &[("cookie", &fresh)], None).await.refused(401, "unauthenticated");
    house
        .ask("POST", "/api/v1/auth/refresh", &[("cookie", &fresh), ("origin", "https://evil.example.com")], Some(json!({})))
        .await
        .refused(403, "forbidden");

    let out = house.ask("POST", "/api/v1/auth/logout", &[("cookie", &fresh), same], None).await;
    assert!(out.cookies().contains("farol_refresh=;") || out.cookies().contains("farol_refresh="), "{}", out.cookies());
    assert_eq!(out.headers["clear-site-data"], "\"cache\"");
    out.is(204);
    house.ask("GET", "/api/v1/picture", &[("cookie", &fresh)], None).await.refused(401, "session_over");
    let gone = house.ask("POST", "/api/v1/auth/refresh", &[("cookie", &fresh), same], Some(json!({}))).await;
    assert!(gone.headers.get_all(header::SET_COOKIE).iter().count() >= 2, "useless cookies are taken away");
    gone.refused(401, "session_over");
}

#[tokio::test]
async fn whatever_ends_a_session_counts_at_once() {
    let house = house();
    let owner = house.found().await;
    let me = |login: Value| {
        let house = &house;
        async move { house.by(token(&login), "GET", "/api/v1/auth/me", None).await.status }
    };
    // Signing out, and being seen to have.
    let (rui, login) = house.colleague(&owner, "Rui", "AGENT").await;
    let shown = house.by(token(&owner), "GET", &format!("/api/v1/users/{rui}"), None).await.is(200);
    assert!(shown["lastLoginAt"].is_string() && shown["lastLogoutAt"].is_null());
    assert_eq!(shown["status"], "ONLINE", "signing in is being there");
    house.by(token(&login), "POST", "/api/v1/auth/logout", None).await.is(204);
    assert_eq!(me(login).await, 401);
    let shown = house.by(token(&owner), "GET", &format!("/api/v1/users/{rui}"), None).await.is(200);
    assert!(shown["lastLogoutAt"].is_string());
    assert_eq!(shown["status"], "OFFLINE");

    // One of several devices ended from another.
    let (here, there) =
        (house.login("rui@example.com", PASSWORD).await.is(200), house.login("rui@example.com", PASSWORD).await.is(200));
    let sessions = house.by(token(&here), "GET", "/api/v1/auth/sessions", None).await.is(200);
    let other =
        sessions["items"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    house.by(token(&here), "DELETE", &format!("/api/v1/auth/sessions/{other}"), None).await.is(204);
    assert_eq!((me(here.clone()).await, me(there).await), (200, 401));

    // A changed password: this device goes on, the others are out.
    let there = house.login("rui@example.com", PASSWORD).await.is(200);
    let wrong = json!({"current": "not this one", "next": "another sentence entirely"});
    house.by(token(&here), "POST", "/api/v1/auth/password", Some(wrong)).await.refused(422, "invalid");
    let right = json!({"current": PASSWORD, "next": "another sentence entirely"});
    let changed = house.by(token(&here), "POST", "/api/v1/auth/password", Some(right)).await.is(200);
    assert_eq!((me(here).await, me(there).await, me(changed.clone()).await), (401, 401, 200));
    house.login("rui@example.com", PASSWORD).await.refused(401, "invalid_credentials");

    // A role that gives less, then an account switched off.
    let users = |login: &Value| {
        let (house, token) = (&house, token(login).to_owned());
        async move { house.by(&token, "GET", "/api/v1/users", None).await.status }
    };
    assert_eq!(users(&changed).await, 200);
    house.by(token(&owner), "PUT", &format!("/api/v1/users/{rui}"), Some(json!({"tipo_id": 3}))).await.is(200);
    assert_eq!(users(&changed).await, 403);
    house.by(token(&owner), "PATCH", &format!("/api/v1/users/{rui}"), Some(json!({"isActive": false}))).await.is(200);
    assert_eq!(me(changed.clone()).await, 401);
    house.post("/api/v1/auth/refresh", refresh(&changed)).await.refused(401, "session_over");
    house.login("rui@example.com", "another sentence entirely").await.refused(401, "invalid_credentials");

    // The owner of the machine sets a password.
    house.identity.reset_password_by_console("ana@example.com", "one more good sentence").await.unwrap();
    assert_eq!(me(owner).await, 401);
    house.login("ana@example.com", "one more good sentence").await.is(200);
}

#[tokio::test]
async fn whoever_did_not_come_back_is_no_longer_there() {
    let house = house();
    let owner = house.found().await;
    let (rui, first) = house.colleague(&owner, "Rui", "AGENT").await;
    let status = |owner: Value| {
        let (house, rui) = (&house, &rui);
        async move { house.by(token(&owner), "GET", &format!("/api/v1/users/{rui}"), None).await.is(200)["status"].clone() }
    };
    let chore = async || {
        let due = house.store.view_platform(|view| ExpireSessions.due(view, house.store.now())).unwrap().unwrap();
        let step = |tx: &mut PlatformTx<'_, '_>| ExpireSessions.step(tx).map(drop);
        house.store.write_platform(Lane::Jobs, Origin::system(), step).await.unwrap();
        due
    };
    // A day later on another device; the first one is never seen again.
    house.clock.advance(Duration::from_secs(86_400));
    house.login("rui@example.com", PASSWORD).await.is(200);
    let ends = chore().await;
    house.clock.advance(ends.since(house.store.now()));
    chore().await;
    let owner = house.login("ana@example.com", PASSWORD).await.is(200);
    assert_eq!(status(owner.clone()).await, "ONLINE", "one session is left");
    assert_eq!(house.by(token(&first), "GET", "/api/v1/auth/me", None).await.status, 401);
    // The other ends too.
    let ends = chore().await;
    house.clock.advance(ends.since(house.store.now()));
    chore().await;
    let owner = house.login("ana@example.com", PASSWORD).await.is(200);
    assert_eq!(status(owner).await, "OFFLINE");
}

#[tokio::test]
async fn unknown_wrong_and_switched_off_sound_and_cost_the_same() {
    let house = house();
    let owner = house.found().await;
    let (rui, _) = house.colleague(&owner, "Rui", "AGENT").await;
    house.by(token(&owner), "PATCH", &format!("/api/v1/users/{rui}"), Some(json!({"isActive": false}))).await.is(200);
    let mut answers = Vec::new();
    for email in ["ana@example.com", "nobody@example.com", "rui@example.com", "not an e-mail", ""] {
        let before = house.identity.passwords().hashed();
        let mut answer = house.login(email, "a wrong password").await.is(401);
        assert_eq!(house.identity.passwords().hashed() - before, 1, "{email}");
        answer.as_object_mut().unwrap().remove("requestId");
        answers.push(answer);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn guessing_is_slowed_and_the_owner_still_gets_in() {
    let house = house();
    house.found().await;
    let device = house.login("ana@example.com", PASSWORD).await.cookies();
    let before = house.identity.passwords().hashed();
    for n in 0..10_000u32 {
        house.clock.advance(Duration::from_millis(360));
        let origin = Origin { address: Some([192, 0, 2, (n % 50) as u8].into()), ..Origin::system() };
        let guess = SignIn { email: "ana@example.com".into(), password: format!("guess {n}"), ..SignIn::default() };
        assert!(house.identity.sign_in(guess, &origin).await.is_err());
    }
    let verified = house.identity.passwords().hashed() - before;
    assert!((10..=100).contains(&verified), "{verified} verified");
    let body = json!({"email": "ana@example.com", "password": PASSWORD});
    let own =
        house.ask("POST", "/api/v1/auth/login", &[("cookie", &device), ("sec-fetch-site", "same-origin")], Some(body)).await;
    own.is(200);
    println!("10,000 guesses in an hour from 50 addresses: {verified} verified");
}

#[tokio::test]
async fn nobody_gives_more_than_they_hold_and_the_last_owner_stays() {
    let house = house();
    let owner = house.found().await;
    let id = owner["user"]["id"].as_str().unwrap();
    let (admin_id, admin) = house.colleague(&owner, "Bea", "ADMIN").await;
    let (_, agent) = house.colleague(&owner, "Rui", "AGENT").await;
    let new = |role: &str| json!({"name": "Eva", "email": "eva@example.com", "password": PASSWORD, "role": role});
    house.by(token(&agent), "POST", "/api/v1/users", Some(new("AGENT"))).await.refused(403, "forbidden");
    house.by(token(&admin), "POST", "/api/v1/users", Some(new("SUPER_ADMIN"))).await.refused(403, "forbidden");
    house.by(token(&admin), "POST", "/api/v1/users", Some(new("EMPEROR"))).await.refused(422, "invalid");
    house.by(token(&admin), "GET", "/api/v1/tenants", None).await.refused(403, "forbidden");
    for change in [json!({"role": "AGENT"}), json!({"isActive": false}), json!({"password": "a stolen account now"})] {
        house.by(token(&admin), "PATCH", &format!("/api/v1/users/{id}"), Some(change)).await.refused(403, "forbidden");
    }
    house.by(token(&admin), "DELETE", &format!("/api/v1/users/{id}"), None).await.refused(403, "forbidden");
    house
        .by(token(&admin), "PATCH", &format!("/api/v1/users/{admin_id}"), Some(json!({"role": "SUPER_ADMIN"})))
        .await
        .refused(403, "forbidden");

    // Roles of one's own: as far as one holds what they give.
    let role = json!({"name": "Équipe de nuit", "base": "AGENT", "permissions": {"conversation.read": "tenant"}});
    let made = house.by(token(&admin), "POST", "/api/v1/roles", Some(role.clone())).await.is(201);
    assert_eq!((&made["key"], &made["permissions"]["conversation.read"]), (&json!("EQUIPE_DE_NUIT"), &json!("tenant")));
    house.by(token(&admin), "POST", "/api/v1/roles", Some(role)).await.refused(422, "invalid");
    for permissions in [json!({"*": "tenant"}), json!({"platform.manage": "tenant"})] {
        let role = json!({"name": "Chefe", "permissions": permissions});
        house.by(token(&admin), "POST", "/api/v1/roles", Some(role)).await.refused(422, "invalid");
    }
    let (night_id, night) = house.colleague(&owner, "Noa", "EQUIPE_DE_NUIT").await;
    assert_eq!(night["user"]["permissions"]["conversation.read"], "tenant");
    let role_path = format!("/api/v1/roles/{}", made["id"].as_str().unwrap());
    house.by(token(&admin), "DELETE", &role_path, None).await.refused(409, "in_use");
    house.by(token(&admin), "PATCH", &role_path, Some(json!({"permissions": {"user.manage": "tenant"}}))).await.is(200);
    let users = house.by(token(&night), "POST", "/api/v1/users", Some(new("AGENT"))).await;
    users.is(201);
    house.by(token(&night), "POST", "/api/v1/users", Some(new("ADMIN"))).await.refused(403, "forbidden");
    house.by(token(&night), "DELETE", &format!("/api/v1/users/{admin_id}"), None).await.refused(403, "forbidden");

    // The last one who can manage the house can neither go nor be made less.
    house.by(token(&owner), "DELETE", &format!("/api/v1/users/{admin_id}"), None).await.is(204);
    house.by(token(&owner), "DELETE", &format!("/api/v1/users/{id}"), None).await.refused(409, "last_owner");
    for change in [json!({"role": "AGENT"}), json!({"isActive": false})] {
        house.by(token(&owner), "PATCH", &format!("/api/v1/users/{id}"), Some(change)).await.refused(409, "last_owner");
    }
    // Whoever left keeps their number from being given anew, and their e-mail is free again.
    house.by(token(&owner), "GET", &format!("/api/v1/users/{admin_id}"), None).await.refused(404, "not_found");
    let (_, again) = house.colleague(&owner, "Bea", "AGENT").await;
    assert!(again["user"]["number"].as_u64().unwrap() > 4);
    house.by(token(&owner), "DELETE", &format!("/api/v1/users/{night_id}"), None).await.is(204);
    house.by(token(&night), "GET", "/api/v1/auth/me", None).await.refused(401, "session_over");
    house.by(token(&owner), "DELETE", &role_path, None).await.is(204);
}

#[tokio::test]
async fn an_invitation_makes_a_member_once() {
    let house = house();
    let owner = house.found().await;
    let invite = json!({"email": "Rui@example.com", "name": "Rui", "role": "supervisor"});
    let made = house.by(token(&owner), "POST", "/api/v1/invitations", Some(invite.clone())).await.is(201);
    let url = made["url"].as_str().unwrap();
    assert!(url.starts_with("http://farol.example.com/invitations/"), "{url}");
    let again = house.by(token(&owner), "POST", "/api/v1/invitations", Some(invite)).await.is(201);
    let link = |url: &str| format!("/api/v1/invitations/accept/{}", url.rsplit('/').next().unwrap());
    let (old, path) = (link(url), link(again["url"].as_str().unwrap()));
    house.ask("GET", &old, &[], None).await.refused(404, "not_found");
    let offer = house.ask("GET", &path, &[], None).await.is(200);
    assert_eq!((&offer["company"], &offer["hasAccount"]), (&json!("Reboques Exemplo"), &json!(false)));
    let list = house.by(token(&owner), "GET", "/api/v1/invitations", None).await.is(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert!(list["items"][0].get("url").is_none());

    house.post(&path, json!({"name": "Rui", "password": "password1"})).await.refused(422, "invalid");
    let joined = house.post(&path, json!({"name": "Rui Alves", "password": PASSWORD})).await.is(200);
    assert_eq!((&joined["user"]["role"], &joined["user"]["name"]), (&json!("SUPERVISOR"), &json!("Rui Alves")));
    house.post(&path, json!({"name": "Rui", "password": PASSWORD})).await.refused(404, "not_found");
    house.login("rui@example.com", PASSWORD).await.is(200);

    // A link is worth what its maker may still do on the day it is used.
    let (bea, admin) = house.colleague(&owner, "Bea", "ADMIN").await;
    let body = json!({"email": "ivo@example.com", "role": "SUPERVISOR"});
    let theirs = house.by(token(&admin), "POST", "/api/v1/invitations", Some(body)).await.is(201);
    let theirs = link(theirs["url"].as_str().unwrap());
    let taken_up = || house.post(&theirs, json!({"name": "Ivo", "password": PASSWORD}));
    for change in [json!({"role": "AGENT"}), json!({"role": "ADMIN", "isActive": false})] {
        house.by(token(&owner), "PATCH", &format!("/api/v1/users/{bea}"), Some(change)).await.is(200);
        taken_up().await.refused(409, "inviter_gone");
    }
    house.login("ivo@example.com", PASSWORD).await.refused(401, "invalid_credentials");
    house.by(token(&owner), "PATCH", &format!("/api/v1/users/{bea}"), Some(json!({"isActive": true}))).await.is(200);
    taken_up().await.is(200);

    let late = json!({"email": "eva@example.com"});
    let late = house.by(token(&owner), "POST", "/api/v1/invitations", Some(late)).await.is(201);
    house.clock.advance(Duration::from_secs(7 * 86_400));
    house.ask("GET", &link(late["url"].as_str().unwrap()), &[], None).await.refused(404, "not_found");

    // Somebody who signs in elsewhere on this box joins with the password they have.
    let zoe = house.second_firm(&house.login("ana@example.com", PASSWORD).await.is(200)).await;
    let invite = json!({"email": "rui@example.com"});
    let made = house.by(token(&zoe), "POST", "/api/v1/invitations", Some(invite)).await.is(201);
    let path = link(made["url"].as_str().unwrap());
    house.post(&path, json!({"name": "x", "password": "not the present one"})).await.refused(401, "invalid_credentials");
    let joined = house.post(&path, json!({"name": "x", "password": PASSWORD})).await.is(200);
    assert_eq!((&joined["user"]["name"], joined["user"]["memberships"].as_array().unwrap().len()), (&json!("Rui Alves"), 2));
}

#[tokio::test]
async fn one_firm_knows_nothing_of_another() {
    let house = house();
    let owner = house.found().await;
    let (rui, _) = house.colleague(&owner, "Rui", "AGENT").await;
    let invite = json!({"email": "eva@example.com"});
    let invitation = house.by(token(&owner), "POST", "/api/v1/invitations", Some(invite)).await.is(201);
    let role = house.by(token(&owner), "POST", "/api/v1/roles", Some(json!({"name": "Noite"}))).await.is(201);
    let session = house.by(token(&owner), "GET", "/api/v1/auth/sessions", None).await.is(200)["items"][0]["id"].clone();

    let zoe = house.second_firm(&owner).await;
    assert_eq!(zoe["user"]["role"], "ADMIN");
    let users = house.by(token(&zoe), "GET", "/api/v1/users", None).await.is(200).to_string();
    assert!(users.contains("zoe@example.com") && !users.contains("rui@example.com"), "{users}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = [
        ("GET", format!("/api/v1/users/{rui}"), None),
        ("PATCH", format!("/api/v1/users/{rui}"), Some(json!({"name": "Taken"}))),
        ("DELETE", format!("/api/v1/users/{rui}"), None),
        ("GET", "/api/v1/users/4711".to_owned(), None),
        ("DELETE", format!("/api/v1/invitations/{}", text(&invitation["id"])), None),
        ("PATCH", format!("/api/v1/roles/{}", text(&role["id"])), Some(json!({"name": "Taken"}))),
        ("DELETE", format!("/api/v1/roles/{}", text(&role["id"])), None),
        ("DELETE", format!("/api/v1/auth/sessions/{}", text(&session)), None),
    ];
    for (method, path, body) in rows {
        house.by(token(&zoe), method, &path, body).await.refused(404, "not_found");
    }
    house.by(token(&zoe), "GET", "/api/v1/tenants", None).await.refused(403, "forbidden");
    assert_eq!(house.by(token(&zoe), "GET", "/api/v1/tenant", None).await.is(200)["name"], "Outra");
    let roles = house.by(token(&zoe), "GET", "/api/v1/roles", None).await.is(200).to_string();
    assert!(!roles.contains("NOITE"));
    let borrowed = json!({"name": "Eva", "email": "e@example.com", "password": PASSWORD, "role": "NOITE"});
    house.by(token(&zoe), "POST", "/api/v1/users", Some(borrowed)).await.refused(422, "invalid");
}

#[tokio::test]
async fn the_firm_and_its_settings_change_at_once() {
    let house = house();
    let owner = house.found().await;
    let (_, agent) = house.colleague(&owner, "Rui", "AGENT").await;
    let change =
        json!({"greetingMessage": "Bem-vindo", "timezone": "America/Sao_Paulo", "currency": "brl", "max_extensions": 20});
    let tenant = house.by(token(&owner), "PUT", "/api/tenant", Some(change)).await.is(200);
    assert_eq!(
        (&tenant["currency"], &tenant["maxExtensions"], &tenant["accessToken"]["set"]),
        (&json!("BRL"), &json!(20), &json!(false))
    );
    let cleared = house.by(token(&owner), "PATCH", "/api/v1/tenant", Some(json!({"greetingMessage": null}))).await.is(200);
    assert!(cleared["greetingMessage"].is_null());
    house
        .by(token(&owner), "PATCH", "/api/v1/tenant", Some(json!({"timezone": "Moon", "currency": "euro"})))
        .await
        .refused(422, "invalid");
    house.by(token(&agent), "PATCH", "/api/v1/tenant", Some(json!({"name": "Mine"}))).await.refused(403, "forbidden");

    let path = "/api/v1/settings/auth.accessTokenLifetime";
    house.by(token(&agent), "PUT", path, Some(json!({"value": "24h"}))).await.refused(403, "forbidden");
    house.by(token(&owner), "PUT", path, Some(json!({"value": "a week"}))).await.refused(422, "invalid");
    let set = house.by(token(&owner), "PUT", path, Some(json!({"value": "24h"}))).await.is(200);
    assert_eq!((&set["value"], &set["origin"], &set["default"]), (&json!("24h"), &json!("tenant"), &json!("15m")));
    assert_eq!(house.login("rui@example.com", PASSWORD).await.is(200)["expiresIn"], 86_400);
    house.clock.advance(Duration::from_secs(900));
    house.by(token(&owner), "GET", "/api/v1/auth/me", None).await.refused(401, "token_expired");
}

#[tokio::test]
async fn being_recognised_takes_microseconds() {
    let house = house();
    let owner = house.found().await;
    let origin = Origin::system();
    let watch = Stopwatch::start();
    for _ in 0..1_000 {
        house.identity.by_token(token(&owner), &origin).unwrap();
    }
    let each = watch.elapsed() / 1_000;
    println!("recognising a request: {each:?}");
    assert!(each < Duration::from_millis(2), "{each:?}");
}

#[tokio::test]
async fn no_other_site_signs_somebody_in_and_a_program_s_token_makes_no_cookie() {
    let house = house();
    house.found().await;
    let login = json!({"email": "ana@example.com", "password": PASSWORD});
    for foreign in [("origin", "https://evil.example.com"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        for path in ["/api/v1/auth/login", "/api/token/", "/api/v1/auth/refresh"] {
            house.ask("POST", path, &[foreign], Some(login.clone())).await.refused(403, "forbidden");
        }
    }
    let signed_in = house.ask("POST", "/api/v1/auth/login", &[("sec-fetch-site", "same-origin")], Some(login)).await;
    assert!(signed_in.cookies().contains("farol_refresh="));
    let first = signed_in.is(200);

    // Said to be text, as a form could say it.
    let request = Request::builder().method("POST").uri("/api/v1/auth/refresh").header("host", "farol.example.com");
    let request = request.header("content-type", "text/plain").body(Body::from(refresh(&first).to_string())).unwrap();
    assert_eq!(house.site.clone().oneshot(request).await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);

    let renewed = house.post("/api/v1/auth/refresh", refresh(&first)).await;
    assert_eq!(renewed.cookies(), "", "who brings the token keeps the token");
    let second = renewed.is(200);
    let by_page = house.ask("POST", "/api/v1/auth/refresh", &[("sec-fetch-site", "same-origin")], Some(refresh(&second))).await;
    assert!(by_page.cookies().contains("farol_refresh="));
}

#[tokio::test]
async fn who_manages_people_ends_no_superior_s_session() {
    let house = house();
    let owner = house.found().await;
    let (_, admin) = house.colleague(&owner, "Bea", "ADMIN").await;
    let (_, agent) = house.colleague(&owner, "Rui", "AGENT").await;
    let session = |person: &Value| {
        let token = token(person).to_owned();
        let house = &house;
        async move {
            let list = house.by(&token, "GET", "/api/v1/auth/sessions", None).await.is(200);
            format!("/api/v1/auth/sessions/{}", list["items"][0]["id"].as_str().unwrap())
        }
    };
    let (top, low) = (session(&owner).await, session(&agent).await);
    house.by(token(&admin), "DELETE", &top, None).await.refused(403, "forbidden");
    house.by(token(&owner), "GET", "/api/v1/auth/me", None).await.is(200);
    house.by(token(&admin), "DELETE", &low, None).await.is(204);
}
