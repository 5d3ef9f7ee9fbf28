//! The ports: what they refuse, what they redirect, how they stop.

use axum::extract::State;
use farol::{
    base::*,
    platform::{
        http::{Access, HttpSettings, Kit, Ports, Routes, Server, routes, site},
        store::Store,
    },
};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[utoipa::path(get, path = "/slow", responses((status = 200)))]
async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(300)).await;
    "done at last"
}

#[utoipa::path(get, path = "/stay", responses((status = 200)))]
async fn linger(State(kit): State<Kit>) -> &'static str {
    let stay = kit.stay();
    let mut stop = kit.shutdown();
    tokio::spawn(async move {
        let _ = stop.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(stay);
    });
    "started"
}

fn kit(settings: HttpSettings) -> Kit {
    let env = Env::system();
    Kit::builder(Store::in_memory(env.clone()), env, settings).build()
}

fn slow_routes() -> Routes {
    Routes::new().add(Access::Public, routes!(slow)).add(Access::Public, routes!(linger))
}

fn port_zero() -> Ports {
    Ports { plain: Some("127.0.0.1:0".parse().unwrap()), tls: None }
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn plain_http_on_a_network_is_refused_with_the_remedy() {
    let ports = Ports { plain: Some("0.0.0.0:0".parse().unwrap()), tls: None };
    let Err(error) = Server::bind(&ports, None, &kit(HttpSettings::default())).await else { panic!("must refuse") };
    assert!(error.to_string().contains("trusted_proxies"), "{error}");
    let behind = HttpSettings { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..HttpSettings::default() };
    Server::bind(&ports, None, &kit(behind)).await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let kit = kit(HttpSettings::default());
    let first = Server::bind(&port_zero(), None, &kit).await.unwrap();
    let ports = Ports { plain: first.plain_address(), tls: None };
    let Err(error) = Server::bind(&ports, None, &kit).await else { panic!("must refuse") };
    assert!(error.to_string().contains("another program listens there"), "{error}");
}

#[tokio::test]
async fn a_stop_lets_running_requests_end_and_takes_no_more() {
    let kit = kit(HttpSettings::default());
    let server = Server::bind(&port_zero(), None, &kit).await.unwrap();
    let address = server.plain_address().unwrap();
    assert_eq!(server.url(), format!("http://{address}"));
    let running = tokio::spawn(server.run(site(&kit, slow_routes())));
    assert!(get(address, "/api/v1/stay").await.ends_with("started"));
    let request = tokio::spawn(async move { get(address, "/api/v1/slow").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let watch = time::Stopwatch::start();
    kit.stop();
    assert!(request.await.unwrap().ends_with("done at last"));
    running.await.unwrap();
    assert!(watch.elapsed() < Duration::from_secs(5) && watch.elapsed() >= Duration::from_millis(190));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let mut settings = HttpSettings::default();
    settings.timeouts.connect = Duration::from_millis(200);
    let kit = kit(settings);
    let server = Server::bind(&port_zero(), None, &kit).await.unwrap();
    let address = server.plain_address().unwrap();
    tokio::spawn(server.run(site(&kit, slow_routes())));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let kit = kit(HttpSettings::default());
    let server = Server::bind(&port_zero(), None, &kit).await.unwrap();
    let address = server.plain_address().unwrap();
    let running = tokio::spawn(server.run(site(&kit, slow_routes())));
    for (hosts, status) in [("", 400), ("host: a.example.com\r\nhost: b.example.com\r\n", 400), ("host: localhost\r\n", 200)] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /livez HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{hosts:?}: {answer}");
    }
    kit.stop();
    running.await.unwrap();
}
