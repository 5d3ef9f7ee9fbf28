//! What `farol doctor` says of channels: by asking their providers where a server runs, by the records where none does.

use super::Notes;
use crate::{
    base::{Error, Result, TenantId},
    channels::{Channel, ChannelStatus, CheckItem, examine_channel, live_channels},
    cli::House,
    identity,
};
use futures_util::future::{BoxFuture, join_all};
use std::time::Duration;
use tokio::{sync::Semaphore, time::timeout};

/// Patience with all providers together.
const PATIENCE: Duration = Duration::from_secs(30);
/// Channels asked at once; one whose provider is slow does not hold up the others.
const AT_ONCE: usize = 8;

/// A channel, with its firm and the name the owner knows it by.
type Found = (TenantId, String, Channel);
/// What its provider said, and the channel as it stands then.
type Examined = Result<(Vec<CheckItem>, Channel)>;

/// Looks at every channel of every firm.
pub(super) async fn look(house: &House, notes: &Notes) -> Result<()> {
    let tenants = house.store.tenants();
    let mut all: Vec<Found> = Vec::new();
    for tenant in &tenants {
        let read = house.store.view(*tenant, |view| Ok((identity::tenant_of(view)?.name, live_channels(view)?)));
        let (firm, channels) = match read {
            Ok(read) => read,
            Err(error) => {
                let detail = format!("those of firm {tenant} could not be read: {error}");
                notes.bad("channel", detail, "farol verify says which records are damaged").await?;
                continue;
            }
        };
        if channels.is_empty() && tenants.len() == 1 {
            notes.good("channel", "none is connected yet: Settings › Channels").await?;
        }
        all.extend(channels.into_iter().map(|channel| {
            let name = if tenants.len() > 1 { format!("{} ({firm})", channel.name) } else { channel.name.clone() };
            (*tenant, name, channel)
        }));
    }
    go_through(notes, &all, PATIENCE, |tenant, channel| {
        let kit = house.kit.as_ref()?;
        // What is switched off is so on purpose; its provider need not be asked.
        let id = Some(channel.id).filter(|_| channel.status != ChannelStatus::Disabled)?;
        Some(Box::pin(examine_channel(kit, tenant, id)))
    })
    .await
}

/// Asks them all, within so much time altogether, and tells of each. What befalls one is a finding about that one.
async fn go_through<'a>(
    notes: &Notes,
    all: &'a [Found],
    patience: Duration,
    examine: impl Fn(TenantId, &'a Channel) -> Option<BoxFuture<'a, Examined>>,
) -> Result<()> {
    let turns = Semaphore::new(AT_ONCE);
    let mut asked = Vec::new();
    for (tenant, _, channel) in all {
        let (answer, turns) = (examine(*tenant, channel), &turns);
        asked.push(async move {
            let answer = answer?;
            let in_turn = async {
                let _turn = turns.acquire().await;
                answer.await
            };
            let late = |_| Err(Error::unavailable("its provider does not answer in time"));
            // All begin together, so this is one deadline for all; waiting for a turn counts.
            Some(timeout(patience, in_turn).await.unwrap_or_else(late))
        });
    }
    for ((_, name, channel), outcome) in all.iter().zip(join_all(asked).await) {
        match outcome {
            None => tell(notes, name, channel, &[]).await?,
            Some(Ok((found, channel))) => tell(notes, name, &channel, &found).await?,
            // Removed in the meantime.
            Some(Err(Error::NotFound(_))) => {}
            Some(Err(error)) => {
                tell(notes, name, channel, &[]).await?;
                let detail = format!("{name}: could not be looked at: {error}");
                notes.bad("channel", detail, format!("check it: {}", page(channel))).await?;
            }
        }
    }
    Ok(())
}

async fn tell(notes: &Notes, name: &str, channel: &Channel, found: &[CheckItem]) -> Result<()> {
    let heard = channel.last_inbound_at.map_or_else(|| "no message yet".to_owned(), |at| format!("last message at {at}"));
    let cause = channel.status_reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let state = match channel.status {
        ChannelStatus::Connected => "connected",
        ChannelStatus::Unverified => "not proven to work",
        ChannelStatus::Broken => "broken, what is to go out waits",
        ChannelStatus::Disabled => "switched off, nothing goes out",
    };
    let detail = format!("{name}: {state}{cause}; {heard}");
    let fine = matches!(channel.status, ChannelStatus::Connected | ChannelStatus::Disabled) && channel.status_reason.is_none();
    notes.either(fine, "channel", detail, next_step(channel)).await?;
    for item in found.iter().filter(|item| !item.ok) {
        let why = item.detail.as_deref().or(item.reason).unwrap_or("not well");
        notes.bad("channel", format!("{name}: {}: {why}", item.code), remedy(channel, item)).await?;
    }
    Ok(())
}

/// What helps a channel in this state.
fn next_step(channel: &Channel) -> String {
    let page = page(channel);
    match channel.status_reason.as_deref().unwrap_or_default() {
        "session_scan_qr_code" => format!("scan the code with the phone: {page}"),
        why if why.starts_with("session_") => format!("start the session: {page}"),
        why if why.starts_with("many_failures") => format!("see why messages fail: {page}, Notices"),
        "silent" => format!("start the session anew: {page}"),
        _ if channel.status == ChannelStatus::Unverified => format!("check it and send a test message: {page}"),
        _ => format!("check it, and give a new token where the provider refuses the old one: {page}"),
    }
}

