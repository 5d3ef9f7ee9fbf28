//! What a channel's settings look like over the API: one shape in and one shape out for each kind. Secrets
//! go in and never come out.

use super::{
    accounts::field,
    commands::{ConfigChange, WahaChange, WhatsappChange},
    model::{ChannelConfig, ChannelKind, PathStyle, SessionState, Waha, WhatsappCloud},
    whatsapp::BASE_URL,
};
use crate::{
    base::{Error, Result, TenantId, Timestamp, chance},
    platform::{
        http::given,
        secrets::{Keyring, Sealed, SecretView},
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::path::PathBuf;
use utoipa::ToSchema;

/// A channel's settings as the API shows them, by kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ConfigView {
    /// WhatsApp by Meta's Cloud API.
    WhatsappCloud(WhatsappCloudView),
    /// A session of a WAHA server.
    Waha(WahaView),
}

/// A Cloud API number as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WhatsappCloudView {
    /// Graph id of the number.
    #[schema(example = "106540352242922")]
    pub phone_number_id: String,
    /// Graph id of the business account.
    #[schema(example = "419561257915477")]
    pub business_account_id: Option<String>,
    /// Where the Graph API is.
    #[schema(example = "https://graph.facebook.com/v21.0")]
    pub base_url: String,
    /// The number as people dial it.
    #[schema(example = "+1 555-078-3881")]
    pub display_phone_number: Option<String>,
    /// The firm's name at the provider.
    pub verified_name: Option<String>,
    /// GREEN, YELLOW or RED.
    pub quality_rating: Option<String>,
    /// May send in the number's name.
    pub access_token: SecretView,
    /// Signs the webhooks.
    pub app_secret: SecretView,
}

/// A WAHA session as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WahaView {
    /// Where the server is.
    #[schema(example = "http://waha.example.com:3000")]
    pub base_url: String,
    /// The session's name there.
    #[schema(example = "default")]
    pub session: String,
    /// How calls are addressed.
    pub path_style: PathStyle,
    /// Lets us in.
    pub api_key: SecretView,
    /// Signs the webhooks.
    pub hmac_key: SecretView,
    /// How the session does.
    pub session_state: SessionState,
    /// Since when it does so.
    pub session_state_since: Option<Timestamp>,
    /// The number it is paired with.
    #[schema(example = "+5511900000001")]
    pub phone_number: Option<String>,
    /// The name of that WhatsApp account.
    pub profile_name: Option<String>,
    /// What drives it.
    #[schema(example = "NOWEB")]
    pub engine: Option<String>,
    /// Nothing heard for so many minutes of the working day, and a notice tells; `null`: only where something was proved to
    /// be missed.
    #[schema(example = 240)]
    pub silent_after_minutes: Option<u32>,
    /// Without a webhook for so many seconds, the chats themselves are looked through; `null`: 120.
    #[schema(example = 120)]
    pub poll_seconds: Option<u32>,
    /// The server's folder of sessions where this box can read it: it joins the backup, so that a restore needs no new code.
    #[schema(example = "/srv/waha/sessions")]
    pub session_folder: Option<String>,
    /// Does it join every backup that has a passphrase, so that a box restored from one needs no new code?
    pub is_backed_up: bool,
    /// Since when it works and tells nothing.
    pub silent_since: Option<Timestamp>,
}

impl From<ChannelConfig> for ConfigView {
    fn from(config: ChannelConfig) -> Self {
        match config {
            ChannelConfig::WhatsappCloud(config) => Self::WhatsappCloud(WhatsappCloudView {
                phone_number_id: config.phone_number_id,
                business_account_id: config.business_account_id,
                base_url: config.base_url,
                display_phone_number: config.display_number,
                verified_name: config.verified_name,
                quality_rating: config.quality,
                access_token: config.access_token.as_ref().into(),
                app_secret: config.app_secret.as_ref().into(),
            }),
            ChannelConfig::Waha(config) => Self::Waha(WahaView {
                base_url: config.base_url,
                session: config.session,
                path_style: config.path_style,
                api_key: config.api_key.as_ref().into(),
                hmac_key: config.hmac_key.as_ref().into(),
                session_state: config.state,
                session_state_since: config.state_since,
                phone_number: config.number,
                profile_name: config.profile,
                engine: config.engine,
                silent_after_minutes: config.silent_after_minutes,
                poll_seconds: config.poll_seconds,
                session_folder: config.session_folder,
                is_backed_up: false,
                silent_since: config.silent_since,
            }),
        }
    }
}

/// A channel's settings as they are given, by kind.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "shows the contract; bodies are read as the one shape their kind names")]
pub enum ConfigInput {
    /// WhatsApp by Meta's Cloud API.
    WhatsappCloud(WhatsappCloudConfig),
    /// A session of a WAHA server.
    Waha(WahaConfig),
}

