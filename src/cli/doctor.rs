//! `farol doctor`: looks at everything an owner can mend, says why it matters and what to do.

mod channels;

use super::{
    Failure, Options, Outcome,
    admin::{Tell, Verbs},
    house::House,
    output::{Output, field},
    reach,
};
use crate::{
    base::{Result, Timestamp},
    config::WebUrl,
    platform::{deadletters, http::Tls, journal, outbound::install_tls_provider},
};
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};
use tokio::net::TcpStream;

/// How the findings are shown.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    output: Output,
}

/// Less than this is too little to go on working for long.
const DISK_BYTES_MIN: u64 = 1 << 30;
/// A backup older than this protects little.
const BACKUP_AGE_MAX: Duration = Duration::from_secs(7 * 86_400);
/// A certificate that ends sooner should have been renewed.
const CERTIFICATE_LEFT_MIN: Duration = Duration::from_secs(14 * 86_400);
/// The clock may stand this far behind the last event: another machine's data, or a clock set back.
const CLOCK_BACK_MAX: Duration = Duration::from_secs(300);
/// Patience with somebody else's server.
const CALL_PATIENCE: Duration = Duration::from_secs(5);

/// Runs it; fails if anything needs mending.
pub fn run(args: &Doctor, options: &Options) -> Outcome {
    let mut ill = 0;
    reach::ask(options, "doctor", json!({}), |line| {
        ill += usize::from(line["ok"] == false);
        args.output.line(&line, |l| {
            let mark = if l["ok"] == true { "ok  " } else { "MEND" };
            let remedy = l["remedy"].as_str().map(|r| format!("\n      {r}")).unwrap_or_default();
            format!("{mark}  {}: {}{remedy}", field(l, "check"), field(l, "detail"))
        });
    })?;
    if ill == 0 { Ok(()) } else { Err(Failure::new(format!("{ill} to mend"))) }
}

#[derive(Deserialize)]
struct NoArgs {}

/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let own = house.clone();
    verbs.add("doctor", move |_: NoArgs, tell| look(own.clone(), tell));
}

/// Tells findings as they are made.
struct Notes(Tell);

impl Notes {
    async fn good(&self, check: &str, detail: impl Into<String>) -> Result<()> {
        self.0.line(json!({"check": check, "ok": true, "detail": detail.into()})).await
    }
    async fn bad(&self, check: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Result<()> {
        self.0.line(json!({"check": check, "ok": false, "detail": detail.into(), "remedy": remedy.into()})).await
    }
    async fn either(&self, ok: bool, check: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Result<()> {
        if ok { self.good(check, detail).await } else { self.bad(check, detail, remedy).await }
    }
}

async fn look(house: House, tell: Tell) -> Result<()> {
    let notes = Notes(tell);
    let served = if house.kit.is_some() { "a server runs" } else { "no server runs; its own state is not looked at" };
    notes.good("server", served).await?;
    for note in &house.config.notes {
        notes.good("configuration", note.as_str()).await?;
    }
    folder(&house, &notes).await?;
    store(&house, &notes).await?;
    search(&house, &notes).await?;
    https(&house, &notes).await?;
    channels::look(&house, &notes).await?;
    outside(&house, &notes).await?;
    backups(&house, &notes).await
}

async fn folder(house: &House, notes: &Notes) -> Result<()> {
    let data = &house.config.data;
    let keys = data.join("keys");
    for path in [data.as_path(), keys.as_path()].into_iter().filter(|p| p.exists()) {
        let mode = std::fs::metadata(path).map_or(0, |m| m.permissions().mode() & 0o777);
        let remedy = format!("others on this machine could read it: chmod 700 {}", path.display());
        notes.either(mode & 0o077 == 0, "permissions", format!("{} is {mode:o}", path.display()), remedy).await?;
    }
    match &house.key_trouble {
        None => notes.good("keys", "the key file opens the secrets").await?,
        Some(trouble) => notes.bad("keys", "secrets do not open, and the server does not start", trouble.as_str()).await?,
    }
    let Ok(disk) = rustix::fs::statvfs(data) else { return Ok(()) };
    let (free, all) = (disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize));
    let enough = free >= DISK_BYTES_MIN && free >= all / 20;
    let detail = format!("{} MB free of {} MB", free >> 20, all >> 20);
    notes.either(enough, "disk", detail, "make room before writes fail: move backups away or enlarge the disk").await
}

async fn store(house: &House, notes: &Notes) -> Result<()> {
    let (seq, at) = house.store.view_platform(journal::last)?;
    let failed = house.store.has_failed();
    notes.either(!failed, "store", format!("last event {seq}, at {at}"), "a commit failed: see the log, then restart").await?;
    let back = at.since(house.env.now());
    let detail = format!("{} s behind the last event", back.as_secs());
    notes.either(back <= CLOCK_BACK_MAX, "clock", detail, "set the machine's clock (systemd-timesyncd or chrony)").await?;
    notes.either(!house.identity.needs_setup(), "owner", "checked", "nobody owns this box yet: farol setup-code").await?;
    let mut open = 0;
    for tenant in house.store.tenants() {
        open += house.store.view(tenant, |view| deadletters::list(view, None, None, 1_000))?.len();
    }
    notes.either(open == 0, "dead letters", format!("{open} open"), "decide on them: farol deadletters list").await
}

async fn search(house: &House, notes: &Notes) -> Result<()> {
    let Some(search) = &house.search else { return Ok(()) };
    match search.trouble() {
        Some(trouble) => notes.bad("search", trouble, "farol reindex builds the index anew from the records").await,
        None => {
            let behind = house.store.head().saturating_sub(search.position());
            notes.good("search", format!("{behind} events behind, {} documents", search.size().map_or(0, |s| s.0))).await
        }
    }
}

async fn https(house: &House, notes: &Notes) -> Result<()> {
    let Some(kit) = &house.kit else { return Ok(()) };
    let strangers = kit.untrusted_proxies();
    let names: Vec<String> = strangers.iter().map(ToString::to_string).collect();
    let remedy = format!("if this is your reverse proxy: trusted_proxies = [\"{}\"]", names.join("\", \""));
    let detail = format!("{} unlisted senders of X-Forwarded-*", names.len());
    notes.either(names.is_empty(), "proxies", detail, remedy).await?;
    let Some(tls) = kit.find_service::<Tls>() else { return Ok(()) };
    let status = tls.status();
    if let Some(error) = &status.last_error {
        notes.bad("certificate", error.as_str(), "names must lead here and port 80 must be reachable for ACME").await?;
    }
    let left = status.not_after.map_or(Duration::ZERO, |end| end.since(house.env.now()));
    let detail = format!("{} days left", left.as_secs() / 86_400);
    notes.either(left >= CERTIFICATE_LEFT_MIN, "certificate", detail, "renew the files, or see the error above").await
}

async fn outside(house: &House, notes: &Notes) -> Result<()> {
    let config = &house.config;
    match house.public_url() {
        None => {
            let remedy = "set public_url: providers need it for webhooks, and invitations carry it";
            notes.either(config.listen.ip().is_loopback(), "public address", "not set", remedy).await?;
        }
        Some(url) => {
            if let Some(kit) = &house.kit {
                let tls = kit.find_service::<Tls>();
                let answer = call_itself(&url, tls.as_deref().and_then(Tls::ca_der)).await;
                let ok = answer.as_ref().is_ok_and(|status| status.is_success());
                let detail = answer.map_or_else(|e| e, |status| status.to_string());
                let remedy = "the box can't reach itself under its own name: check DNS, the proxy and port forwarding";
                notes.either(ok, "public address", format!("{url}: {detail}"), remedy).await?;
            }
        }
    }
    let host_of = |url: &WebUrl| {
        let uri: http::Uri = url.as_str().parse().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if url.is_https() { 443 } else { 80 });
        (uri.host().unwrap_or_default().to_owned(), port)
    };
    let mail = config.mail_host.clone().map(|host| (host, u16::try_from(config.mail_port).unwrap_or(587)));
    let others =
        [("mail", mail), ("waha", config.waha_url.as_ref().map(host_of)), ("nuacom", config.nuacom_url.as_ref().map(host_of))];
    for (name, (host, port)) in others.into_iter().filter_map(|(name, at)| Some((name, at?))) {
        let reached = tokio::time::timeout(CALL_PATIENCE, TcpStream::connect((host.as_str(), port))).await;
        let ok = matches!(reached, Ok(Ok(_)));
        notes
            .either(ok, name, format!("{host}:{port}"), format!("nobody answers there: check {name}.* and the firewall"))
            .await?;
    }
    Ok(())
}

