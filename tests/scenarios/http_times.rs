//! How long things may take, and whose scripts may call: by figures that are set, never by looking at a watch
//! (SET-09 to SET-16).

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request},
};
use farol::{
    base::*,
    platform::{
        http::{
            Access, HttpSettings, Kit, Ports, RouteOptions, Routes, Server, Site, routes,
            settings::{CorsSettings, EndpointSettings, Timeouts},
            site,
        },
        store::Store,
    },
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};
use tower::ServiceExt;

/// Lets those go who wait in a handler.
#[derive(Default)]
struct Gate(Notify);

#[utoipa::path(get, path = "/waits", responses((status = 200)))]
async fn waits(State(kit): State<Kit>) -> &'static str {
    kit.service::<Gate>().0.notified().await;
    "done"
}

#[utoipa::path(get, path = "/waits/too", responses((status = 200)))]
async fn waits_too(State(kit): State<Kit>) -> &'static str {
    kit.service::<Gate>().0.notified().await;
    "done"
}

#[utoipa::path(post, path = "/files", responses((status = 200)))]
async fn takes_files(State(kit): State<Kit>) -> &'static str {
    kit.service::<Gate>().0.notified().await;
    "done"
}

#[utoipa::path(get, path = "/at-once", responses((status = 200)))]
async fn at_once() -> &'static str {
    "done"
}

fn kit(settings: HttpSettings) -> Kit {
    let env = Env::system();
    Kit::builder(Store::in_memory(env.clone()), env, settings).provide(Arc::new(Gate::default())).build()
}

fn doors() -> Routes {
    let upload = RouteOptions { upload: true, ..RouteOptions::default() };
    Routes::new()
        .add(Access::Public, routes!(waits))
        .add(Access::Public, routes!(waits_too))
        .add(Access::Public, routes!(at_once))
        .add_with(Access::Public, upload, routes!(takes_files))
}

const TINY: Duration = Duration::from_millis(20);
const HOURS: Duration = Duration::from_secs(36_000);

fn times(request: Duration, upload: Duration) -> HttpSettings {
    HttpSettings { timeouts: Timeouts { request, upload, ..Timeouts::default() }, ..HttpSettings::default() }
}

