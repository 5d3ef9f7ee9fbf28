//! Names of earlier systems: those that still mean something, and those that don't any more.

/// What a foreign name means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The value of this option.
    Option(&'static str),
    /// Only the port of `listen`.
    Port,
    /// Nothing; says why. Reported when set.
    Ignored(&'static str),
}

/// One foreign environment name. A `*` at the end stands for any rest.
#[derive(Debug)]
pub struct Alias {
    /// The name in the environment.
    pub name: &'static str,
    /// What it means.
    pub meaning: Meaning,
}

const NO_DATABASE: &str = "the store is part of the program and lives in the data folder";
const NO_CACHE: &str = "no cache server is needed";
const NO_QUEUE: &str = "no queue server is needed";
const OWN_FRONT_END: &str = "the web app is served by the box itself and finds its API at the same address";

const fn option(name: &'static str, key: &'static str) -> Alias {
    Alias { name, meaning: Meaning::Option(key) }
}
const fn ignored(name: &'static str, why: &'static str) -> Alias {
    Alias { name, meaning: Meaning::Ignored(why) }
}

/// All of them; where two mean the same option the earlier one wins.
pub const ALIASES: &[Alias] = &[
    option("NODE_ENV", "environment"),
    Alias { name: "PORT", meaning: Meaning::Port },
    option("FRONTEND_URL", "public_url"),
    option("BACKEND_URL", "public_url"),
    option("WEBHOOK_ENDPOINT", "public_url"),
    option("JWT_SECRET", "jwt.secret"),
    option("SESSION_SECRET", "session.secret"),
    option("JWT_EXPIRATION", "jwt.expiry"),
    option("CORS_ORIGIN", "cors.origins"),
    option("WHATSAPP_ACCESS_TOKEN", "whatsapp.access_token"),
    option("WHATSAPP_PHONE_NUMBER_ID", "whatsapp.phone_number_id"),
    option("WHATSAPP_BUSINESS_ACCOUNT_ID", "whatsapp.business_account_id"),
    option("WHATSAPP_WEBHOOK_VERIFY_TOKEN", "whatsapp.verify_token"),
    option("WHATSAPP_APP_SECRET", "whatsapp.app_secret"),
    option("WHATSAPP_PROVIDER", "whatsapp.provider"),
    option("WAHA_API_URL", "waha.url"),
    option("WAHA_API_KEY", "waha.api_key"),
    option("WAHA_SESSION", "waha.session"),
    option("NUACOM_API_URL", "nuacom.url"),
    option("NUACOM_APIKEY", "nuacom.api_key"),
    option("MAIL_HOST", "mail.host"),
    option("MAIL_PORT", "mail.port"),
    option("MAIL_USER", "mail.user"),
    option("MAIL_PASSWORD", "mail.password"),
    ignored("PROXY_PORT", "one port serves everything"),
    ignored("DATABASE_URL", NO_DATABASE),
    ignored("DB_*", NO_DATABASE),
    ignored("REDIS_*", NO_CACHE),
    ignored("AMQP_URL", NO_QUEUE),
    ignored("QUEUE_PREFIX", NO_QUEUE),
    ignored("REACT_APP_*", OWN_FRONT_END),
    ignored("NEXT_PUBLIC_*", OWN_FRONT_END),
];

impl Alias {
    /// Does `name` in the environment mean this one?
    pub fn covers(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix) && name.len() > prefix.len(),
            None => self.name == name,
        }
    }
}
