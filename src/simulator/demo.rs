//! `farol demo`: a fictional tow firm in a throw-away folder, with a year behind it and customers writing now.

use super::{
    customers::{Crowd, CrowdOptions, Road, people},
    desk::{Api, Colleagues, Refused},
    graph::{Graph, Number},
    history::{self, Past},
    post::Roughness,
    stage::{Doors, Stage},
    stories::Trade,
    tour,
    waha::Waha,
    wire::{Line, Person},
};
use crate::{
    app::{App, Start, StartError},
    base::{ChannelId, Env, Error, TenantId, UserId, chance, chance::Seeded, locale::Language},
    channels::Ingest,
    config::Config,
    identity::{Cost, issue_setup_code},
    platform::{media::MediaStore, search::Search},
};
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How the demo is to be.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The same seed tells the same year.
    pub seed: u64,
    /// Divides every waiting time of the live traffic.
    pub speed: f64,
    /// About so many messages of history.
    pub messages: usize,
    /// Do customers write now?
    pub live: bool,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { seed: 1, speed: 1.0, messages: 30_000, live: true }
    }
}

/// One way into the demo.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Who.
    pub name: String,
    /// The role's key.
    pub role: &'static str,
    /// E-mail.
    pub email: String,
    /// Password, made up for this run.
    pub password: String,
}

/// A demo that serves.
pub struct Demo {
    /// Where to open it.
    pub url: String,
    /// How to get in, the owner first.
    pub sign_ins: Vec<SignIn>,
    /// The throw-away folder.
    pub folder: PathBuf,
    /// Messages of history.
    pub messages: usize,
    /// Signs the webhooks of its one number.
    pub(super) app_secret: String,
    kit: crate::platform::http::Kit,
    serving: tokio::task::JoinHandle<()>,
    playing: Vec<tokio::task::JoinHandle<()>>,
    graph: Graph,
    waha: Waha,
}

/// Graph id of the firm's one number.
pub const PHONE_NUMBER_ID: &str = "100000000000001";
pub(super) const BUSINESS_ACCOUNT_ID: &str = "200000000000001";
pub(super) const DISPLAY_NUMBER: &str = "5500900999999";
/// The firm's session at the made-up WAHA server, and the number of the phone it is paired with.
pub const SESSION: &str = "oficina";
const SESSION_NUMBER: &str = "5500900888888";
const COMPANY: &str = "Auto Socorro Farol do Sul";
/// Different people who ever wrote.
const PEOPLE: usize = 3_000;

fn failed(error: Refused) -> StartError {
    StartError::Other(Error::internal(format!("prepare the demo: {error}")))
}

/// Starts the demo as `config` says where to listen; its data folder is made up and removed at the end.
///
/// # Errors
/// As the house's own start.
pub async fn start(mut config: Config, options: DemoOptions) -> Result<Demo, StartError> {
    let chance = Seeded::new(options.seed);
    let env = Env { chance: Arc::new(Seeded::new(options.seed ^ 0xF0A1)), ..Env::system() };
    let folder = std::env::temp_dir().join(format!("farol-demo-{}", hex::encode(chance::secret_bytes::<6>())));
    config.data.clone_from(&folder);
    config.rate_enabled = false;
    let app = App::start(Start { config, env: env.clone(), demo: true, cost: Some(Cost::CHEAP) }).await?;
    let (url, kit) = (app.url(), app.kit().clone());
    let code = issue_setup_code(&folder, env.now())?;
    let serving = tokio::spawn(app.run());
    let http = reqwest::Client::new();
    let nobody = Api::anonymous(http.clone(), &url);
    let (owner, sign_ins, people_at_desk) = found(&nobody, &code.to_string()).await.map_err(failed)?;

    let graph = Graph::start(env.clone(), Roughness::USUAL, options.speed).await;
    let graph = graph.map_err(|e| StartError::Other(Error::internal(format!("start the made-up Graph API: {e}"))))?;
    let (token, secret) = (hex::encode(chance::secret_bytes::<16>()), hex::encode(chance::secret_bytes::<16>()));
    let body = json!({"kind": "whatsapp_cloud", "name": "WhatsApp", "config": {"phoneNumberId": PHONE_NUMBER_ID,
        "businessAccountId": BUSINESS_ACCOUNT_ID, "accessToken": token, "appSecret": secret, "baseUrl": graph.base_url()}});
    let channel = owner.ask("POST", "/channels", Some(body)).await.map_err(failed)?;
    let id = channel["id"].as_str().unwrap_or_default().to_owned();
    let line = Line {
        phone_number_id: PHONE_NUMBER_ID.to_owned(),
        business_account_id: BUSINESS_ACCOUNT_ID.to_owned(),
        display_number: DISPLAY_NUMBER.to_owned(),
    };
    let webhook = format!("{url}/webhooks/whatsapp/{id}");
    graph.connect(Number { line: line.clone(), verified_name: COMPANY.to_owned(), token, app_secret: secret.clone(), webhook });
    owner.ask("POST", &format!("/channels/{id}/check"), Some(json!({}))).await.map_err(failed)?;

    let (waha, session) = pair(&owner, &env).await?;

    let crowd = people(PEOPLE, &chance);
    let (tenant, marina) = who(&owner).await.map_err(failed)?;
    let channel: ChannelId = id.parse().map_err(|_| Error::internal("prepare the demo: the channel has no id"))?;
    let agents: Vec<_> = people_at_desk.iter().map(|(user, name, _)| history::agent(tenant, *user, name)).collect();
    let now = env.now();
    let past = Past {
        tenant,
        channel,
        second: Some(session),
        agents: agents.clone(),
        people: crowd.clone(),
        messages: options.messages,
        now,
    };
    let history::Told { messages, heard } = history::tell(kit.store(), past, &chance).await?;
    graph.heard(PHONE_NUMBER_ID, heard);
    let media = kit.service::<MediaStore>();
    let doors = Doors { cloud: (channel, line), waha: (session, SESSION.to_owned(), SESSION_NUMBER.to_owned()) };
    let stage = Stage { store: kit.store(), media: &media, tenant, doors, now, chance: &chance };
    let marina = history::agent(tenant, marina, &sign_ins[0].name);
    let heard = tour::tell(&stage, &marina, agents.first().unwrap_or(&marina)).await?;
    let at = |ago: u64| now.minus(Duration::from_secs(ago));
    graph.heard(PHONE_NUMBER_ID, heard.into_iter().map(|(who, ago)| (who, at(ago))));
    kit.store().sync().await?;
    kit.service::<Ingest>().accounts().reload()?;
    // The past is in no journal, so the index learns it from the records.
    kit.service::<Search>().rebuild();

    let playing = if options.live { play((&graph, &waha), &env, &options, crowd, people_at_desk) } else { Vec::new() };
    Ok(Demo { url, sign_ins, folder, messages, app_secret: secret, kit, serving, playing, graph, waha })
}

