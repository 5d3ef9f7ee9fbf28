//! Channels and raw bodies: records with their tables and indexes.

use super::media::file_rules::FileRules;
use crate::{
    base::{ChannelId, InboundId, Permission, QueueId, TenantId, Timestamp},
    platform::{
        secrets::Sealed,
        store::{Index, PlatformScope, Record, TableId, TenantScope},
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// See channels and how they do.
pub const CHANNEL_READ: Permission = Permission("channel.read");
/// Connect, change, test and remove channels.
pub const CHANNEL_MANAGE: Permission = Permission("channel.manage");

/// A channel was connected. Listeners: realtime; the webhooks' book of accounts.
pub const CHANNEL_CREATED: &str = "channel.created";
/// A channel was changed, or its status did. Listeners: realtime; the webhooks' book of accounts.
pub const CHANNEL_UPDATED: &str = "channel.updated";
/// A channel was removed. Listeners: realtime; the webhooks' book of accounts.
pub const CHANNEL_DELETED: &str = "channel.deleted";

/// A provider told something of the account, a template or a group. Listeners: realtime.
pub const CHANNEL_NOTICED: &str = "channel.noticed";

/// A session waits for a phone to scan its code. Listeners: realtime (`whatsapp:qr`).
pub const WHATSAPP_QR: &str = "whatsapp.qr";
/// A session is paired and connected. Listeners: realtime (`whatsapp:ready`).
pub const WHATSAPP_READY: &str = "whatsapp.ready";
/// A session is connected no more. Listeners: realtime (`whatsapp:disconnected`).
pub const WHATSAPP_DISCONNECTED: &str = "whatsapp.disconnected";

/// Which provider, over which kind of connection. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum ChannelKind {
    /// WhatsApp by Meta's Cloud API.
    #[serde(rename = "whatsapp_cloud")]
    WhatsappCloud,
    /// WhatsApp Web by a session of a WAHA server, paired by QR code.
    #[serde(rename = "waha")]
    Waha,
}

impl ChannelKind {
    /// The word in the API and in the directory.
    pub fn word(self) -> &'static str {
        match self {
            ChannelKind::WhatsappCloud => "whatsapp_cloud",
            ChannelKind::Waha => "waha",
        }
    }
}

/// How a channel does. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChannelStatus {
    /// Proven: the provider took our credentials.
    Connected,
    /// Nothing proves yet that it works.
    Unverified,
    /// The provider refuses us; what waits to go out waits on.
    Broken,
    /// Switched off by us: takes messages in, sends none out.
    Disabled,
}

/// One connection to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its running number in the tenant.
    pub number: u64,
    /// What people call it.
    pub name: String,
    /// Taken where nobody says which.
    pub is_default: bool,
    /// The queue its new conversations begin in.
    pub queue: Option<QueueId>,
    /// How it does.
    pub status: ChannelStatus,
    /// Why, as a code and the provider's words.
    pub status_reason: Option<String>,
    /// Which files it takes in, where that is not as everywhere in the firm.
    pub file_rules: FileRules,
    /// What its provider needs.
    pub config: ChannelConfig,
    /// The last message from outside, to the minute.
    pub last_inbound_at: Option<Timestamp>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Its own limits, beside the provider's.
    pub limits: OwnLimits,
    /// Since when it is no more; its conversations still name it.
    pub removed_at: Option<Timestamp>,
    /// Sequence of the last change.
    pub rev: u64,
}

/// A channel's own limits, beside its provider's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLimits {
    /// Messages a minute; more wait.
    pub per_minute: Option<u32>,
    /// Messages a day of the firm's calendar; more are refused.
    pub per_day: Option<u32>,
}

/// Settings by kind. Appended to, never reordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelConfig {
    /// WhatsApp by Meta's Cloud API.
    WhatsappCloud(WhatsappCloud),
    /// A session of a WAHA server.
    Waha(Waha),
}