/// What helps against one finding.
fn remedy(channel: &Channel, item: &CheckItem) -> String {
    let page = page(channel);
    let button = match item.repair {
        Some("subscribe") => Some("Subscribe again"),
        Some("webhook") => Some("Set the webhook"),
        Some("session") => Some("Start the session"),
        Some("token") => Some("Try the key again"),
        Some("path_style") => Some("Address it the other way"),
        _ => None,
    };
    if let Some(button) = button {
        return format!("check it and press {button}: {page}");
    }
    match item.code {
        "token" => format!("make a new one at the provider and give it here: {page}"),
        "app_secret" | "hmac_key" => format!("give it here: {page}"),
        "reachable" => "nobody answers at the provider's address: check the network, and the channel's base URL".to_owned(),
        "public_address" => "set public_url, and have its name lead here".to_owned(),
        "webhook" => format!("the provider must reach the address shown at {page}"),
        "signature" => format!("the provider signs with another secret: give the right one at {page}"),
        "templates" => "see Settings › Templates".to_owned(),
        _ => format!("check it: {page}"),
    }
}

fn page(channel: &Channel) -> String {
    format!("Settings › Channels › {}", channel.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::time::Stopwatch,
        cli::{admin::Verbs, doctor::NoArgs},
    };
    use serde_json::{Value, json};
    use uuid::Uuid;

    /// Long enough for a busy machine to ask those that answer.
    const SHORT: Duration = Duration::from_secs(2);

    fn channel(n: u64, name: &str) -> Found {
        let id = Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n);
        let channel = json!({
            "id": id, "number": n, "name": name, "is_default": false, "queue": null, "status": "CONNECTED",
            "status_reason": null, "file_rules": {}, "last_inbound_at": null, "created_at": "2026-11-22T09:30:00Z", "updated_at": "2026-11-22T09:30:00Z",
            "limits": {"per_minute": null, "per_day": null}, "removed_at": null, "rev": 1,
            "config": {"Waha": {
                "base_url": "https://waha.example.com", "session": name, "api_key": null, "hmac_key": null, "path_style": "body",
                "state": "WORKING", "state_since": null, "number": null, "profile": null, "engine": null,
                "silent_after_minutes": null, "poll_seconds": null, "session_folder": null, "silent_since": null,
            }},
        });
        (id.into(), name.to_owned(), serde_json::from_value(channel).unwrap())
    }

    fn answer(channel: &Channel) -> Option<BoxFuture<'_, Examined>> {
        let item = CheckItem::bad("token", "give another one");
        Some(match channel.name.as_str() {
            "Off" => return None,
            "Damaged" => Box::pin(async { Err(Error::internal("read the templates")) }),
            "Removed" => Box::pin(async { Err(Error::NotFound("channel")) }),
            "Silent" => Box::pin(std::future::pending()),
            "Refused" => Box::pin(async { Ok((vec![item], channel.clone())) }),
            _ => Box::pin(async { Ok((Vec::new(), channel.clone())) }),
        })
    }

    #[tokio::test]
    async fn what_befalls_one_channel_is_a_finding_and_the_others_are_looked_at() {
        let mut verbs = Verbs::default();
        verbs.add("look", |_: NoArgs, tell| async move {
            // More of those that never answer than are asked at once: one deadline holds for all of them.
            let silent = (20..20 + 2 * AT_ONCE as u64).map(|n| channel(n, "Silent"));
            let first = ["Damaged", "Removed", "Refused", "Well"];
            let all: Vec<Found> =
                first.into_iter().zip(1..).map(|(name, n)| channel(n, name)).chain(silent).chain([channel(9, "Off")]).collect();
            go_through(&Notes(tell), &all, SHORT, |_, channel| answer(channel)).await
        });
        let (began, mut lines) = (Stopwatch::start(), Vec::<Value>::new());
        verbs.run("look", json!({}), |line| lines.push(line)).await.unwrap();
        assert!(began.elapsed() < 2 * SHORT, "{:?}", began.elapsed());
        let details = |ok: bool| -> Vec<&str> {
            lines.iter().filter(|line| line["ok"] == ok).map(|line| line["detail"].as_str().unwrap()).collect()
        };
        let ill = details(false);
        assert!(ill[0].starts_with("Damaged: could not be looked at: "), "{ill:?}");
        assert_eq!(ill[1], "Refused: token: give another one");
        assert_eq!(ill[2..].len(), 2 * AT_ONCE, "{ill:?}");
        assert!(ill[2..].iter().all(|line| line.starts_with("Silent: could not be looked at: ")), "{ill:?}");
        let told = details(true);
        for name in ["Damaged", "Off", "Refused", "Well", "Silent"] {
            assert!(told.contains(&format!("{name}: connected; no message yet").as_str()), "{name}: {told:?}");
        }
        assert!(lines.iter().all(|line| !line["detail"].as_str().unwrap().starts_with("Removed")));
    }
}