/// Connects a session of the made-up WAHA server, as its owner would: started from here, paired by a phone.
async fn pair(owner: &Api, env: &Env) -> Result<(Waha, ChannelId), StartError> {
    let key = hex::encode(chance::secret_bytes::<16>());
    let waha = Waha::start(env.clone(), &key).await;
    let waha = waha.map_err(|e| StartError::Other(Error::internal(format!("start the made-up WAHA server: {e}"))))?;
    let config = json!({"baseUrl": waha.base_url(), "apiKey": key, "session": SESSION});
    let body = json!({"kind": "waha", "name": "Celular da oficina", "config": config});
    let channel = owner.ask("POST", "/channels", Some(body)).await.map_err(failed)?;
    let id = channel["id"].as_str().unwrap_or_default();
    owner.ask("POST", &format!("/channels/{id}/actions/start"), Some(json!({}))).await.map_err(failed)?;
    waha.scan(SESSION, SESSION_NUMBER, COMPANY);
    // The webhook tells it too; asking leaves nobody waiting for it.
    owner.ask("GET", &format!("/channels/{id}/session"), None).await.map_err(failed)?;
    let id = id.parse().map_err(|_| Error::internal("prepare the demo: the session's channel has no id"))?;
    Ok((waha, id))
}

/// Customers write over both connections, colleagues answer.
fn play(
    (graph, waha): (&Graph, &Waha),
    env: &Env,
    options: &DemoOptions,
    crowd: Vec<(Person, Language)>,
    desk: Vec<(UserId, String, Api)>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let agents: Vec<String> = desk.iter().map(|(_, name, _)| name.clone()).collect();
    let people: Vec<(String, Api)> = desk.into_iter().map(|(_, name, api)| (name, api)).collect();
    let (second, first): (Vec<_>, Vec<_>) = crowd.into_iter().partition(|(person, _)| history::writes_to_the_second(person));
    let roads = [
        (Road::Cloud(graph.clone(), PHONE_NUMBER_ID.to_owned()), first, Duration::from_secs(9), 12),
        (Road::Phone(waha.clone(), SESSION.to_owned()), second, Duration::from_secs(40), 3),
    ];
    let mut playing = Vec::new();
    for (road, crowd, every, active_max) in roads {
        let settings = CrowdOptions {
            trade: Trade::Roadside,
            speed: options.speed,
            every,
            active_max,
            agents: agents.clone(),
            asides_percent: 30,
        };
        let (customers, calls) = Crowd::new(road, env.clone(), crowd, settings);
        let colleagues = Colleagues { people: people.clone(), speed: options.speed, left_percent: 35, env: env.clone() };
        playing.extend([tokio::spawn(customers.run()), tokio::spawn(colleagues.run(calls))]);
    }
    playing
}

