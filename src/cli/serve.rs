//! `farol serve`: the box itself.

use super::{Failure, House, Outcome, admin::Door, house, options::Options, people, reach};
use crate::{
    app::{App, Start, StartError},
    base::Env,
    config::Config,
    platform::{private, telemetry},
};
use sd_notify::NotifyState;
use std::{io::Write, sync::Arc, time::Duration};
use tokio::signal::unix::{SignalKind, signal};

/// Runs until it is told to stop.
pub fn run(options: &Options) -> Outcome {
    let config = options.load()?;
    start_telling(&config)?;
    prepare(&config)?;
    reach::runtime()?.block_on(async {
        let app = App::start(Start { config: config.clone(), env: Env::system(), demo: false, cost: None }).await?;
        let house = House::of(&app, &config);
        if house.identity.needs_setup() {
            invite(&people::setup_url(&house)?);
        }
        until_stopped(app, house).await
    })
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::Other(error) => error.into(),
        }
    }
}

/// Starts log and figures as configured.
pub fn start_telling(config: &Config) -> Outcome {
    telemetry::start(&config.log_directives(), config.log_format())?;
    telemetry::start_metrics();
    for note in &config.notes {
        tracing::warn!(note, "configuration");
    }
    Ok(())
}

/// Makes the data folder, for its owner alone.
pub fn prepare(config: &Config) -> Outcome {
    let folder = &config.data;
    if folder.is_dir() {
        return reach::must_be_whole(folder);
    }
    private::make_folder(folder).map_err(|e| {
        let origin = config.origin("data");
        Failure::usage(format!("data ({origin}): {} can't be made: {e}: name a folder with --data", folder.display()))
    })
}

/// The one moment when somebody stands before the terminal.
fn invite(url: &str) {
    println!("This box has no owner yet. Open this address within an hour; it works once:");
    println!("setup {url}");
    if std::io::IsTerminal::is_terminal(&std::io::stdout())
        && let Ok(code) = qrcode::QrCode::new(url)
    {
        println!("{}", code.render::<qrcode::render::unicode::Dense1x2>().quiet_zone(true).build());
    }
}

/// Opens the owner's door, says `ready`, and serves until SIGTERM, SIGINT or the store's end.
pub async fn until_stopped(app: App, house: House) -> Outcome {
    let kit = app.kit().clone();
    let door = Door::open(&house.config.data)?;
    let admin = tokio::spawn(door.serve(super::verbs(&house), kit.shutdown()));
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn({
        let kit = kit.clone();
        async move {
            tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
            tracing::info!("stopping");
            notify(NotifyState::Stopping);
            kit.stop();
            // Whoever asks twice does not want to wait.
            tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
            std::process::exit(1);
        }
    });
    if let Some(period) = sd_notify::watchdog_enabled() {
        tokio::spawn(beat(kit.clone(), period / 3));
    }
    println!("ready {}", app.url());
    std::io::stdout().flush()?;
    notify(NotifyState::Ready);
    let supervisor = app.supervisor().clone();
    app.run().await;
    // It stops with the rest; a connection that is just being answered may finish.
    let _ = tokio::time::timeout(Duration::from_secs(1), admin).await;
    // With a number that has the service manager start it again.
    supervisor.given_up().map_or(Ok(()), |why| Err(Failure::new(why)))
}

/// Tells the service manager that we live, as long as the store takes writes.
async fn beat(kit: crate::platform::http::Kit, every: Duration) {
    let mut pulse = tokio::time::interval(every);
    while !kit.store().has_failed() {
        pulse.tick().await;
        notify(NotifyState::Watchdog);
    }
}

fn notify(state: NotifyState<'_>) {
    // Without a service manager there is nobody to tell.
    let _ = sd_notify::notify(&[state]);
}

impl House {
    /// The house around a running server.
    pub fn of(app: &App, config: &Config) -> Self {
        let kit = app.kit();
        // The system may have chosen the port.
        let own_url = house::reachable(config, &app.url());
        Self {
            store: kit.store().clone(),
            env: kit.env().clone(),
            own_url,
            config: Arc::new(config.clone()),
            identity: kit.service(),
            keyring: kit.service(),
            // A server with the wrong keys does not start.
            key_trouble: None,
            dead_letters: kit.service(),
            search: kit.find_service(),
            kit: Some(kit.clone()),
        }
    }
}