/// What a Cloud API number needs. Secrets are write-only; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WhatsappCloudConfig {
    /// Graph id of the number.
    #[schema(example = "106540352242922")]
    phone_number_id: Option<String>,
    /// Graph id of the business account; `null` or an empty text takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "419561257915477")]
    business_account_id: Option<Option<String>>,
    /// A system user's token with whatsapp_business_messaging.
    #[schema(example = "EAAG-example-token", write_only)]
    access_token: Option<String>,
    /// The app's secret, from its basic settings.
    #[schema(example = "0123456789abcdef0123456789abcdef", write_only)]
    app_secret: Option<String>,
    /// Typed into Meta's dashboard; made up if none is given.
    #[schema(example = "a-token-of-your-own", write_only)]
    verify_token: Option<String>,
    /// Another Graph API; `null` or an empty text takes Meta's own again.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "https://graph.facebook.com/v21.0")]
    base_url: Option<Option<String>>,
}

/// What a WAHA session needs. Secrets are write-only; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WahaConfig {
    /// Where the server is; the configuration's `waha.url` if none is given.
    #[serde(alias = "apiUrl")]
    #[schema(example = "http://waha.example.com:3000")]
    base_url: Option<String>,
    /// The server's API key; the configuration's `waha.api_key` if none is given.
    #[schema(example = "an-example-key", write_only)]
    api_key: Option<String>,
    /// The session's name: `default` if none is given.
    #[schema(example = "default")]
    session: Option<String>,
    /// Signs the session's webhooks; made up if none is given, and given to the session when it is started from here.
    #[serde(alias = "webhookKey")]
    #[schema(example = "a-key-of-your-own", write_only)]
    hmac_key: Option<String>,
    /// How calls are addressed.
    path_style: Option<PathStyle>,
    /// Minutes of silence in the working day that are told; `null`: only what was proved to be missed.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, example = 240)]
    silent_after_minutes: Option<Option<u32>>,
    /// Seconds without a webhook after which the chats are looked through; `null`: 120.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, example = 120)]
    poll_seconds: Option<Option<u32>>,
    /// The server's folder of sessions where this box can read it; `null` or an empty text takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "/srv/waha/sessions")]
    session_folder: Option<Option<String>>,
}

/// What the configuration says of channels.
#[derive(Debug, Clone)]
pub struct ChannelDefaults {
    /// Their kind, where nobody says which.
    pub kind: ChannelKind,
    /// The WAHA server.
    pub waha: WahaDefaults,
    /// Where that server keeps its sessions, if that joins the backup.
    pub session_folder: Option<PathBuf>,
}

impl ChannelDefaults {
    /// Do the sessions of the server at `base_url` join the backup by the configuration's word?
    fn backs_up(&self, base_url: &str) -> bool {
        let place = |url: &str| url.trim_end_matches('/').to_owned();
        self.session_folder.is_some() && self.waha.base_url.as_deref().map(place) == Some(place(base_url))
    }
}

impl ConfigView {
    /// Says of a session whether it joins the backup: where the configuration names its server's folder, or the firm whose
    /// box it is has named one.
    pub fn backed_up(mut self, defaults: Option<&ChannelDefaults>, is_alone: bool) -> Self {
        if let Self::Waha(waha) = &mut self {
            let by_server = defaults.is_some_and(|defaults| defaults.backs_up(&waha.base_url));
            waha.is_backed_up = by_server || (is_alone && waha.session_folder.is_some());
        }
        self
    }
}

/// What the configuration says of a WAHA server: stands where a new channel says nothing. Never shows its key.
#[derive(Clone, Default)]
pub struct WahaDefaults {
    /// Where the server is.
    pub base_url: Option<String>,
    /// Its API key.
    pub api_key: Option<String>,
    /// The session's name.
    pub session: Option<String>,
}

impl std::fmt::Debug for WahaDefaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WahaDefaults").field("base_url", &self.base_url).field("session", &self.session).finish_non_exhaustive()
    }
}

/// Longest secret taken, in characters.
const SECRET_CHARS_MAX: usize = 1_000;

/// Trims a secret and seals it; empty counts as not given.
fn seal(
    ring: &Keyring,
    tenant: TenantId,
    field: &'static str,
    name: &'static str,
    clear: Option<String>,
) -> Result<Option<Sealed>> {
    let Some(clear) = clear.map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()) else { return Ok(None) };
    if clear.chars().count() > SECRET_CHARS_MAX || clear.chars().any(char::is_control) {
        return Err(Error::invalid(name, "format", "give the text as the provider shows it, in one line"));
    }
    ring.seal(tenant, field, &clear).map(Some)
}

