//! HTTPS in the binary: the house's own authority, files that change, and a public authority (pebble).

use farol::{
    base::*,
    platform::{
        http::{HttpSettings, Kit, Ports, Routes, Server, Tls, TlsMode, site, tls::AcmeSettings},
        outbound::install_tls_provider,
        store::Store,
    },
};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

/// A box that serves, with its ports.
struct Running {
    kit: Kit,
    plain: Option<SocketAddr>,
    tls: SocketAddr,
    status: Arc<Tls>,
    done: tokio::task::JoinHandle<()>,
}

async fn start(mode: TlsMode, keys: &Path, plain: Option<SocketAddr>) -> Running {
    let env = Env::system();
    let status = Tls::open(mode, keys, env.clone()).unwrap();
    let kit = Kit::builder(Store::in_memory(env.clone()), env, HttpSettings::default()).provide(status.clone()).build();
    let ports = Ports { plain, tls: Some(free()) };
    let server = Server::bind(&ports, Some(status.server_config().unwrap()), &kit).await.unwrap();
    let (plain, tls) = (server.plain_address(), server.tls_address().unwrap());
    tokio::spawn(status.clone().run(kit.shutdown()));
    let done = tokio::spawn(server.run(site(&kit, Routes::new())));
    Running { kit, plain, tls, status, done }
}

fn free() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// A client that trusts only `root` and finds `name` on this machine.
fn client(root: &[u8], name: &str) -> reqwest::Client {
    install_tls_provider();
    reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(root).unwrap()])
        .resolve(name, free())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_phone_installs_the_authority_over_http_and_then_speaks_https() {
    let keys = tempfile::tempdir().unwrap();
    let names = vec!["farol.lan".to_owned(), "127.0.0.1".to_owned()];
    let running = start(TlsMode::Lan { names }, keys.path(), Some(free())).await;
    let (plain, port) = (running.plain.unwrap(), running.tls.port());
    install_tls_provider();
    let stranger = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    stranger.get(format!("https://127.0.0.1:{port}/livez")).send().await.unwrap_err();

    let page = stranger.get(format!("http://{plain}/trust?lang=fr")).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(page.text().await.unwrap().contains("/trust/farol.mobileconfig"));
    let root = stranger.get(format!("http://{plain}/trust/farol-ca.crt")).send().await.unwrap().bytes().await.unwrap();

    let phone = client(&root, "farol.lan");
    for host in ["farol.lan", "127.0.0.1"] {
        let answer = phone.get(format!("https://{host}:{port}/livez")).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2), "{host}");
        assert!(answer.headers().contains_key("strict-transport-security"));
    }
    // Everything else on the plain port, and plain speech on the HTTPS port, is shown the way.
    for address in [plain, running.tls] {
        let answer = stranger.get(format!("http://{address}/inbox?x=1")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 308);
        assert_eq!(answer.headers()["location"], format!("https://127.0.0.1:{port}/inbox?x=1"));
    }
    running.kit.stop();
    running.done.await.unwrap();
}

#[tokio::test]
async fn a_changed_certificate_file_is_in_use_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    let make = || {
        let made = rcgen::generate_simple_self_signed(vec!["farol.example.com".to_owned()]).unwrap();
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        made.cert.pem()
    };
    let first = make();
    let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T08:00:00Z").unwrap(), 1);
    let mode = TlsMode::Files { certificate: certificate.clone(), key: key.clone() };
    let tls = Tls::open(mode, folder.path(), env.clone()).unwrap();
    let kit = Kit::builder(Store::in_memory(env.clone()), env, HttpSettings::default()).build();
    let ports = Ports { plain: None, tls: Some(free()) };
    let server = Server::bind(&ports, Some(tls.server_config().unwrap()), &kit).await.unwrap();
    let url = format!("https://farol.example.com:{}/livez", server.tls_address().unwrap().port());
    tokio::spawn(server.run(site(&kit, Routes::new())));
    client(first.as_bytes(), "farol.example.com").get(&url).send().await.unwrap();

    // A half-written pair is noticed, told, and not used.
    let second = make();
    fs::write(&key, "rubbish").unwrap();
    tokio::spawn(tls.clone().run(kit.shutdown()));
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if tls.status().last_error.is_some() {
            break;
        }
    }
    assert!(tls.status().last_error.is_some());
    client(first.as_bytes(), "farol.example.com").get(&url).send().await.unwrap();
    let third = make();
    assert_ne!(second, third);
    for _ in 0..100 {
        clock.advance(Duration::from_secs(31));
        tokio::time::sleep(Duration::from_millis(10)).await;
        if tls.status().last_error.is_none() {
            break;
        }
    }
    client(third.as_bytes(), "farol.example.com").get(&url).send().await.unwrap();
}

