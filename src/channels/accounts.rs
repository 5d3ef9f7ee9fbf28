//! Which accounts this box holds, with their secrets opened: kept in memory, because a webhook must be
//! judged before anything of it is believed, and in microseconds.

use super::{
    adapter::Line,
    model::{Channel, ChannelConfig, ChannelKind, LIVE_CHANNELS, PathStyle, Vouched},
    waha,
    whatsapp::{
        BASE_URL,
        signature::{self, AppSecret},
    },
};
use crate::{
    base::{ChannelId, Result, TenantId},
    platform::{
        journal::{Event, Follower},
        secrets::{Keyring, Sealed},
        store::{KeyRange, Read, Store},
    },
};
use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use std::{collections::HashMap, sync::Arc};

/// Fields that secrets are sealed for.
pub(super) mod field {
    pub const ACCESS_TOKEN: &str = "channel.accessToken";
    pub const APP_SECRET: &str = "channel.appSecret";
    pub const VERIFY_TOKEN: &str = "channel.verifyToken";
    pub const API_KEY: &str = "channel.apiKey";
    pub const HMAC_KEY: &str = "channel.hmacKey";
}

/// What a webhook's header claims: who signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// Meta's.
    Meta(signature::Signature),
    /// WAHA's.
    Waha(waha::signature::Signature),
}

impl Signature {
    /// Reads the header of a provider's webhook; `None` where it has not the form it must have.
    pub fn parse(kind: ChannelKind, header: &[u8]) -> Option<Self> {
        match kind {
            ChannelKind::WhatsappCloud => signature::Signature::parse(header).map(Self::Meta),
            ChannelKind::Waha => waha::signature::Signature::parse(header).map(Self::Waha),
        }
    }
}

/// What a provider signs with.
#[derive(Debug)]
enum Secret {
    Meta(AppSecret),
    Waha(waha::signature::HmacKey),
}

impl Secret {
    fn new(kind: ChannelKind, clear: &str) -> Self {
        match kind {
            ChannelKind::WhatsappCloud => Self::Meta(AppSecret::new(clear)),
            ChannelKind::Waha => Self::Waha(waha::signature::HmacKey::new(clear)),
        }
    }
    fn signed(&self, body: &[u8], signature: &Signature) -> bool {
        match (self, signature) {
            (Self::Meta(secret), Signature::Meta(claimed)) => secret.signed(body, claimed),
            (Self::Waha(key), Signature::Waha(claimed)) => key.signed(body, claimed),
            _ => false,
        }
    }
}

/// One account, ready to be judged by.
#[derive(Debug)]
pub struct Account {
    /// Whose it is, and the provider's name of it.
    pub vouched: Vouched,
    /// The provider's name of the account above it.
    pub parent: Option<String>,
    /// Which of the book's secrets signs for it.
    secret: Option<usize>,
    verify_token: Option<String>,
}

/// All accounts of the box as they stood at one moment.
#[derive(Debug, Default)]
pub struct Book {
    /// Oldest first: two WAHA servers may both have a session of one name.
    by_account: HashMap<(ChannelKind, String), Vec<Arc<Account>>>,
    by_channel: HashMap<ChannelId, Arc<Account>>,
    secrets: Vec<(Secret, Vec<Arc<Account>>)>,
}

/// The secret that signed a body, and so the accounts it may speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer(usize);

impl Book {
    /// The accounts of this name.
    pub fn find(&self, kind: ChannelKind, account: &str) -> &[Arc<Account>] {
        self.by_account.get(&(kind, account.to_owned())).map_or(&[], Vec::as_slice)
    }
    /// The account behind a channel.
    pub fn of_channel(&self, channel: ChannelId) -> Option<&Arc<Account>> {
        self.by_channel.get(&channel)
    }
    /// Who signed `body`: the accounts it names are tried first, then everybody.
    pub fn signer(&self, kind: ChannelKind, named: &[String], body: &[u8], signature: &Signature) -> Option<Signer> {
        let first = named.iter().flat_map(|name| self.find(kind, name)).filter_map(|account| account.secret);
        let mut tried = Vec::new();
        for secret in first.chain(0..self.secrets.len()) {
            if tried.contains(&secret) {
                continue;
            }
            if self.secrets[secret].0.signed(body, signature) {
                return Some(Signer(secret));
            }
            tried.push(secret);
        }
        None
    }
    /// Does this signer speak for that account?
    pub fn speaks_for(&self, signer: Signer, account: &Account) -> bool {
        account.secret == Some(signer.0)
    }
    /// Everybody this signer speaks for, oldest channel first.
    pub fn accounts_of(&self, signer: Signer) -> &[Arc<Account>] {
        self.secrets.get(signer.0).map_or(&[], |(_, accounts)| accounts)
    }
    /// The verify tokens: of one channel, or of all.
    pub fn verify_tokens(&self, channel: Option<ChannelId>) -> Vec<&str> {
        match channel {
            Some(id) => self.by_channel.get(&id).and_then(|a| a.verify_token.as_deref()).into_iter().collect(),
            None => self.by_channel.values().filter_map(|a| a.verify_token.as_deref()).collect(),
        }
    }
}