/// A number at Meta's Cloud API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsappCloud {
    /// Graph id of the number; one channel of the whole box has it.
    pub phone_number_id: String,
    /// Graph id of the business account.
    pub business_account_id: Option<String>,
    /// Where the Graph API is.
    pub base_url: String,
    /// May send in the number's name.
    pub access_token: Option<Sealed>,
    /// Signs the webhooks.
    pub app_secret: Option<Sealed>,
    /// Proves to us that Meta asks for the handshake; shown, because it is typed into Meta's dashboard.
    pub verify_token: Sealed,
    /// The number as people dial it, as the provider told.
    pub display_number: Option<String>,
    /// The firm's name at the provider.
    pub verified_name: Option<String>,
    /// How much its messages annoy: GREEN, YELLOW, RED.
    pub quality: Option<String>,
}

/// Where a session's name stands in the address of a WAHA call. It is in the body in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PathStyle {
    /// `/api/sendText`, as WAHA publishes it.
    #[default]
    Body,
    /// `/api/{session}/sendText`, as some gateways before it want it.
    Path,
}

/// How a WAHA session does, in WAHA's own words. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SessionState {
    /// Nobody has told yet.
    #[default]
    Unknown,
    /// Not running.
    Stopped,
    /// On its way.
    Starting,
    /// Waits for a phone to scan its code.
    ScanQrCode,
    /// Waits for a passkey.
    PasskeyRequired,
    /// Waits for a passkey to be confirmed.
    PasskeyConfirmationRequired,
    /// Paired and connected.
    Working,
    /// Gave up; a restart or a new code helps.
    Failed,
}

impl SessionState {
    /// From WAHA's word; one we do not know is no news.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "STOPPED" => Self::Stopped,
            "STARTING" => Self::Starting,
            "SCAN_QR_CODE" => Self::ScanQrCode,
            "PASSKEY_REQUIRED" => Self::PasskeyRequired,
            "PASSKEY_CONFIRMATION_REQUIRED" => Self::PasskeyConfirmationRequired,
            "WORKING" => Self::Working,
            "FAILED" => Self::Failed,
            _ => return None,
        })
    }
    /// WAHA's word.
    pub fn told(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Stopped => "STOPPED",
            Self::Starting => "STARTING",
            Self::ScanQrCode => "SCAN_QR_CODE",
            Self::PasskeyRequired => "PASSKEY_REQUIRED",
            Self::PasskeyConfirmationRequired => "PASSKEY_CONFIRMATION_REQUIRED",
            Self::Working => "WORKING",
            Self::Failed => "FAILED",
        }
    }
    /// Its word in reasons and events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::ScanQrCode => "scan_qr_code",
            Self::PasskeyRequired => "passkey_required",
            Self::PasskeyConfirmationRequired => "passkey_confirmation_required",
            Self::Working => "working",
            Self::Failed => "failed",
        }
    }
}

/// A session of a WAHA server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waha {
    /// Where the server is.
    pub base_url: String,
    /// The session's name there; with the address, one channel of the whole box has it.
    pub session: String,
    /// Lets us in.
    pub api_key: Option<Sealed>,
    /// Signs the webhooks.
    pub hmac_key: Option<Sealed>,
    /// How calls are addressed.
    pub path_style: PathStyle,
    /// How the session does.
    pub state: SessionState,
    /// Since when it does so.
    pub state_since: Option<Timestamp>,
    /// The number it is paired with, in E.164.
    pub number: Option<String>,
    /// The name of that WhatsApp account.
    pub profile: Option<String>,
    /// What drives it: WEBJS, NOWEB, GOWS.
    pub engine: Option<String>,
    /// Nothing heard for so many minutes of the working day, and somebody is told; `None`: only where a look into the
    /// chats shows that something was not told.
    pub silent_after_minutes: Option<u32>,
    /// Without a webhook for so many seconds, the chats themselves are looked through.
    pub poll_seconds: Option<u32>,
    /// Where this box can read the server's folder of sessions, so that it joins the backup.
    pub session_folder: Option<String>,
    /// Since when it works and tells nothing.
    pub silent_since: Option<Timestamp>,
}