/// A test authority and its name server; ended with the test.
struct Pebble {
    processes: Vec<Child>,
    directory: String,
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(free()).unwrap().local_addr().unwrap().port()
}

/// Starts pebble, which proves addresses at `http_port` of this machine.
fn pebble(folder: &Path, http_port: u16) -> Option<Pebble> {
    for program in ["pebble", "pebble-challtestsrv"] {
        if !Path::new("/usr/bin").join(program).exists() {
            println!("skipped: {program} is not installed (Debian package pebble)");
            return None;
        }
    }
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("pebble.crt"), made.cert.pem()).unwrap();
    fs::write(folder.join("pebble.key"), made.signing_key.serialize_pem()).unwrap();
    let (api, management, names, names_management) = (free_port(), free_port(), free_port(), free_port());
    let config = serde_json::json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{api}"),
        "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": folder.join("pebble.crt"),
        "privateKey": folder.join("pebble.key"),
        "httpPort": http_port,
        "tlsPort": 1,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": false,
    }});
    fs::write(folder.join("pebble.json"), config.to_string()).unwrap();
    let mut resolver = Command::new("pebble-challtestsrv");
    resolver.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]);
    resolver.args(["-dns01", &format!("127.0.0.1:{names}"), "-management", &format!("127.0.0.1:{names_management}")]);
    let mut authority = Command::new("pebble");
    authority.arg("-config").arg(folder.join("pebble.json")).arg("-dnsserver").arg(format!("127.0.0.1:{names}"));
    // No waiting before it looks, and every second request refused for its nonce: worse than any public one.
    authority.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "50");
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let processes = vec![quiet(&mut resolver), quiet(&mut authority)];
    Some(Pebble { processes, directory: format!("https://localhost:{api}/dir") })
}

#[tokio::test]
async fn a_public_authority_certifies_the_box_and_a_restart_needs_no_second_order() {
    let folder = tempfile::tempdir().unwrap();
    let http_port = free_port();
    let Some(authority) = pebble(folder.path(), http_port) else { return };
    let mode = TlsMode::Acme(AcmeSettings {
        directory: authority.directory.clone(),
        domains: vec!["farol.example.com".to_owned()],
        contact_email: Some("owner@example.com".to_owned()),
        directory_root: Some(folder.path().join("pebble.crt")),
    });
    let keys = folder.path().join("keys");
    // Pebble needs a moment; the first try is repeated only after a minute.
    let port: u16 = authority.directory.split([':', '/']).nth(4).unwrap().parse().unwrap();
    for _ in 0..200 {
        if tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let running = start(mode.clone(), &keys, Some((Ipv4Addr::LOCALHOST, http_port).into())).await;
    assert!(running.status.status().placeholder);
    for _ in 0..400 {
        let status = running.status.status();
        assert_eq!(status.last_error, None);
        if !status.placeholder {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let status = running.status.status();
    assert!(!status.placeholder && status.not_after.is_some_and(|end| end > Env::system().now()), "{status:?}");
    for name in ["acme-account.json", "acme.key.pem", "acme.crt.pem"] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(keys.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    running.kit.stop();
    running.done.await.unwrap();
    drop(authority);
    let again = Tls::open(mode, &keys, Env::system()).unwrap();
    assert_eq!((again.status().placeholder, again.status().not_after), (false, status.not_after));
}
