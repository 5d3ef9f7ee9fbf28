//! The way out against servers on this machine and names that lie.

use super::{call::retry_by_status, *};
use axum::{Router, http::Uri, response::Redirect, routing::get};
use http::{HeaderValue, StatusCode};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Serves `router` on a port of this machine.
async fn served(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn outbound(lookup: impl Fn(&str) -> Vec<&'static str> + Send + Sync + 'static) -> Outbound {
    let lookup: Lookup = Arc::new(move |name| {
        let found: Vec<IpAddr> = lookup(&name).into_iter().map(|ip| ip.parse().unwrap()).collect();
        Box::pin(async move { Ok(found) })
    });
    Outbound::new(Env::system(), OutboundSettings { lookup: Some(lookup), ..Default::default() }).unwrap()
}

fn home() -> Outbound {
    outbound(|_| vec!["127.0.0.1"])
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused_to_strangers_and_open_to_the_owner() {
    let address = served(Router::new().route("/", get(|| async { "hello" }))).await;
    let url = format!("http://provider.example.com:{}/", address.port());
    let refused = home().send(Call::get("test", &url)).await.unwrap_err();
    assert!(matches!(refused, CallError::Refused(Refusal::Private(_))), "{refused:?}");
    assert_eq!(refused.retry(), Retry::Never);
    let answer = home().send(Call::get("test", &url).guard(Guard::Owner)).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.as_ref()), (200, b"hello".as_slice()));
    let own = home().send(Call::get("test", &url).guard(Guard::PublicOr("provider.example.com".to_owned()))).await;
    assert_eq!(own.unwrap().status.as_u16(), 200);
}

#[tokio::test]
async fn a_name_that_leads_to_this_very_process_is_refused_to_the_owner_too() {
    let address = served(Router::new().route("/", get(|| async { "hello" }))).await;
    let url = format!("http://provider.example.com:{}/", address.port());
    let out = home();
    for own in [address, SocketAddr::new([0, 0, 0, 0].into(), address.port())] {
        out.set_own(vec![own]);
        let refused = out.send(Call::get("test", &url).guard(Guard::Owner)).await.unwrap_err();
        assert!(matches!(refused, CallError::Refused(Refusal::Own)), "{own}: {refused:?}");
    }
    out.set_own(vec![SocketAddr::new([127, 0, 0, 1].into(), address.port() ^ 1)]);
    assert_eq!(out.send(Call::get("test", &url).guard(Guard::Owner)).await.unwrap().status.as_u16(), 200);
}

#[tokio::test]
async fn a_purpose_that_fails_closes_no_other_s_way() {
    let address = served(Router::new().route("/", get(|| async { StatusCode::BAD_GATEWAY }))).await;
    let url = format!("http://provider.example.com:{}/", address.port());
    let out = home();
    for _ in 0..5 {
        out.send(Call::get("webhook", &url).guard(Guard::Owner)).await.unwrap();
    }
    let resting = out.send(Call::get("webhook", &url).guard(Guard::Owner)).await.unwrap_err();
    assert!(matches!(resting, CallError::Resting(_)), "{resting:?}");
    assert_eq!(out.send(Call::get("channel", &url).guard(Guard::Owner)).await.unwrap().status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn one_forbidden_address_among_public_ones_spoils_the_name() {
    let out = outbound(|_| vec!["93.184.215.14", "10.0.0.1"]);
    let refused = out.send(Call::get("test", "http://mixed.example.com/")).await.unwrap_err();
    assert!(matches!(refused, CallError::Refused(_)), "{refused:?}");
}

#[tokio::test]
async fn a_name_is_asked_once_and_what_was_checked_is_called() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let address = served(Router::new().route("/", get(|| async { "hello" }))).await;
    // Public at the first question, home at the second: the second is never asked for one call.
    let out = outbound(|_| if ASKED.fetch_add(1, Ordering::SeqCst) == 0 { vec!["192.0.2.1"] } else { vec!["127.0.0.1"] });
    let url = format!("http://rebind.example.com:{}/", address.port());
    out.send(Call::get("test", url).timeout(Duration::from_millis(300))).await.unwrap_err();
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_address_and_gets_no_keys() {
    let inner =
        served(Router::new().route("/", get(|headers: HeaderMap| async move { format!("{:?}", headers.get("x-api-key")) })))
            .await;
    let port = inner.port();
    let outer = served(
        Router::new()
            .route("/home", get(move || async move { Redirect::temporary(&format!("http://127.0.0.1:{port}/")) }))
            .route("/metadata", get(|| async { Redirect::temporary("http://169.254.169.254/latest") }))
            .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
            .route("/round", get(|uri: Uri| async move { Redirect::temporary(uri.path()) })),
    )
    .await;
    let url = |path: &str| format!("http://start.example.com:{}{path}", outer.port());
    let stranger = Guard::PublicOr("start.example.com".to_owned());
    for path in ["/home", "/metadata", "/file"] {
        let refused = home().send(Call::get("test", url(path)).guard(stranger.clone())).await.unwrap_err();
        assert!(matches!(refused, CallError::Refused(_)), "{path}: {refused:?}");
    }
    let call = Call::get("test", url("/home")).guard(Guard::Owner).header("x-api-key", "secret").bearer("secret");
    assert_eq!(home().send(call).await.unwrap().body.as_ref(), b"None");
    let round = home().send(Call::get("test", url("/round")).guard(Guard::Owner)).await.unwrap_err();
    assert!(matches!(round, CallError::Redirects));
    let post = home().send(Call::post("test", url("/home")).guard(Guard::Owner)).await.unwrap();
    assert!(!post.status.is_success(), "a POST is never carried elsewhere");
}

#[tokio::test]
async fn an_answer_has_a_size_and_a_time() {
    let address = served(
        Router::new()
            .route("/large", get(|| async { vec![b'x'; 5_000] }))
            .route(
                "/endless",
                get(|| async {
                    axum::body::Body::from_stream(futures_util::stream::repeat_with(|| {
                        Ok::<_, std::io::Error>(vec![b'x'; 1_000])
                    }))
                }),
            )
            .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(5)).await })),
    )
    .await;
    let call = |path: &str| Call::get("test", format!("http://{address}{path}")).guard(Guard::Owner).answer_max(4_999);
    for path in ["/large", "/endless"] {
        assert!(matches!(home().send(call(path)).await, Err(CallError::TooLarge(4_999))), "{path}");
    }
    let slow = home().send(call("/slow").timeout(Duration::from_millis(100))).await.unwrap_err();
    assert_eq!(slow.retry(), Retry::Unknown);
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_left_alone() {
    let address = served(Router::new().route("/", get(|| async { StatusCode::BAD_GATEWAY }))).await;
    let out = home();
    let call = || Call::get("test", format!("http://{address}/")).guard(Guard::Owner);
    for _ in 0..5 {
        assert_eq!(out.send(call()).await.unwrap().status.as_u16(), 502);
    }
    let resting = out.send(call()).await.unwrap_err();
    assert!(matches!(resting.retry(), Retry::Safe(Some(_))), "{resting:?}");
    let dead = out.send(Call::get("test", "http://127.0.0.1:1/").guard(Guard::Owner)).await.unwrap_err();
    assert_eq!(dead.retry(), Retry::Safe(None), "{dead:?}");
}

