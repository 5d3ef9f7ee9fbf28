//! What `farol doctor` says of channels: by asking their providers where a server runs, by the records where none does.

use super::Notes;
use crate::{
    base::Result,
    channels::{Channel, ChannelStatus, CheckItem, examine_channel, live_channels},
    cli::House,
    identity,
};

/// Looks at every channel of every firm.
pub(super) async fn look(house: &House, notes: &Notes) -> Result<()> {
    let tenants = house.store.tenants();
    for tenant in &tenants {
        let (firm, channels) = house.store.view(*tenant, |view| Ok((identity::tenant_of(view)?.name, live_channels(view)?)))?;
        if channels.is_empty() && tenants.len() == 1 {
            notes.good("channel", "none is connected yet: Settings › Channels").await?;
        }
        for channel in channels {
            let name = if tenants.len() > 1 { format!("{} ({firm})", channel.name) } else { channel.name.clone() };
            // What is switched off is so on purpose; its provider need not be asked.
            let (found, channel) = match &house.kit {
                Some(kit) if channel.status != ChannelStatus::Disabled => examine_channel(kit, *tenant, channel.id).await?,
                _ => (Vec::new(), channel),
            };
            tell(notes, &name, &channel, &found).await?;
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
