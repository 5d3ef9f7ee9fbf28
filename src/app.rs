//! Puts the house together: the one list of routers, encoders, followers, hands, timers, jobs and settings.
//!
//! Nothing is decided here. A capability is found by its room; what runs in the background is found below.

mod live;

pub use live::doors;

use crate::{
    base::{Env, Error, Timestamp},
    channels::{
        self, Accounts, Adapters, ChannelDefaults, ChannelFrames, ChannelHand, ChannelKind, ForgetUploads, GivenChannel,
        GivenNumber, Ingest, LidHand, MediaHand, QrHand, ReleaseHeld, SyncHand, TellOfTemplate, TemplateFrames, WahaDefaults,
        Watch, WatchHand,
    },
    config::{self, Config, Secret},
    contacts::{self, ContactFrames, ContactWords, Lookalikes},
    conversations::{self, ContactCards, ConversationFrames, ConversationWords, Leavers, MessageWords, OlderCards, PutBack},
    desk,
    identity::{
        self, Above, Cost, ExpireSessions, INVITATION_EXPIRES, Identity, IdentityOptions, LeaveQueue, PeopleFrames, PurgeSessions,
    },
    platform::{
        deadletters::DeadLetters,
        disk::DiskGuard,
        http::{self, Kit, Routes, Server, Site, tls::Tls},
        jobs::{Jobs, TrimEnded, TrimJournal},
        journal::{Followers, Reactions},
        media::{Converter, Holders, MediaStore, MediaTools, Scanner},
        operations::{self, About, OperationsEncoder},
        outbound::{self, Outbound, OutboundSettings},
        outbox::Outbox,
        private,
        realtime::{self, Encoder, Hub, HubParts},
        search::{Extractor, Search, SearchParts},
        secrets::Keyring,
        store::{OpenError, Store, StoreOptions},
        supervise::Supervisor,
        telemetry::Measured,
        timers::Timers,
    },
    routing::{self, DeadQueues, QueueFrames},
    settings::{self, Registry, SettingFrames},
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
    supervisor: Supervisor,
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
pub fn registry() -> Registry {
    Registry::new()
        .with_all(&settings::http::keys())
        .with_all(&settings::system::keys())
        .with_all(&settings::outbound::keys())
        .with_all(&channels::settings())
        .with_all(&identity::settings())
        .with_all(&conversations::settings())
}

/// THE list of frames. The kit comes after the hub it holds, so frames that need it find it later.
fn encoders(kit: &Arc<OnceLock<Kit>>) -> Vec<Box<dyn Encoder>> {
    vec![
        Box::new(OperationsEncoder),
        Box::new(SettingFrames),
        Box::new(PeopleFrames),
        Box::new(ContactFrames),
        Box::new(ConversationFrames),
        Box::new(QueueFrames),
        Box::new(ChannelFrames { kit: kit.clone() }),
        Box::new(TemplateFrames),
    ]
}

/// What a new firm gets from rooms above identity, and what identity asks them.
pub fn above_identity(config: &Config, keyring: &Keyring) -> Above {
    Above {
        founding: vec![Arc::new(routing::founding_step), channels::founding_step(given_channel(config), keyring.clone())],
        check_queues: Some(Arc::new(routing::check_queues)),
        tenant_whatsapp: Some(Arc::new(channels::tenant_whatsapp)),
    }
}

/// The account that the configuration names for the first firm.
fn given_channel(config: &Config) -> Option<GivenChannel> {
    match config.whatsapp_provider {
        config::Provider::Meta => given_number(config).map(GivenChannel::Number),
        config::Provider::Waha => config.waha_url.as_ref().map(|_| GivenChannel::Session(given_session(config))),
    }
}

/// The WAHA session that the configuration names.
fn given_session(config: &Config) -> WahaDefaults {
    WahaDefaults {
        base_url: config.waha_url.as_ref().map(|url| url.as_str().to_owned()),
        api_key: config.waha_api_key.as_ref().map(|key| key.expose().to_owned()),
        session: Some(config.waha_session.clone()),
    }
}

fn channel_defaults(config: &Config) -> ChannelDefaults {
    let kind = match config.whatsapp_provider {
        config::Provider::Meta => ChannelKind::WhatsappCloud,
        config::Provider::Waha => ChannelKind::Waha,
    };
    ChannelDefaults { kind, waha: given_session(config), session_folder: config.waha_session_folder.clone() }
}

/// The number at Meta's Cloud API that the configuration names.
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

/// THE list of reactions.
fn reactions() -> Reactions {
    let mut reactions = Reactions::new();
    reactions.on(channels::SeenOut).on(Lookalikes).on(ContactCards).on(Leavers).on(DeadQueues);
    reactions
}

/// THE list of records that can be found by their words.
pub fn extractors() -> Vec<Box<dyn Extractor>> {
    vec![Box::new(MessageWords), Box::new(ConversationWords), Box::new(ContactWords)]
}

/// THE list of records that name stored files.
fn holders() -> Holders {
    let mut holders = Holders::new();
    holders.on(conversations::holds_media).on(channels::holds_file);
    holders
}

/// How each kind of dead letter is retried.
pub fn dead_letters() -> DeadLetters {
    let mut letters = DeadLetters::new();
    let reactions = reactions();
    letters.on_retry("inbound", channels::retry_letter);
    letters.on_retry("reaction", move |tx, letter| reactions.retry(tx, letter));
    letters
}

impl App {
    /// Opens the data folder, binds the ports and starts everything that runs in the background.
    pub async fn start(start: Start) -> Result<Self, StartError> {
        outbound::install_tls_provider();
        let Start { config, env, demo, cost } = start;
        let data = config.data.clone();
        private::make_folder(&data)
            .map_err(|e| Error::invalid("data", "format", format!("{} can't be made: {e}", data.display())))?;
        let store = {
            let (data, env, options) = (data.clone(), env.clone(), config.store());
            let open = move |progress| Store::open(&data, &StoreOptions { progress, ..options }, env);
            http::while_migrating(config.ports().plain, open).await?
        };
        live::set_log_level(&config, &store);
        let disk = DiskGuard::new(store.clone(), &data, live::room(&config, &store)?);
        if let Some(trouble) = Keyring::trouble(&store, &data, config.key_file.as_deref())? {
            store.release();
            return Err(Error::invalid("key_file", "wrong", trouble).into());
        }
        let keyring = Keyring::open(&data, config.key_file.as_deref())?;
        keyring.note(&store).await?;
        let several_firms = {
            let store = store.clone();
            move || store.tenants().len() > 1
        };
        let outbound = Outbound::new(
            env.clone(),
            OutboundSettings {
                private_hosts: config.outbound_private_hosts.clone(),
                several_firms: Some(Arc::new(several_firms)),
                ..OutboundSettings::default()
            },
        )?;
        outbound.set_patience(live::patience(&config, &store)?);

        let options = IdentityOptions {
            data: data.clone(),
            jwt_secret: config.jwt_secret.as_ref().map(|secret| secret.expose().to_owned()),
            session_secret: config.session_secret.as_ref().map(|secret| secret.expose().to_owned()),
            // Set outside, it wins over what people set in the app.
            access_lifetime: config.fixed(identity::ACCESS_LIFETIME.name).map(|_| config.jwt_expiry),
            session_lifetime: config.fixed(identity::SESSION_DAYS.name).map(|_| config.jwt_refresh_expiry),
            cost: cost.unwrap_or(Cost::FLOOR),
        };
        let above = above_identity(&config, &keyring);
        let identity = Arc::new(Identity::new(store.clone(), env.clone(), &keyring, options, above)?);
        let late_kit = Arc::new(OnceLock::new());
        let hub = Hub::new(HubParts {
            store: store.clone(),
            env: env.clone(),
            build: build(),
            encoders: encoders(&late_kit),
            rights: identity.clone(),
            sight: Some(conversations::sight()),
            numbered: Some(conversations::numbered()),
        });
        let search = Search::start(SearchParts { store: store.clone(), folder: data.join("search"), extractors: extractors() })?;

        let adapters = Adapters::default();
        let accounts = Accounts::load(store.clone(), keyring.clone())?;
        let ingest = Ingest::new(store.clone(), env.clone(), accounts.clone(), adapters.clone(), &data);

        let tools = MediaTools {
            scanner: config.media_scanner.as_deref().and_then(Scanner::new),
            converter: Converter::new(config.media_ffmpeg.as_deref()),
        };
        let media = MediaStore::open(&data, env.clone(), tools, Some(disk.clone()))?;
        let typing = channels::TypingOut::new(store.clone(), accounts.clone(), outbound.clone(), adapters.clone());
        hub.on_passing(Arc::new(move |actor, subject, doing, on| typing.passes(actor, subject, doing, on)));
        ingest.on_typing({
            let (store, hub) = (store.clone(), hub.clone());
            Arc::new(move |tenant, channel, sender, on| channels::contact_types(&store, &hub, tenant, channel, sender, on))
        });
        let mut outbox = Outbox::new();
        let (own, keys, out, by) = (store.clone(), accounts.clone(), outbound.clone(), adapters.clone());
        outbox.hand(Arc::new(SyncHand { store: own, accounts: keys, outbound: out, adapters: by }));
        let sender = ChannelHand::new(store.clone(), accounts.clone(), outbound.clone(), adapters.clone());
        outbox.hand(Arc::new(sender.with_media(media.clone())));
        outbox.hand(Arc::new(channels::ActHand::new(store.clone(), accounts.clone(), outbound.clone(), adapters.clone())));
        outbox.hand(Arc::new(MediaHand::new(store.clone(), accounts.clone(), outbound.clone(), adapters, media.clone())));
        let sessions = ingest.sessions();
        let watch = Watch {
            store: store.clone(),
            accounts: accounts.clone(),
            outbound: outbound.clone(),
            sessions: sessions.clone(),
            since: env.now(),
        };
        outbox.hand(Arc::new(WatchHand(watch.clone())));
        outbox.hand(Arc::new(LidHand(watch.clone())));
        outbox.hand(Arc::new(QrHand(watch)));
        let mut timers = Timers::new();
        timers.on(channels::WATCH, channels::watch);
        timers.on(conversations::SCHEDULED_SEND, channels::scheduled_is_due);
        timers.on(channels::TEMPLATES_SYNC, channels::sync_due);
        timers.on(channels::ALARM, channels::alarm_due);
        timers.on(INVITATION_EXPIRES, |tx, due| identity::expire_invitation(tx, due.key.subject.into()));
        let mut followers = Followers::new();
        followers.on(Arc::new(accounts));
        let reactions = reactions();
        let mut jobs = Jobs::new();
        jobs.kind(OlderCards).kind(ReleaseHeld).kind(TellOfTemplate).kind(PutBack).kind(LeaveQueue);
        jobs.chore(TrimJournal { window: config.journal_window }).chore(ExpireSessions).chore(PurgeSessions);
        jobs.chore(ForgetUploads { store: store.clone() });
        jobs.chore(TrimEnded::new(store.clone(), {
            let store = store.clone();
            move || live::keep(&store)
        }));
        let letters = dead_letters();

        let mut measured = vec![("follower", "realtime"), ("follower", "search")];
        measured.extend(followers.measured().into_iter().chain(reactions.measured()).chain(jobs.measured()));
        let settings = live::doors(&config, &store)?;
        let about = About { version: env!("CARGO_PKG_VERSION").into(), build: build(), demo };
        let supervisor = Supervisor::new();
        let mut kit = Kit::builder(store.clone(), env.clone(), settings)
            .provide(Arc::new(about))
            .provide(Arc::new(live::settings(
                &config,
                &store,
                &late_kit,
                live::Outside { disk: disk.clone(), hub: hub.clone(), outbound: outbound.clone() },
            )))
            .provide(Arc::new(disk.clone()))
            .provide(Arc::new(channel_defaults(&config)))
            .provide(sessions)
            .provide(Arc::new(media.clone()))
            .provide(Arc::new(Measured(measured)))
            .provide(Arc::new(hub.clone()))
            .provide(Arc::new(search.clone()))
            .provide(Arc::new(letters))
            .provide(Arc::new(conversations::Faces::default()))
            .provide(Arc::new(keyring))
            .provide(Arc::new(outbound.clone()))
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
            })
            .ready_if("services", {
                let supervisor = supervisor.clone();
                move || supervisor.check()
            })
            .ready_if("disk", {
                let disk = disk.clone();
                move || disk.unreadiness()
            })
            .ready_if("clock", {
                let (store, env) = (store.clone(), env.clone());
                move || clock_is_sane(&store, &env)
            })
            .ready_if("search", {
                let (store, search) = (store.clone(), search.clone());
                move || search_keeps_up(&store, &search)
            });
        let tls = config.tls_mode().map(|mode| Tls::open(mode, &data.join("keys"), env.clone())).transpose()?;
        if let Some(tls) = &tls {
            kit = kit.provide(tls.clone());
        }
        let kit = kit.build();
        let _ = late_kit.set(kit.clone());
        let certificates = tls.as_ref().map(|tls| tls.server_config()).transpose()?;
        let server = Server::bind(&config.ports(), certificates, &kit).await?;
        outbound.set_own(server.plain_address().into_iter().chain(server.tls_address()).collect());
        let site = http::site(&kit, routes());

        // THE list of what runs in the background. Each is started again where it falls.
        let mut tasks = JoinSet::new();
        let parts = (store, env);
        macro_rules! keep {
            ($name:literal, $service:expr, |$own:ident, $store:ident, $env:ident, $stop:ident| $run:expr) => {{
                let (service, parts, stopping) = ($service, parts.clone(), kit.clone());
                let start = move || {
                    let ($own, ($store, $env), $stop) = (service.clone(), parts.clone(), stopping.shutdown());
                    $run
                };
                tasks.spawn(supervisor.clone().keep(kit.clone(), $name, start));
            }};
        }
        keep!("realtime", hub.clone(), |hub, _store, _env, _stop| hub.run());
        keep!("outbox", Arc::new(outbox), |outbox, store, env, stop| outbox.run(store, env, stop));
        keep!("timers", Arc::new(timers), |timers, store, _env, stop| timers.run(store, stop));
        keep!("followers", Arc::new(followers), |followers, store, env, stop| followers.run(store, env, stop));
        keep!("reactions", Arc::new(reactions), |reactions, store, env, stop| reactions.run(store, env, stop));
        keep!("jobs", Arc::new(jobs), |jobs, store, env, stop| jobs.run(store, env, stop));
        keep!("media", media, |media, store, env, stop| media.run(store, env, holders(), stop));
        keep!("inbound", ingest, |ingest, _store, _env, stop| ingest.run(stop));
        keep!("disk", (disk, hub.clone()), |parts, _store, env, stop| {
            let (disk, hub) = parts;
            disk.run(env, stop, move |_| hub.announce("system.updated"))
        });
        if !demo {
            // Those of the demo answer without a window.
            keep!("attendance", hub.clone(), |hub, store, env, stop| identity::attend(hub, store, env, stop));
        }
        if let Some(tls) = tls {
            keep!("certificates", tls, |tls, _store, _env, stop| tls.run(stop));
        }
        if cost.is_none() {
            // Measuring a hash takes a moment; nobody waits for it.
            tasks.spawn(async move {
                let _ = tokio::task::spawn_blocking(move || identity.tune()).await;
            });
        }
        Ok(Self { kit, server, site, hub, search, supervisor, tasks })
    }

    /// Where to reach it.
    pub fn url(&self) -> String {
        self.server.url()
    }
    /// What its routes reach; tests and the command line use it.
    pub fn kit(&self) -> &Kit {
        &self.kit
    }

    /// What watches over the background services.
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Serves until [`Kit::stop`], then lets everything end and closes the store.
    pub async fn run(self) {
        let Self { kit, server, site, hub, search, mut tasks, .. } = self;
        let (mut told, mut asked) = (kit.shutdown(), kit.shutdown());
        let sockets = async {
            let _ = told.wait_for(|stopping| *stopping).await;
            hub.stop();
        };
        // Requests, sockets and background work share one drain time: the whole stop stays under ten seconds.
        let background = async {
            let _ = asked.wait_for(|stopping| *stopping).await;
            let drained = async { while tasks.join_next().await.is_some() {} };
            if tokio::time::timeout(http::DRAIN, drained).await.is_err() {
                tracing::warn!("background work did not end in time; it goes on from its last commit at the next start");
            }
        };
        tokio::join!(server.run(site), sockets, background);
        search.stop();
        let store = kit.store().clone();
        // The writer's last commits are waited for on a thread that may wait.
        let _ = tokio::task::spawn_blocking(move || store.release()).await;
    }
}