async fn ask(site: &Site, method: Method, path: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(path).header("host", "localhost").body(Body::empty()).unwrap();
    let answer = site.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn the_figures_of_the_house() {
    let Timeouts { connect, request, socket, upload } = Timeouts::default();
    assert_eq!([connect, request, socket, upload].map(|time| time.as_secs()), [30, 60, 120, 300]);
    assert_eq!(farol::platform::outbound::CONNECT_TIMEOUT.as_secs(), 30);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_and_single_endpoints_differ() {
    let kit = kit(times(TINY, HOURS));
    let site = site(&kit, doors());
    let (status, problem) = ask(&site, Method::GET, "/api/v1/waits").await;
    let problem: Value = serde_json::from_str(&problem).unwrap();
    assert_eq!((status, &problem["code"]), (503, &Value::from("timeout")));
    assert_eq!(ask(&site, Method::GET, "/api/v1/at-once").await, (200, "done".to_owned()));

    // One endpoint may take longer than the house: it is still there when the others have long been answered.
    let mut settings = times(TINY, HOURS);
    let long = EndpointSettings { rate: None, timeout: Some(HOURS) };
    settings.endpoints.insert("GET /api/v1/waits/too".to_owned(), long);
    kit.set_settings(settings);
    for mount in ["/api/v1", "/api"] {
        let patient = tokio::spawn({
            let (site, path) = (site.clone(), format!("{mount}/waits/too"));
            async move { ask(&site, Method::GET, &path).await }
        });
        for _ in 0..3 {
            assert_eq!(ask(&site, Method::GET, "/api/v1/waits").await.0, 503);
        }
        assert!(!patient.is_finished());
        kit.service::<Gate>().0.notify_one();
        assert_eq!(patient.await.unwrap(), (200, "done".to_owned()));
    }

    // … or be held shorter.
    let mut settings = times(HOURS, HOURS);
    settings.endpoints.insert("GET /api/v1/waits".to_owned(), EndpointSettings { rate: None, timeout: Some(TINY) });
    kit.set_settings(settings);
    assert_eq!(ask(&site, Method::GET, "/api/v1/waits").await.0, 503);
}

#[tokio::test]
async fn uploads_have_a_time_of_their_own() {
    let kit = kit(times(TINY, HOURS));
    let site = site(&kit, doors());
    let upload = tokio::spawn({
        let site = site.clone();
        async move { ask(&site, Method::POST, "/api/v1/files").await }
    });
    for _ in 0..3 {
        assert_eq!(ask(&site, Method::GET, "/api/v1/waits").await.0, 503);
    }
    assert!(!upload.is_finished());
    kit.service::<Gate>().0.notify_one();
    assert_eq!(upload.await.unwrap().0, 200);
    kit.set_settings(times(HOURS, TINY));
    assert_eq!(ask(&site, Method::POST, "/api/v1/files").await.0, 503);
    // An endpoint that differs differs for uploads, too.
    let mut settings = times(HOURS, HOURS);
    settings.endpoints.insert("POST /api/v1/files".to_owned(), EndpointSettings { rate: None, timeout: Some(TINY) });
    kit.set_settings(settings);
    assert_eq!(ask(&site, Method::POST, "/api/v1/files").await.0, 503);
}

#[tokio::test]
async fn a_connection_on_which_nothing_moves_is_closed_and_a_busy_one_is_not() {
    let mut settings = times(HOURS, HOURS);
    settings.timeouts.socket = Duration::from_millis(150);
    let kit = kit(settings);
    let server = Server::bind(&Ports { plain: Some("127.0.0.1:0".parse().unwrap()), tls: None }, None, &kit).await.unwrap();
    let address = server.plain_address().unwrap();
    tokio::spawn(server.run(site(&kit, doors())));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = [0; 2_048];
    // Kept alive by what moves on it …
    for _ in 0..3 {
        stream.write_all(b"GET /api/v1/at-once HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
    }
    // … and closed once nothing does; a server that kept it would have this wait for ever.
    assert_eq!(stream.read(&mut answer).await.unwrap_or(0), 0);
    // A request that nobody answers is such a silence as well.
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(b"GET /api/v1/waits HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(silent.read(&mut answer).await.unwrap_or(0), 0);
    kit.stop();
}

fn cors(credentials: bool) -> HttpSettings {
    let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let origins = text(&["https://desk.example.com", "https://wall.example.com/"]);
    let cors = CorsSettings { origins, methods: text(&["GET", "PUT"]), headers: text(&["authorization", "x-wall"]), credentials };
    HttpSettings { cors, ..HttpSettings::default() }
}

async fn headers(site: &Site, method: Method, origin: &str, asks: Option<&str>) -> (u16, HeaderMap) {
    let mut request =
        Request::builder().method(method).uri("/api/v1/at-once").header("host", "localhost").header("origin", origin);
    if let Some(method) = asks {
        request = request.header("access-control-request-method", method);
    }
    let answer = site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    (answer.status().as_u16(), answer.headers().clone())
}

#[tokio::test]
async fn other_sites_call_by_the_methods_and_headers_that_are_set() {
    let kit = kit(cors(true));
    let site = site(&kit, doors());
    for origin in ["https://desk.example.com", "https://wall.example.com", "https://WALL.example.com"] {
        let (status, told) = headers(&site, Method::OPTIONS, origin, Some("PUT")).await;
        assert_eq!(status, 204);
        assert_eq!(told["access-control-allow-origin"], origin);
        assert_eq!(told["access-control-allow-methods"], "GET, PUT");
        assert_eq!(told["access-control-allow-headers"], "authorization, x-wall");
        assert_eq!(told["access-control-allow-credentials"], "true");
        assert!(told["vary"].to_str().unwrap().contains("origin"));
        let (status, told) = headers(&site, Method::GET, origin, None).await;
        assert_eq!((status, &told["access-control-allow-origin"]), (200, &origin.parse().unwrap()));
        assert_eq!(told["access-control-allow-credentials"], "true");
        let exposed = told["access-control-expose-headers"].to_str().unwrap();
        assert!(exposed.contains("x-request-id") && exposed.contains("x-farol-seq"), "{exposed}");
    }
    for stranger in ["https://evil.example.com", "http://desk.example.com", "https://desk.example.com.evil.example.com", "null"] {
        for (method, asks) in [(Method::OPTIONS, Some("GET")), (Method::GET, None)] {
            let (_, told) = headers(&site, method, stranger, asks).await;
            let named = told.keys().filter(|name| name.as_str().starts_with("access-control-")).count();
            assert_eq!(named, 0, "{stranger}: {told:?}");
        }
    }
    // What is set anew holds from the next request on.
    kit.set_settings(cors(false));
    let (_, told) = headers(&site, Method::OPTIONS, "https://desk.example.com", Some("PUT")).await;
    assert!(told.contains_key("access-control-allow-origin") && !told.contains_key("access-control-allow-credentials"));
    kit.set_settings(HttpSettings::default());
    let (_, told) = headers(&site, Method::GET, "https://desk.example.com", None).await;
    assert!(!told.contains_key("access-control-allow-origin"), "nobody is named by default");
}
