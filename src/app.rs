//! Puts the house together: the one list of routers, encoders, followers, hands, timers, jobs and settings.
//!
//! Nothing is decided here. A capability is found by its room; what runs in the background is found below.

use crate::{
    base::{Env, Error},
    channels::{self, Accounts, ChannelFrames, ChannelHand, GivenNumber, Ingest, WhatsappCloudAdapter},
    config::{Config, Secret},
    contacts::{self, ContactFrames, ContactWords},
    conversations::{self, ContactCards, ConversationFrames, ConversationWords, MessageWords},
    desk,
    identity::{self, Above, Cost, Identity, IdentityOptions, PeopleFrames},
    platform::{
        deadletters::DeadLetters,
        http::{self, Kit, Routes, Server, Site, tls::Tls},
        jobs::{Jobs, TrimJournal},
        journal::{Followers, Reactions},
        operations::{self, About, OperationsEncoder},
        outbound::{self, Outbound, OutboundSettings},
        outbox::Outbox,
        realtime::{self, Encoder, Hub, HubParts},
        search::{Search, SearchParts},
        secrets::Keyring,
        store::{OpenError, Store},
        timers::Timers,
    },
    routing::{self, QueueFrames},
    settings::{self, Registry, Settings},
};
use std::sync::{Arc, OnceLock};
use tokio::task::JoinSet;

/// What a process is told before it starts.
pub struct Start {
    /// Options, read and checked.
    pub config: Config,
    /// Clock and chance.
    pub env: Env,
    /// A fictional firm with simulated traffic.
    pub demo: bool,
    /// What a password hash costs; `None`: tuned to this machine.
    pub cost: Option<Cost>,
}

/// Why a process does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// Anything else: ports, certificates, keys.
    #[error(transparent)]
    Other(#[from] Error),
}

/// A running house.
pub struct App {
    kit: Kit,
    server: Server,
    site: Site,
    hub: Hub,
    search: Search,
    tasks: JoinSet<()>,
}

/// THE list of routers.
pub fn routes() -> Routes {
    Routes::new()
        .merge(realtime::routes())
        .merge(operations::routes())
        .merge(settings::routes())
        .merge(identity::routes())
        .merge(contacts::routes())
        .merge(conversations::routes())
        .merge(routing::routes())
        .merge(channels::routes())
        .merge(desk::routes())
}

/// The contract of the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    http::openapi(routes())
}

/// THE list of settings that people change in the app.
fn registry() -> Registry {
    Registry::new().with_all(&settings::http::keys()).with_all(&identity::settings()).with_all(&conversations::settings())
}

/// THE list of frames. The kit comes after the hub it holds, so frames that need it find it later.
fn encoders(kit: &Arc<OnceLock<Kit>>) -> Vec<Box<dyn Encoder>> {
    vec![
        Box::new(OperationsEncoder),
        Box::new(PeopleFrames),
        Box::new(ContactFrames),
        Box::new(ConversationFrames),
        Box::new(QueueFrames),
        Box::new(ChannelFrames { kit: kit.clone() }),
    ]
}

/// What a new firm gets from rooms above identity, and what identity asks them.
pub fn above_identity() -> Above {
    Above {
        founding: vec![Arc::new(routing::founding_step)],
        check_queues: Some(Arc::new(routing::check_queues)),
        tenant_whatsapp: Some(Arc::new(channels::tenant_whatsapp)),
    }
}

/// The number that the configuration names for the first firm.
fn given_number(config: &Config) -> Option<GivenNumber> {
    let shown = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    Some(GivenNumber {
        name: "WhatsApp".to_owned(),
        phone_number_id: config.whatsapp_phone_number_id.clone()?,
        business_account_id: config.whatsapp_business_account_id.clone(),
        access_token: shown(&config.whatsapp_access_token),
        app_secret: shown(&config.whatsapp_app_secret),
        verify_token: shown(&config.whatsapp_verify_token),
        base_url: None,
    })
}

/// How each kind of dead letter is retried.
pub fn dead_letters() -> DeadLetters {
    let mut letters = DeadLetters::new();
    letters.on_retry("inbound", channels::retry_letter);
    letters
}

