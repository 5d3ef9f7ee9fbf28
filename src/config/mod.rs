//! Every option of the process, once: key, default, meaning, who may set it.
//!
//! An option can be given on the command line (`--tls-key`), in the environment (`FAROL_TLS_KEY`,
//! or `FAROL_TLS_KEY_FILE` naming a file that holds the value), in the TOML file (`[tls] key`) and,
//! where it is marked `live`, in the app's own settings. The first of these that speaks wins, and
//! [`Config::origin`] says which it was. A new option is one line in the table below; flag, names,
//! help text, sample file, printing and checking follow from it.

mod alias;
mod app;
mod load;
mod parts;
mod show;
#[cfg(test)]
mod tests;
mod value;

pub use alias::{ALIASES, Alias, Meaning};
pub use load::{ConfigError, Given, Problem};
pub use parts::directives_of;
pub use show::sample;
pub use value::{Bytes, Environment, LogFormat, LogLevel, Provider, Secret, Value, WebUrl};

use ipnet::IpNet;
use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// Where a value came from, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag(String),
    /// An environment variable.
    Env(String),
    /// A file named by an environment variable.
    EnvFile(String, PathBuf),
    /// The configuration file.
    File(PathBuf),
    /// The app's own settings.
    App,
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "flag {name}"),
            Origin::Env(name) => write!(f, "environment {name}"),
            Origin::EnvFile(name, path) => write!(f, "environment {name} (file {})", path.display()),
            Origin::File(path) => write!(f, "file {}", path.display()),
            Origin::App => f.write_str("app settings"),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// What the table says about one option.
#[derive(Debug)]
pub struct Opt {
    /// Name with dots: `tls.key`.
    pub key: &'static str,
    /// What it does, for help and sample file.
    pub doc: &'static str,
    /// The default as text; empty means not set.
    pub default: &'static str,
    /// The app's settings may change it while the server runs; all others need a restart.
    pub live: bool,
    /// Never shown.
    pub secret: bool,
    /// Takes several values.
    pub list: bool,
    /// The flag alone means `true`.
    pub switch: bool,
    /// Stands without quotes in TOML.
    pub bare: bool,
    /// What a good value looks like.
    pub expected: &'static str,
    /// Is this text such a value?
    pub accepts: fn(&str) -> bool,
}

impl Opt {
    /// `--tls-key`
    pub fn flag(&self) -> String {
        format!("--{}", self.key.replace(['.', '_'], "-"))
    }
    /// `FAROL_TLS_KEY`
    pub fn env(&self) -> String {
        format!("FAROL_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }
    /// The option called `key`.
    pub fn find(key: &str) -> Option<&'static Opt> {
        OPTIONS.iter().find(|o| o.key == key)
    }
}

macro_rules! options {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:literal, $key:literal $(, $live:ident)?;)*) => {
        /// All options, read and checked.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $field: $type,)*
            origins: BTreeMap<&'static str, Origin>,
            /// What is odd but not wrong: ignored names of earlier systems, values that contradict advice.
            pub notes: Vec<String>,
        }

        /// The table.
        pub const OPTIONS: &[Opt] = &[$(Opt {
            key: $key,
            doc: concat!($($doc, "\n"),+),
            default: $default,
            live: options!(@live $($live)?),
            secret: <$type as Value>::SECRET,
            list: <$type as Value>::LIST,
            switch: <$type as Value>::SWITCH,
            bare: <$type as Value>::BARE,
            expected: <$type as Value>::EXPECTED,
            accepts: |text| <$type as Value>::read(text.trim()).is_some(),
        }),*];

        impl Config {
            /// Builds from texts that have all been accepted.
            fn build(mut values: BTreeMap<&'static str, (String, Origin)>, notes: Vec<String>) -> Option<Self> {
                let mut origins = BTreeMap::new();
                Some(Self {
                    $($field: {
                        let (text, origin) = values.remove($key)?;
                        origins.insert($key, origin);
                        <$type as Value>::read(text.trim())?
                    },)*
                    origins,
                    notes,
                })
            }
            /// The value of `key` as text. Secrets come out too: the caller masks them.
            fn text(&self, key: &str) -> Option<String> {
                match key {
                    $($key => Some(self.$field.write()),)*
                    _ => None,
                }
            }
            /// Puts an app setting in force unless a stronger place has spoken; `false` if one has, or if `key`
            /// is no live option or `text` no value for it.
            pub fn apply_app_setting(&mut self, key: &str, text: &str) -> bool {
                if !Opt::find(key).is_some_and(|o| o.live) || !matches!(self.origin(key), Origin::Default | Origin::App) {
                    return false;
                }
                match key {
                    $($key => match <$type as Value>::read(text.trim()) {
                        Some(value) => {
                            self.$field = value;
                            self.origins.insert($key, Origin::App);
                            true
                        }
                        None => false,
                    },)*
                    _ => false,
                }
            }
        }
    };
    (@live) => { false };
    (@live live) => { true };
}