/// A text without blanks around it; empty counts as not given.
pub fn text(value: Option<String>) -> Option<String> {
    value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn url(value: Option<String>) -> Option<String> {
    text(value).map(|url| url.trim_end_matches('/').to_owned())
}

/// The settings of one kind.
///
/// # Errors
/// `Invalid` naming `config` and what is wrong with it.
fn read<T: DeserializeOwned>(config: Value) -> Result<T> {
    serde_json::from_value(config).map_err(|e| Error::invalid("config", "malformed", e.to_string()))
}

/// What a body changes of a channel of `kind`.
///
/// # Errors
/// `Invalid` by field.
pub fn change(kind: ChannelKind, config: Value, ring: &Keyring, tenant: TenantId) -> Result<ConfigChange> {
    Ok(match kind {
        ChannelKind::WhatsappCloud => ConfigChange::WhatsappCloud(whatsapp_change(read(config)?, ring, tenant)?),
        ChannelKind::Waha => ConfigChange::Waha(waha_change(read(config)?, ring, tenant)?),
    })
}

fn whatsapp_change(config: WhatsappCloudConfig, ring: &Keyring, tenant: TenantId) -> Result<WhatsappChange> {
    Ok(WhatsappChange {
        phone_number_id: text(config.phone_number_id),
        business_account_id: config.business_account_id.map(text),
        base_url: config.base_url.map(|given| url(given).unwrap_or_else(|| BASE_URL.to_owned())),
        access_token: seal(ring, tenant, field::ACCESS_TOKEN, "config.accessToken", config.access_token)?,
        app_secret: seal(ring, tenant, field::APP_SECRET, "config.appSecret", config.app_secret)?,
        verify_token: seal(ring, tenant, field::VERIFY_TOKEN, "config.verifyToken", config.verify_token)?,
    })
}

fn waha_change(config: WahaConfig, ring: &Keyring, tenant: TenantId) -> Result<WahaChange> {
    Ok(WahaChange {
        base_url: url(config.base_url),
        session: text(config.session),
        api_key: seal(ring, tenant, field::API_KEY, "config.apiKey", config.api_key)?,
        hmac_key: seal(ring, tenant, field::HMAC_KEY, "config.hmacKey", config.hmac_key)?,
        path_style: config.path_style,
        silent_after_minutes: config.silent_after_minutes,
        poll_seconds: config.poll_seconds,
        session_folder: config.session_folder.map(text),
    })
}

/// The settings of a new channel of `kind`: what is not given is made up, or taken from `defaults`.
///
/// # Errors
/// `Invalid` by field.
pub fn new_config(
    kind: ChannelKind,
    config: Value,
    ring: &Keyring,
    tenant: TenantId,
    defaults: &WahaDefaults,
) -> Result<ChannelConfig> {
    let made_up = |field: &'static str| ring.seal(tenant, field, &hex::encode(chance::secret_bytes::<16>()));
    match kind {
        ChannelKind::WhatsappCloud => {
            let config = whatsapp_change(read(config)?, ring, tenant)?;
            Ok(ChannelConfig::WhatsappCloud(WhatsappCloud {
                phone_number_id: config.phone_number_id.unwrap_or_default(),
                business_account_id: config.business_account_id.flatten(),
                base_url: config.base_url.unwrap_or_else(|| BASE_URL.to_owned()),
                access_token: config.access_token,
                app_secret: config.app_secret,
                verify_token: config.verify_token.map_or_else(|| made_up(field::VERIFY_TOKEN), Ok)?,
                display_number: None,
                verified_name: None,
                quality: None,
            }))
        }
        ChannelKind::Waha => {
            let given = waha_change(read(config)?, ring, tenant)?;
            let own_server = given.base_url.is_none();
            // The configured key opens the configured server and no other.
            let configured = defaults.api_key.clone().filter(|_| own_server);
            Ok(ChannelConfig::Waha(Waha {
                base_url: given.base_url.or_else(|| url(defaults.base_url.clone())).unwrap_or_default(),
                session: given.session.or_else(|| text(defaults.session.clone())).unwrap_or_else(|| "default".to_owned()),
                api_key: match given.api_key {
                    Some(sealed) => Some(sealed),
                    None => seal(ring, tenant, field::API_KEY, "config.apiKey", configured)?,
                },
                hmac_key: Some(given.hmac_key.map_or_else(|| made_up(field::HMAC_KEY), Ok)?),
                path_style: given.path_style.unwrap_or_default(),
                state: SessionState::Unknown,
                state_since: None,
                number: None,
                profile: None,
                engine: None,
                silent_after_minutes: given.silent_after_minutes.flatten(),
                poll_seconds: given.poll_seconds.flatten(),
                session_folder: given.session_folder.flatten(),
                silent_since: None,
            }))
        }
    }
}