/// Earlier than this the clock was never set: the program did not exist yet.
const CLOCK_FROM: Timestamp = Timestamp(1_735_689_600_000);

fn clock_is_sane(store: &Store, env: &Env) -> Result<(), String> {
    if env.now() < CLOCK_FROM {
        return Err(format!("the clock says {}: set it", env.now()));
    }
    match store.clock_alarm() {
        Some(by) => Err(format!("the clock stands {} s before the last write: set it", by.as_secs())),
        None => Ok(()),
    }
}

/// An index further behind than this answers as if the last minutes had not happened.
const SEARCH_LAG_EVENTS_MAX: u64 = 20_000;

fn search_keeps_up(store: &Store, search: &Search) -> Result<(), String> {
    if let Some(trouble) = search.trouble() {
        return Err(format!("the index does not move: {trouble}"));
    }
    if search.is_rebuilding() {
        // Beside the old one, which answers; it may take long, and everything else works.
        return Ok(());
    }
    let lag = store.head().saturating_sub(search.position());
    if lag > SEARCH_LAG_EVENTS_MAX { Err(format!("the index is {lag} events behind")) } else { Ok(()) }
}

/// Names this build: a web app of another one reloads itself.
fn build() -> String {
    format!("{}+{}", env!("CARGO_PKG_VERSION"), http::app_digest())
}