#[tokio::test]
async fn a_host_that_never_answers_is_left_alone_too() {
    let address = served(Router::new().route("/", get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }))).await;
    let out = home();
    let call = || Call::get("test", format!("http://{address}/")).guard(Guard::Owner).timeout(Duration::from_millis(20));
    for _ in 0..5 {
        assert!(matches!(out.send(call()).await, Err(CallError::Timeout(_))));
    }
    assert!(matches!(out.send(call()).await, Err(CallError::Resting(_))));
}

#[test]
fn statuses_say_whether_to_try_again() {
    let mut headers = HeaderMap::new();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
    let said = Retry::Safe(Some(Duration::from_secs(7)));
    for (status, expected) in
        [(429, said), (503, said), (500, Retry::Unknown), (504, Retry::Unknown), (400, Retry::Never), (401, Retry::Never)]
    {
        assert_eq!(retry_by_status(StatusCode::from_u16(status).unwrap(), &headers), expected, "{status}");
    }
}

#[tokio::test]
async fn a_provider_or_host_has_times_of_its_own() {
    // A name that never becomes an address: no connection is ever made.
    let lookup: Lookup = Arc::new(|_| Box::pin(std::future::pending()));
    let out = Outbound::new(Env::system(), OutboundSettings { lookup: Some(lookup), ..Default::default() }).unwrap();
    let short = Duration::from_millis(20);
    let call = |purpose| Call::get(purpose, "http://provider.example.com:8080/").guard(Guard::Owner);
    let times = |connect: Option<Duration>, answer: Option<Duration>| CallTimes { connect, answer };
    let named = |name: &str, times| Patience { by_name: [(name.to_owned(), times)].into(), ..Patience::default() };
    // For everybody, by purpose, by host, by host and port: nothing was sent, so it may be sent again.
    for patience in [
        Patience { connect: short, ..Patience::default() },
        named("slow", times(Some(short), None)),
        named("provider.example.com", times(Some(short), None)),
        named("provider.example.com:8080", times(Some(short), None)),
    ] {
        out.set_patience(patience.clone());
        let failed = out.send(call("slow")).await.unwrap_err();
        assert!(matches!(failed, CallError::Unreachable(_)), "{patience:?}: {failed:?}");
        assert_eq!(failed.retry(), Retry::Safe(None));
        out.0.breaker.note("slow provider.example.com:8080", true, out.0.env.now());
    }
    // Others keep the house's times, and an answer has a time of its own.
    out.set_patience(named("slow", times(Some(short), None)));
    let failed = out.send(call("other").timeout(short)).await.unwrap_err();
    assert!(matches!(failed, CallError::Timeout(_)), "{failed:?}");
    out.set_patience(named("slow", times(None, Some(short))));
    let failed = out.send(call("slow")).await.unwrap_err();
    assert!(matches!(failed, CallError::Timeout(time) if time == short), "{failed:?}");
    // However many times somebody thinks of, few sets of connections are kept.
    for millis in 1..30 {
        out.set_patience(Patience { connect: Duration::from_millis(millis), ..Patience::default() });
        out.clients(Duration::from_millis(millis)).unwrap();
        assert!(out.0.clients.read().len() <= CLIENT_SETS_MAX);
    }
    assert!(out.0.clients.read().contains_key(&CONNECT_TIMEOUT));
    let both = named("slow", times(Some(short), None))
        .by_name
        .into_iter()
        .chain([("provider.example.com".to_owned(), times(None, Some(short)))]);
    let url = Url::parse("http://provider.example.com/").unwrap();
    let patience = Patience { by_name: both.collect(), ..Patience::default() };
    assert_eq!(patience.of("slow", &url), times(Some(short), Some(short)));
}