impl App {
    /// Opens the data folder, binds the ports and starts everything that runs in the background.
    pub async fn start(start: Start) -> Result<Self, StartError> {
        outbound::install_tls_provider();
        let Start { config, env, demo, cost } = start;
        let data = config.data.clone();
        std::fs::create_dir_all(&data)
            .map_err(|e| Error::invalid("data", "format", format!("{} can't be made: {e}", data.display())))?;
        let store = Store::open(&data, &config.store(), env.clone())?;
        let keyring = Keyring::open(&data, config.key_file.as_deref())?;
        let outbound = Outbound::new(env.clone(), OutboundSettings::default())?;

        let options = IdentityOptions {
            data: data.clone(),
            jwt_secret: config.jwt_secret.as_ref().map(|secret| secret.expose().to_owned()),
            access_lifetime: None,
            cost: cost.unwrap_or(Cost::FLOOR),
        };
        let mut above = above_identity();
        above.founding.push(channels::founding_step(given_number(&config), keyring.clone()));
        let identity = Arc::new(Identity::new(store.clone(), env.clone(), &keyring, options, above)?);
        let late_kit = Arc::new(OnceLock::new());
        let hub = Hub::new(HubParts {
            store: store.clone(),
            env: env.clone(),
            build: build(),
            encoders: encoders(&late_kit),
            rights: identity.clone(),
            sight: Some(conversations::sight()),
        });
        let search = Search::start(SearchParts {
            store: store.clone(),
            folder: data.join("search"),
            extractors: vec![Box::new(MessageWords), Box::new(ConversationWords), Box::new(ContactWords)],
        })?;

        let adapter = Arc::new(WhatsappCloudAdapter);
        let accounts = Accounts::load(store.clone(), keyring.clone())?;
        let ingest = Ingest::new(store.clone(), env.clone(), accounts.clone(), adapter.clone(), &data);

        let mut outbox = Outbox::new();
        outbox.hand(Arc::new(ChannelHand::new(store.clone(), env.clone(), accounts.clone(), outbound.clone(), adapter.clone())));
        let timers = Timers::new();
        let mut followers = Followers::new();
        followers.on(Arc::new(accounts));
        let mut reactions = Reactions::new();
        reactions.on(ContactCards);
        let mut jobs = Jobs::new();
        jobs.chore(TrimJournal { window: config.journal_window });
        let letters = dead_letters();

        let settings = config.http();
        let about =
            About { version: env!("CARGO_PKG_VERSION").into(), build: build(), public_url: settings.public_url.clone(), demo };
        let mut kit = Kit::builder(store.clone(), env.clone(), settings)
            .provide(Arc::new(about))
            .provide(Arc::new(Settings::new(registry())))
            .provide(Arc::new(hub.clone()))
            .provide(Arc::new(search.clone()))
            .provide(Arc::new(letters))
            .provide(Arc::new(keyring))
            .provide(Arc::new(outbound))
            .provide(Arc::new(ingest.clone()))
            .provide(identity.clone())
            .authenticator(identity.clone())
            .needs_setup({
                let identity = identity.clone();
                move || identity.needs_setup()
            })
            .ready_if("store", {
                let store = store.clone();
                move || if store.has_failed() { Err("the store has failed".to_owned()) } else { Ok(()) }
            });
        let tls = config.tls_mode().map(|mode| Tls::open(mode, &data.join("keys"), env.clone())).transpose()?;
        if let Some(tls) = &tls {
            kit = kit.provide(tls.clone());
        }
        let kit = kit.build();
        let _ = late_kit.set(kit.clone());
        let certificates = tls.as_ref().map(|tls| tls.server_config()).transpose()?;
        let server = Server::bind(&config.ports(), certificates, &kit).await?;
        let site = http::site(&kit, routes());

        let mut tasks = JoinSet::new();
        let stop = || kit.shutdown();
        tasks.spawn(hub.clone().run());
        tasks.spawn(Arc::new(outbox).run(store.clone(), env.clone(), stop()));
        tasks.spawn(Arc::new(timers).run(store.clone(), env.clone(), stop()));
        tasks.spawn(Arc::new(followers).run(store.clone(), env.clone(), stop()));
        tasks.spawn(Arc::new(reactions).run(store.clone(), env.clone(), stop()));
        tasks.spawn(Arc::new(jobs).run(store.clone(), env.clone(), stop()));
        tasks.spawn(ingest.run(stop()));
        if let Some(tls) = tls {
            tasks.spawn(tls.run(stop()));
        }
        if cost.is_none() {
            // Measuring a hash takes a moment; nobody waits for it.
            tasks.spawn(async move {
                let _ = tokio::task::spawn_blocking(move || identity.tune()).await;
            });
        }
        Ok(Self { kit, server, site, hub, search, tasks })
    }

    /// Where to reach it.
    pub fn url(&self) -> String {
        self.server.url()
    }
    /// What its routes reach; tests and the command line use it.
    pub fn kit(&self) -> &Kit {
        &self.kit
    }

    /// Serves until [`Kit::stop`], then lets everything end and closes the store.
    pub async fn run(self) {
        let Self { kit, server, site, hub, search, mut tasks } = self;
        let mut stopping = kit.shutdown();
        let sockets = async {
            let _ = stopping.wait_for(|stopping| *stopping).await;
            hub.stop();
        };
        tokio::join!(server.run(site), sockets);
        search.stop();
        let drained = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(http::DRAIN, drained).await.is_err() {
            tracing::warn!("background work did not end in time; it goes on from its last commit at the next start");
        }
        let store = kit.store().clone();
        // The writer's last commits are waited for on a thread that may wait.
        let _ = tokio::task::spawn_blocking(move || store.close()).await;
    }
}

/// Names this build: a web app of another one reloads itself.
fn build() -> String {
    format!("{}+{}", env!("CARGO_PKG_VERSION"), http::app_digest())
}