impl Channel {
    /// Which kind it is.
    pub fn kind(&self) -> ChannelKind {
        match self.config {
            ChannelConfig::WhatsappCloud(_) => ChannelKind::WhatsappCloud,
            ChannelConfig::Waha(_) => ChannelKind::Waha,
        }
    }
    /// The provider's name of the account behind it, as its webhooks name it.
    pub fn account(&self) -> &str {
        match &self.config {
            ChannelConfig::WhatsappCloud(config) => &config.phone_number_id,
            ChannelConfig::Waha(config) => &config.session,
        }
    }
    /// Under what the box's directory knows the account: two servers may both have a session `default`.
    pub fn directory_key(&self) -> String {
        match &self.config {
            ChannelConfig::WhatsappCloud(config) => config.phone_number_id.clone(),
            ChannelConfig::Waha(config) => format!("{} {}", config.base_url, config.session),
        }
    }
    /// Its WAHA session, if it is one.
    pub fn waha(&self) -> Option<&Waha> {
        match &self.config {
            ChannelConfig::Waha(config) => Some(config),
            ChannelConfig::WhatsappCloud(_) => None,
        }
    }
    /// Its Cloud API number, if it is one.
    pub fn whatsapp_cloud(&self) -> Option<&WhatsappCloud> {
        match &self.config {
            ChannelConfig::WhatsappCloud(config) => Some(config),
            ChannelConfig::Waha(_) => None,
        }
    }
    /// Is it still there?
    pub fn is_live(&self) -> bool {
        self.removed_at.is_none()
    }
}

/// Running number to channel.
pub static NUMBER_TO_CHANNEL: Index<Channel> = Index::unique(0x7001, "number", |c, entries| entries.add(c.number));
/// The channels that are there, oldest first.
pub static LIVE_CHANNELS: Index<Channel> = Index::ordered(0x7002, "live channels", |c, entries| {
    if c.is_live() {
        entries.add(c.number);
    }
});

impl Record for Channel {
    type Key = ChannelId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7000);
    const NAME: &'static str = "channel";
    const INDEXES: &'static [&'static Index<Self>] = &[&NUMBER_TO_CHANNEL, &LIVE_CHANNELS];
    fn key(&self) -> ChannelId {
        self.id
    }
}

/// Larger bodies are kept as files, so that the store's pages stay small.
pub const INLINE_BYTES_MAX: usize = 64 << 10;

/// Where a raw body lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RawBody {
    /// Here.
    Inline(Vec<u8>),
    /// In `DATA/inbound`, named by its id; so many bytes.
    File(u64),
}

/// How far a raw body got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InboundState {
    /// Its elements are not all stored yet.
    Waiting,
    /// Each element is stored, or buried as a dead letter.
    Done,
}

/// An account whose secret signed a raw body: only its elements may be believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// Whose.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
    /// The provider's name of it.
    pub account: String,
}

/// One raw body, exactly as a provider sent it. Kept for a week, then gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Its id.
    pub id: InboundId,
    /// From which kind of provider.
    pub kind: ChannelKind,
    /// When it came.
    pub at: Timestamp,
    /// The bytes.
    pub body: RawBody,
    /// For whom its signature speaks.
    pub vouched: Vec<Vouched>,
    /// How far it got.
    pub state: InboundState,
    /// How many elements could not be taken and are buried.
    pub buried: u32,
    /// Tries that did not bring it to an end.
    pub attempts: u32,
}

/// Bodies whose elements are not all stored, oldest first.
pub static WAITING_INBOUND: Index<Inbound> = Index::ordered(0x7011, "waiting inbound", |i, entries| {
    if i.state == InboundState::Waiting {
        entries.add(i.at);
    }
});

impl Record for Inbound {
    type Key = InboundId;
    type Scope = PlatformScope;
    const TABLE: TableId = TableId(0x7010);
    const NAME: &'static str = "inbound body";
    const INDEXES: &'static [&'static Index<Self>] = &[&WAITING_INBOUND];
    fn key(&self) -> InboundId {
        self.id
    }
}