impl Demo {
    /// Serves until a signal comes, then removes the folder.
    pub async fn run(self) {
        let Self { kit, serving, playing, graph, waha, folder, .. } = self;
        let mut stopping = kit.shutdown();
        tokio::select! {
            () = asked_to_stop() => kit.stop(),
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        playing.iter().for_each(tokio::task::JoinHandle::abort);
        graph.stop();
        waha.stop();
        if let Err(error) = serving.await {
            tracing::error!(%error, "the demo ended oddly");
        }
        if let Err(error) = std::fs::remove_dir_all(&folder) {
            tracing::warn!(%error, folder = %folder.display(), "the demo's folder stays behind");
        }
    }
    /// Signs the owner in.
    ///
    /// # Errors
    /// If the box refuses.
    pub async fn owner_token(&self) -> Result<String, Refused> {
        let owner = &self.sign_ins[0];
        let person = Api::anonymous(reqwest::Client::new(), &self.url).sign_in(&owner.email, &owner.password).await?;
        Ok(person.token().to_owned())
    }
    /// The made-up Graph API, to make trouble with.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
    /// The made-up WAHA server.
    pub fn waha(&self) -> &Waha {
        &self.waha
    }
    /// The box behind it.
    pub fn kit(&self) -> &crate::platform::http::Kit {
        &self.kit
    }
    /// Asks it to stop; [`Demo::run`] then ends.
    pub fn stop(&self) {
        self.kit.stop();
    }
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    let _ = interrupt.await;
}

/// Words of four syllables: easy to type from a terminal, made up for each run.
fn password() -> String {
    const SYLLABLES: [&str; 16] =
        ["fa", "rol", "luz", "mar", "vi", "to", "ne", "ka", "pa", "sul", "re", "do", "mi", "lan", "ter", "na"];
    let bytes = chance::secret_bytes::<8>();
    let words: Vec<String> =
        bytes.chunks(2).map(|pair| pair.iter().map(|b| SYLLABLES[usize::from(b % 16)]).collect::<String>()).collect();
    format!("{}-{}", words.join("-"), 100 + u16::from(bytes[0]) * 3 % 900)
}

type Found = (Api, Vec<SignIn>, Vec<(UserId, String, Api)>);

/// The firm and its people, through the wizard and the API as anybody would.
async fn found(nobody: &Api, code: &str) -> Result<Found, Refused> {
    let mut sign_ins = vec![SignIn {
        name: "Marina Prado".to_owned(),
        role: "SUPER_ADMIN",
        email: "marina@example.com".to_owned(),
        password: password(),
    }];
    let body = json!({"code": code, "language": "pt-BR", "timezone": "America/Sao_Paulo", "country": "BR",
        "owner": {"name": sign_ins[0].name, "email": sign_ins[0].email, "password": sign_ins[0].password},
        "company": {"name": COMPANY}, "queue": {"name": "Guinchos"}});
    let told = nobody.ask("POST", "/setup", Some(body)).await?;
    let owner = nobody.clone().with_token(told["token"].as_str().unwrap_or_default());
    let mut queues = vec![];
    for queue in owner.ask("GET", "/queues", None).await?["items"].as_array().into_iter().flatten() {
        queues.push(queue["id"].clone());
    }
    for name in ["Auto socorro", "Financeiro"] {
        queues.push(owner.ask("POST", "/queues", Some(json!({"name": name}))).await?["id"].clone());
    }
    let mut desk = Vec::new();
    for (name, role) in [
        ("Rafael Nogueira", "SUPERVISOR"),
        ("Bianca Teles", "AGENT"),
        ("Caio Sampaio", "AGENT"),
        ("Débora Xavier", "AGENT"),
        ("Otávio Lacerda", "AGENT"),
    ] {
        let first = crate::base::text::fold(name.split(' ').next().unwrap_or(name));
        let sign_in = SignIn { name: name.to_owned(), role, email: format!("{first}@example.com"), password: password() };
        let body = json!({"name": name, "email": sign_in.email, "password": sign_in.password, "role": role, "queueIds": queues});
        let user = owner.ask("POST", "/users", Some(body)).await?;
        let user = user["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or(UserId(uuid::Uuid::nil()));
        if role == "AGENT" {
            desk.push((user, name.to_owned(), nobody.sign_in(&sign_in.email, &sign_in.password).await?));
        }
        sign_ins.push(sign_in);
    }
    Ok((owner, sign_ins, desk))
}

/// The firm, and its owner.
async fn who(owner: &Api) -> Result<(TenantId, UserId), Refused> {
    let me = owner.ask("GET", "/auth/me", None).await?;
    let id = |value: &Value| value.as_str().and_then(|id| uuid::Uuid::try_parse(id).ok()).unwrap_or_default();
    Ok((TenantId(id(&me["tenant"]["id"])), UserId(id(&me["id"]))))
}