/// The book, and what it is made from.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    keyring: Keyring,
    book: ArcSwap<Book>,
    loading: parking_lot::Mutex<()>,
}

impl Accounts {
    /// Reads all channels of the box.
    ///
    /// # Errors
    /// If the store can't be read. A secret that does not open is logged and left out.
    pub fn load(store: Store, keyring: Keyring) -> Result<Self> {
        let accounts =
            Self { inner: Arc::new(Inner { store, keyring, book: ArcSwap::default(), loading: parking_lot::Mutex::new(()) }) };
        accounts.reload()?;
        Ok(accounts)
    }
    /// The keys that open secrets.
    pub fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }
    /// The accounts as they stand.
    pub fn book(&self) -> Arc<Book> {
        self.inner.book.load_full()
    }
    /// Reads all channels again, after one of them changed.
    pub fn reload(&self) -> Result<()> {
        // Two readers at once could put the older book last.
        let _one = self.inner.loading.lock();
        let mut book = Book::default();
        let mut clear: HashMap<(ChannelKind, String), usize> = HashMap::new();
        for tenant in self.inner.store.tenants() {
            let channels: Vec<Channel> = self
                .inner
                .store
                .view(tenant, |view| view.list(&LIVE_CHANNELS, KeyRange::all())?.map(|hit| Ok(hit?.0)).collect())?;
            for channel in channels {
                self.enter(&mut book, &mut clear, tenant, &channel);
            }
        }
        self.inner.book.store(Arc::new(book));
        Ok(())
    }

    fn enter(&self, book: &mut Book, clear: &mut HashMap<(ChannelKind, String), usize>, tenant: TenantId, channel: &Channel) {
        let kind = channel.kind();
        let (secret, verify_token) = match &channel.config {
            ChannelConfig::WhatsappCloud(config) => (
                config.app_secret.as_ref().and_then(|s| self.open(tenant, field::APP_SECRET, s)),
                Some(self.open(tenant, field::VERIFY_TOKEN, &config.verify_token).unwrap_or_default()),
            ),
            ChannelConfig::Waha(config) => (config.hmac_key.as_ref().and_then(|s| self.open(tenant, field::HMAC_KEY, s)), None),
        };
        let secret = secret.filter(|s| !s.is_empty()).map(|text| {
            *clear.entry((kind, text)).or_insert_with_key(|(kind, text)| {
                book.secrets.push((Secret::new(*kind, text), Vec::new()));
                book.secrets.len() - 1
            })
        });
        let account = Arc::new(Account {
            vouched: Vouched { tenant, channel: channel.id, account: channel.account().to_owned() },
            parent: match &channel.config {
                ChannelConfig::WhatsappCloud(config) => config.business_account_id.clone(),
                ChannelConfig::Waha(_) => None,
            },
            secret,
            verify_token,
        });
        if let Some(secret) = secret {
            book.secrets[secret].1.push(account.clone());
        }
        book.by_account.entry((kind, channel.account().to_owned())).or_default().push(account.clone());
        book.by_channel.insert(channel.id, account);
    }

    /// Opens a sealed value; what does not open is told once in the log and counts as absent.
    pub fn open(&self, tenant: TenantId, field: &'static str, sealed: &Sealed) -> Option<String> {
        match self.inner.keyring.unseal(tenant, field, sealed) {
            Ok(clear) => Some(clear),
            Err(error) => {
                tracing::error!(%tenant, field, %error, "a channel's secret does not open");
                None
            }
        }
    }

    /// What the adapter needs to speak for `channel`; `None` without a token.
    pub fn line(&self, tenant: TenantId, channel: &Channel) -> Option<Line> {
        match &channel.config {
            ChannelConfig::WhatsappCloud(config) => {
                let base_url = if config.base_url.is_empty() { BASE_URL } else { config.base_url.trim_end_matches('/') };
                Some(Line {
                    base_url: base_url.to_owned(),
                    account: config.phone_number_id.clone(),
                    parent_account: config.business_account_id.clone(),
                    token: self.open(tenant, field::ACCESS_TOKEN, config.access_token.as_ref()?)?,
                    path_style: PathStyle::default(),
                })
            }
            ChannelConfig::Waha(config) => Some(Line {
                base_url: config.base_url.trim_end_matches('/').to_owned(),
                account: config.session.clone(),
                parent_account: None,
                // A server in the own house may ask for none.
                token: match &config.api_key {
                    Some(sealed) => self.open(tenant, field::API_KEY, sealed)?,
                    None => String::new(),
                },
                path_style: config.path_style,
            }),
        }
    }
}

/// Whoever changes a channel, by whatever door: the book is read again.
impl Follower for Accounts {
    fn name(&self) -> &'static str {
        "channels.accounts"
    }
    fn take<'a>(&'a self, events: &'a [Arc<Event>]) -> BoxFuture<'a, Result<()>> {
        let concerned = events.iter().any(|event| event.kind.starts_with("channel."));
        Box::pin(async move { if concerned { self.reload() } else { Ok(()) } })
    }
}
