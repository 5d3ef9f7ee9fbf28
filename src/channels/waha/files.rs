//! Files that customers sent over a session: from where its server has them, by whatever name it knows itself.

use super::{
    client::{Client, escaped, json_of},
    ids::Key,
};
use crate::{
    channels::{
        adapter::Line,
        media::fetch::{ComingFile, NotFetched, WantedFile, fetch_by_url},
    },
    platform::outbound::Outbound,
};
use http::Method;
use url::{Host, Url};

/// Where a server's own files lie below its address.
const OWN_FILES: &str = "/api/files/";

/// Begins to fetch a file: from its address, and by its message where that is gone. A server keeps a file for three minutes.
pub async fn fetch(outbound: &Outbound, line: &Line, file: &WantedFile) -> Result<ComingFile, NotFetched> {
    let gone = match &file.url {
        Some(url) => match from(outbound, line, file, url).await {
            Err(NotFetched::Never { code: "media_gone", reason }) => reason,
            outcome => return outcome,
        },
        None => "the event brought no address".to_owned(),
    };
    match again(outbound, line, file).await? {
        Some(url) => from(outbound, line, file, &url).await,
        None => Err(NotFetched::Never { code: "media_gone", reason: gone }),
    }
}

async fn from(outbound: &Outbound, line: &Line, file: &WantedFile, url: &str) -> Result<ComingFile, NotFetched> {
    let wanted = WantedFile { url: Some(own_address(url, &line.base_url)), ..file.clone() };
    fetch_by_url(outbound, line, &wanted, |call| call.secret_header("x-api-key", &line.token)).await
}

/// Has the server fetch the file anew from WhatsApp; its address then, if it could.
async fn again(outbound: &Outbound, line: &Line, file: &WantedFile) -> Result<Option<String>, NotFetched> {
    let Some(id) = file.provider_id.as_deref() else { return Ok(None) };
    let Some(chat) = Key::parse(id).and_then(|key| key.chat) else { return Ok(None) };
    let rest = format!("chats/{}/messages/{}?downloadMedia=true", escaped(chat), escaped(id));
    match Client::new(outbound, line).own(Method::GET, &rest, None).await {
        Ok(answer) => Ok(json_of(&answer).pointer("/media/url").and_then(|url| url.as_str()).map(str::to_owned)),
        Err(failed) if failed.status == Some(404) => Ok(None),
        Err(failed) => Err(NotFetched::Later { code: "provider_error", reason: failed.reason, after: None }),
    }
}

/// A server tells its files' addresses by the name it knows itself by: `localhost` in its own container, a name of its own
/// network. Those are reached where the server itself is. Any other address stays as it was told, and must be a public one.
fn own_address(url: &str, base_url: &str) -> String {
    let Ok(at) = Url::parse(url) else { return url.to_owned() };
    let Some((_, rest)) = at.path().split_once(OWN_FILES).filter(|_| is_inside(&at)) else { return url.to_owned() };
    let query = at.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{OWN_FILES}{rest}{query}", base_url.trim_end_matches('/'))
}

/// Does the address lead nowhere but into somebody's own network?
fn is_inside(at: &Url) -> bool {
    match at.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.') || [".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_name_for_itself_is_read_as_the_server() {
        let base = "https://waha.example.com/gateway/";
        let own = "https://waha.example.com/gateway/api/files/default/a.jpeg";
        for inside in [
            "http://localhost:3000/api/files/default/a.jpeg",
            "http://127.0.0.1:3000/api/files/default/a.jpeg",
            "http://waha:3000/api/files/default/a.jpeg",
            "http://172.18.0.3:3000/api/files/default/a.jpeg",
            "http://[::1]:3000/api/files/default/a.jpeg",
            "http://waha.internal/api/files/default/a.jpeg",
        ] {
            assert_eq!(own_address(inside, base), own, "{inside}");
        }
        for other in [
            // Somebody's storage, a machine that is no WAHA server's file, and what is no address at all.
            "https://bucket.example.com/api/files/default/a.jpeg",
            "http://localhost:3000/admin",
            "http://169.254.169.254/latest/meta-data",
            "not an address",
        ] {
            assert_eq!(own_address(other, base), other);
        }
        assert_eq!(
            own_address("http://localhost/api/files/d/a?x=1", "http://10.0.0.5:3000"),
            "http://10.0.0.5:3000/api/files/d/a?x=1"
        );
    }
}