/// Asks the box under its own address as a browser in the house would: straight, for the guarded way out never leads
/// back here, and trusting the house's own authority where there is one.
async fn call_itself(url: &str, authority: Option<&[u8]>) -> Result<reqwest::StatusCode, String> {
    install_tls_provider();
    let mut client = reqwest::Client::builder().no_proxy().timeout(CALL_PATIENCE);
    if let Some(der) = authority {
        client = client.tls_certs_merge([reqwest::Certificate::from_der(der).map_err(|e| e.to_string())?]);
    }
    let client = client.build().map_err(|e| e.to_string())?;
    let answer = client.get(format!("{}/livez", url.trim_end_matches('/'))).send().await;
    answer.map(|answer| answer.status()).map_err(|error| {
        let mut deepest: &dyn std::error::Error = &error;
        while let Some(cause) = deepest.source() {
            deepest = cause;
        }
        deepest.to_string()
    })
}

async fn backups(house: &House, notes: &Notes) -> Result<()> {
    let folder = house.backups();
    let newest = newest(&folder);
    let age = newest.map(|at| house.env.now().since(at));
    let ok = age.is_some_and(|age| age <= BACKUP_AGE_MAX);
    let detail = age.map_or_else(|| format!("none in {}", folder.display()), |a| format!("{} h old", a.as_secs() / 3_600));
    notes.either(ok, "backup", detail, "farol backup, daily by a timer; then farol verify FILE").await
}

fn newest(folder: &Path) -> Option<Timestamp> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let finished = entries.filter(|e| {
        let name = e.file_name().to_string_lossy().into_owned();
        name.starts_with("farol-") && (name.ends_with(".tar.zst") || name.ends_with(".sealed"))
    });
    let times = finished.filter_map(|e| e.metadata().ok()?.modified().ok());
    let since = times.max()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_secs(i64::try_from(since.as_secs()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::http::tls::TlsMode;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn the_box_is_reached_under_a_lan_address_that_only_its_own_authority_vouches_for() {
        let folder = tempfile::tempdir().unwrap();
        let mode = TlsMode::Lan { names: vec!["127.0.0.1".to_owned()] };
        let tls = Tls::open(mode, folder.path(), crate::base::Env::system()).unwrap();
        let mut config = (*tls.server_config().unwrap()).clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut asked = [0; 512];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        });
        assert!(call_itself(&url, None).await.is_err(), "nobody else vouches for it");
        assert_eq!(call_itself(&url, tls.ca_der()).await.unwrap(), 200);
    }
}