options! {
    /// Folder that holds everything: store, search index, media, keys, backups.
    /// Default: the folder systemd gives, /var/lib/farol for root, else ~/.local/share/farol.
    data: PathBuf = "", "data";
    /// Address and port to listen on. Anything but loopback wants HTTPS or a declared proxy.
    listen: SocketAddr = "127.0.0.1:8080", "listen";
    /// The address under which the outside world reaches this box. Webhook addresses and links in mails are built from it.
    public_url: Option<WebUrl> = "", "public_url", live;
    /// What the box is for: production, development or test.
    environment: Environment = "production", "environment";
    /// Addresses of reverse proxies whose X-Forwarded-* headers are believed.
    trusted_proxies: Vec<IpNet> = "", "trusted_proxies";
    /// File with the key that seals secrets. Default: DATA/keys, or the systemd credential farol-key.
    key_file: Option<PathBuf> = "", "key_file";

    /// Certificate chain (PEM). Read again when the file changes.
    tls_certificate: Option<PathBuf> = "", "tls.certificate";
    /// Private key of the certificate (PEM).
    tls_key: Option<PathBuf> = "", "tls.key";
    /// Names or addresses for a certificate of the box's own authority, for a local network: farol.lan,192.168.1.20
    tls_lan_name: Vec<String> = "", "tls.lan_name";
    /// Domains for a certificate by ACME.
    tls_acme_domain: Vec<String> = "", "tls.acme_domain";
    /// E-mail address the certificate authority may write to.
    tls_acme_email: Option<String> = "", "tls.acme_email";
    /// Directory of the certificate authority.
    tls_acme_directory: WebUrl = "https://acme-v02.api.letsencrypt.org/directory", "tls.acme_directory";
    /// Root certificate (PEM) to trust when speaking to the directory; for a private authority.
    tls_acme_root: Option<PathBuf> = "", "tls.acme_root";
    /// Where plain HTTP answers ACME challenges and sends everybody else to HTTPS. Default with ACME: port 80.
    tls_http_listen: Option<SocketAddr> = "", "tls.http_listen";

    /// How much is logged: error, warn, info or debug.
    log_level: LogLevel = "info", "log.level", live;
    /// json, text, or auto: text on a terminal, json elsewhere.
    log_format: LogFormat = "auto", "log.format";

    /// Time a connection has for its handshake and request head.
    timeouts_connect: Duration = "30s", "timeouts.connect", live;
    /// Time a request has to be answered.
    timeouts_request: Duration = "60s", "timeouts.request", live;
    /// Silence after which a socket is closed.
    timeouts_socket: Duration = "120s", "timeouts.socket", live;
    /// Time an upload has.
    timeouts_upload: Duration = "300s", "timeouts.upload", live;

    /// Largest body of an ordinary request.
    limits_body: Bytes = "1MB", "limits.body", live;
    /// Largest upload.
    limits_upload: Bytes = "100MB", "limits.upload", live;

    /// Virus scanner: a command that is given a file's path and exits with 0 if it is clean, 1 if it is infected.
    media_scanner: Option<String> = "", "media.scanner";
    /// Program that converts sound and film a channel does not take. Default: ffmpeg, where it is in the path.
    media_ffmpeg: Option<PathBuf> = "", "media.ffmpeg";

    /// Limit how often one may ask. Off in the demo.
    rate_enabled: bool = "true", "rate.enabled";
    /// The time window that the numbers of requests below are counted over.
    rate_window: Duration = "60s", "rate.window", live;
    /// Requests a window for one signed-in session.
    rate_session_requests: u32 = "6000", "rate.session_requests", live;
    /// Requests one session may make at once.
    rate_session_burst: u32 = "1000", "rate.session_burst", live;
    /// Requests a window for one person, all sessions together.
    rate_user_requests: u32 = "12000", "rate.user_requests", live;
    /// Requests one person may make at once.
    rate_user_burst: u32 = "2000", "rate.user_burst", live;
    /// Requests a window from one address, for what needs no sign-in.
    rate_address_requests: u32 = "6000", "rate.address_requests", live;
    /// Such requests one address may make at once.
    rate_address_burst: u32 = "1000", "rate.address_burst", live;
    /// Requests a window from one address to sign-in, setup and public forms.
    rate_form_requests: u32 = "60", "rate.form_requests", live;
    /// Such requests one address may make at once.
    rate_form_burst: u32 = "20", "rate.form_burst", live;
    /// Webhook calls a second for one channel.
    rate_webhook_per_second: u32 = "1000", "rate.webhook_per_second", live;

    /// Other origins whose pages may call the API: https://app.example.com. `*` only outside production.
    cors_origins: Vec<String> = "", "cors.origins", live;
    /// Methods they may use.
    cors_methods: Vec<String> = "GET,POST,PUT,PATCH,DELETE", "cors.methods", live;
    /// Headers they may send.
    cors_headers: Vec<String> = "authorization,content-type,x-request-id", "cors.headers", live;
    /// May they send cookies?
    cors_credentials: bool = "false", "cors.credentials", live;

    /// How long an access token is good: 15m, 24h, 7d.
    jwt_expiry: Duration = "15m", "jwt.expiry", live;
    /// How long a sign-in lasts without being used.
    jwt_refresh_expiry: Duration = "30d", "jwt.refresh_expiry", live;
    /// Key that signs access tokens, at least 32 characters. Default: a random one kept in DATA/keys.
    jwt_secret: Option<Secret> = "", "jwt.secret";
    /// Key that signs refresh tokens and cookies, at least 32 characters. Default: a random one kept in DATA/keys.
    /// Another one signs everybody out.
    session_secret: Option<Secret> = "", "session.secret";

    /// Memory for pages of the store.
    store_cache: Bytes = "64MB", "store.cache";
    /// Free room on the disk below which files are refused and the owner is warned.
    disk_low: Bytes = "1GB", "disk.low", live;
    /// Free room below which only messages and sign-in are taken. At least 64 MB.
    disk_full: Bytes = "256MB", "disk.full", live;
    /// How long the journal of events is kept; sockets and followers behind it start anew.
    journal_window: Duration = "90d", "journal.window";

    /// Time an outgoing connection has to be made. Single providers may differ: the app's setting outbound.providers.
    outbound_connect: Duration = "30s", "outbound.connect", live;
    /// Host names and ranges inside the own network that outgoing calls may reach.
    outbound_private_hosts: Vec<String> = "", "outbound.private_hosts";
    /// Token for /metrics from elsewhere than loopback.
    metrics_token: Option<Secret> = "", "metrics.token";
    /// Folder for backups. Default: DATA/backups.
    backup_folder: Option<PathBuf> = "", "backup.folder";

    /// Phone number id of the first WhatsApp channel; `farol setup` makes the channel when it and the token are given.
    whatsapp_phone_number_id: Option<String> = "", "whatsapp.phone_number_id";
    /// Business account id of that channel.
    whatsapp_business_account_id: Option<String> = "", "whatsapp.business_account_id";
    /// Access token of that channel.
    whatsapp_access_token: Option<Secret> = "", "whatsapp.access_token";
    /// App secret of that channel; webhooks are checked against it.
    whatsapp_app_secret: Option<Secret> = "", "whatsapp.app_secret";
    /// Verify token of that channel. Default: a random one.
    whatsapp_verify_token: Option<Secret> = "", "whatsapp.verify_token";
    /// Which kind a new WhatsApp channel is where nobody says: meta or waha.
    whatsapp_provider: Provider = "meta", "whatsapp.provider";
    /// Address of a WAHA server. `farol doctor` checks that it answers. New channels of kind waha take it over.
    waha_url: Option<WebUrl> = "", "waha.url";
    /// Its API key.
    waha_api_key: Option<Secret> = "", "waha.api_key";
    /// Its session.
    waha_session: String = "default", "waha.session";
    /// Folder in which that server keeps its sessions, where this box can read it: it joins every backup that has a
    /// passphrase, whoever's sessions they are.
    waha_session_folder: Option<PathBuf> = "", "waha.session_folder";
    /// Address of the NUACOM API. `farol doctor` checks that it answers.
    nuacom_url: Option<WebUrl> = "", "nuacom.url";
    /// Its API key.
    nuacom_api_key: Option<Secret> = "", "nuacom.api_key";
    /// Host name of the outgoing mail server. `farol doctor` checks that it answers.
    mail_host: Option<String> = "", "mail.host";
    /// Its port.
    mail_port: u32 = "587", "mail.port";
    /// Name to sign in with.
    mail_user: Option<String> = "", "mail.user";
    /// Password to sign in with.
    mail_password: Option<Secret> = "", "mail.password";
}

impl Config {
    /// Where the value of `key` came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
    /// Does the box speak TLS itself?
    pub fn has_tls(&self) -> bool {
        self.tls_certificate.is_some() || !self.tls_lan_name.is_empty() || !self.tls_acme_domain.is_empty()
    }
    /// Folder that backups go to.
    pub fn backups(&self) -> PathBuf {
        self.backup_folder.clone().unwrap_or_else(|| self.data.join("backups"))
    }
}