/// Something a provider told of an account, a template, a group or a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelNotice {
    /// Made of what was told, so that telling it twice makes one.
    pub id: Uuid,
    /// To which channel.
    pub channel: ChannelId,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// The provider's word for what it is about.
    pub topic: String,
    /// The provider's word for what happened.
    pub event: String,
    /// What it is about: a template's name and language, a number.
    pub subject: Option<String>,
    /// Why, in the provider's words.
    pub reason: Option<String>,
    /// As it came.
    pub raw: String,
    /// Stable code of what a person can do about it, where the notice is ours.
    pub next_step: Option<String>,
    /// When we were told.
    pub told_at: Timestamp,
}

/// A channel's notices, oldest first.
pub static NOTICES_OF_CHANNEL: Index<ChannelNotice> =
    Index::ordered(0x7021, "notices of a channel", |n, entries| entries.add((n.channel, n.at)));

impl Record for ChannelNotice {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7020);
    const NAME: &'static str = "channel notice";
    const INDEXES: &'static [&'static Index<Self>] = &[&NOTICES_OF_CHANNEL];
    fn key(&self) -> Uuid {
        self.id
    }
}

/// An hour in which a channel came to stand differently, once or a hundred times: how much of it it worked, and how it stands
/// since. An hour without a change leaves none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHour {
    /// Which channel.
    pub channel: ChannelId,
    /// When the hour began.
    pub hour: Timestamp,
    /// How long it was CONNECTED from then until `since`, in milliseconds.
    pub up_ms: u32,
    /// How long it was CONNECTED or BROKEN from then until `since`, in milliseconds.
    pub known_ms: u32,
    /// How it stands …
    pub status: ChannelStatus,
    /// … from when on.
    pub since: Timestamp,
}

impl Record for ChannelHour {
    type Key = (ChannelId, Timestamp);
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7080);
    const NAME: &'static str = "channel hour";
    fn key(&self) -> Self::Key {
        (self.channel, self.hour)
    }
}

/// What failed for good in one minute for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedMinute {
    /// When the minute began.
    pub at: Timestamp,
    /// The provider's or our own code.
    pub code: String,
    /// How often.
    pub times: u32,
}

/// A message that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalFailure {
    /// When.
    pub at: Timestamp,
    /// The provider's or our own code.
    pub code: String,
    /// The provider's words.
    pub reason: String,
    /// Stable code of what to do.
    pub next_step: Option<String>,
}

/// A channel's failures of late, and whether they are an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelAlarm {
    /// Which channel.
    pub channel: ChannelId,
    /// How many failed within the stretch that counts, by minute and code, oldest first.
    pub tally: Vec<FailedMinute>,
    /// The last failure of each code, the newest last.
    pub causes: Vec<FinalFailure>,
    /// Since when it is an alarm.
    pub raised_at: Option<Timestamp>,
}

impl Record for ChannelAlarm {
    type Key = ChannelId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7060);
    const NAME: &'static str = "channel alarm";
    fn key(&self) -> ChannelId {
        self.channel
    }
}

/// A file that a provider has from us already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Over which channel it was handed over.
    pub channel: ChannelId,
    /// SHA-256 of it in lower-case hex.
    pub hash: String,
    /// The provider's id of it.
    pub provider_id: String,
    /// When it was handed over.
    pub at: Timestamp,
}

/// Uploads by when they were made.
pub static UPLOADS_BY_TIME: Index<Upload> = Index::ordered(0x7071, "uploads by time", |u, entries| entries.add(u.at));

impl Record for Upload {
    type Key = (ChannelId, String);
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7070);
    const NAME: &'static str = "upload";
    const INDEXES: &'static [&'static Index<Self>] = &[&UPLOADS_BY_TIME];
    fn key(&self) -> Self::Key {
        (self.channel, self.hash.clone())
    }
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Channel>();
        check::<Inbound>();
        check::<ChannelNotice>();
        check::<ChannelHour>();
        check::<ChannelAlarm>();
        check::<Upload>();
    }
}
