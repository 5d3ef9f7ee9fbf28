//! From a raw body to commands: judged by its signature, kept durably, split, and taken element by
//! element, each in the tenant of its account.
//!
//! A small body about one channel is kept and taken in one command, so both share one commit. Anything
//! else, and whatever fails there, is kept first, acknowledged, and taken element by element; a sweeper
//! finishes what a crash left behind. Taking an element twice changes nothing.

use super::inbound::{Sender, Told, Unreadable};
use crate::{
    base::{ActorRef, ChannelId, Env, Error, InboundId, Origin, Result, TenantId},
    channels::{
        accounts::{Account, Accounts, Book, Signature, Signer},
        adapter::{Adapters, Element, Part},
        commands::{self, Unread},
        model::{ChannelKind, INLINE_BYTES_MAX, Inbound, InboundState, RawBody, Vouched, WAITING_INBOUND},
        sessions::heard::Sessions,
    },
    platform::store::{KeyRange, Lane, Read, Store, Topic},
};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use std::{
    collections::HashSet,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::watch;

/// A body with more elements is taken element by element: one command has a budget.
const TOGETHER_MAX: usize = 4;
/// Commands of one large body that wait at the same time.
const SIDE_BY_SIDE: usize = 64;
/// Elements buried by one command …
const BURIED_TOGETHER: usize = 8;
/// … and their bytes, unless one alone has more: beside them the command writes the body's own record.
const BURIED_BYTES_TOGETHER: usize = 64 << 10;
/// A body whose elements fail so often for a passing reason has them buried.
const ATTEMPTS_MAX: u32 = 8;
/// How often bodies that wait are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How often old bodies are removed.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// Old bodies removed by one command.
const PURGED_TOGETHER: usize = 100;

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Kept: durable from here on.
    Kept,
    /// Signed by one of ours, and nothing in it for us.
    Ignored,
    /// No secret of ours signed it.
    Refused,
}

/// One element and for whom it is.
struct Work {
    vouched: Vouched,
    /// Which element of its body it is: names its dead letter.
    at: u32,
    element: Element,
}

/// Takes raw bodies in.
#[derive(Clone)]
pub struct Ingest(Arc<Inner>);

struct Inner {
    store: Store,
    env: Env,
    accounts: Accounts,
    adapters: Adapters,
    folder: PathBuf,
    sessions: Arc<Sessions>,
    /// Bodies being taken by the task that kept them; the sweeper leaves them alone.
    busy: parking_lot::Mutex<HashSet<InboundId>>,
    typing: OnceLock<OnTyping>,
}

/// Told that somebody at a channel began to type, or stopped.
pub type OnTyping = Arc<dyn Fn(TenantId, ChannelId, &Sender, bool) + Send + Sync>;

impl Ingest {
    /// Over `data`'s folder `inbound` for large bodies.
    pub fn new(store: Store, env: Env, accounts: Accounts, adapters: impl Into<Adapters>, data: &Path) -> Self {
        let (folder, adapters) = (data.join("inbound"), adapters.into());
        Self(Arc::new(Inner {
            store,
            env,
            accounts,
            adapters,
            folder,
            sessions: Arc::default(),
            busy: parking_lot::Mutex::default(),
            typing: OnceLock::new(),
        }))
    }
    /// Tells `typing` who types. The first one who asks is told.
    pub fn on_typing(&self, typing: OnTyping) {
        let _ = self.0.typing.set(typing);
    }
    /// The accounts it judges by.
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }
    /// What it knows of who came to the doors.
    pub fn sessions(&self) -> Arc<Sessions> {
        self.0.sessions.clone()
    }
    /// The adapters it reads with.
    pub fn adapters(&self) -> &Adapters {
        &self.0.adapters
    }

    /// Judges a body and keeps it. Answers when it is durable. `via` is the channel the address named, `door` says from
    /// where and in which request it came.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` if it could not be kept: the provider must come again.
    pub async fn take(
        &self,
        kind: ChannelKind,
        body: Bytes,
        signature: Option<&[u8]>,
        via: Option<ChannelId>,
        door: &Origin,
    ) -> Result<Taken> {
        let Inner { accounts, adapters, env, .. } = &*self.0;
        let signature = signature.and_then(|header| Signature::parse(kind, header));
        let (book, adapter, now) = (accounts.book(), adapters.of(kind), env.now());
        let named = adapter.accounts(&body);
        // No secret speaks here at all, not even a wrong one: anybody on the net may have sent it.
        let Some(signature) = signature else { return Ok(refused("no_signature")) };
        let Some(signer) = book.signer(kind, &named, &body, &signature) else {
            self.note_refused(&book, kind, via, &named);
            return Ok(refused("wrong_signature"));
        };
        let mut inbound = Inbound {
            id: env.new_id(),
            kind,
            at: now,
            body: RawBody::File(body.len() as u64),
            vouched: Vec::new(),
            state: InboundState::Waiting,
            buried: 0,
            attempts: 0,
        };
        let elements = match adapter.parse(&body, now) {
            Ok(elements) => elements,
            Err(reason) => {
                let Some(vouched) = whose(&book, signer, via, None) else { return Ok(Taken::Ignored) };
                inbound.vouched = vec![vouched];
                vec![whole_body(&body, reason)]
            }
        };
        let mut work = assign(&book, kind, signer, via, elements);
        // Who types is a passing state: told and forgotten, never kept.
        work.retain(|work| match &work.element.told {
            Ok(Told::Typing(sender, on)) => {
                if let Some(told) = self.0.typing.get() {
                    told(work.vouched.tenant, work.vouched.channel, sender, *on);
                }
                false
            }
            _ => true,
        });
        if work.is_empty() {
            return Ok(Taken::Ignored);
        }
        for one in &work {
            if !inbound.vouched.contains(&one.vouched) {
                inbound.vouched.push(one.vouched.clone());
            }
        }
        for vouched in &inbound.vouched {
            self.0.sessions.hear(vouched.channel, now);
        }
        self.keep(inbound, body, work, door).await?;
        Ok(Taken::Kept)
    }

    /// Notes at the channels that a refused body claims to be about that another secret signed it.
    fn note_refused(&self, book: &Book, kind: ChannelKind, via: Option<ChannelId>, named: &[String]) {
        let claimed = named.iter().flat_map(|name| book.find(kind, name)).map(|account| account.vouched.channel);
        let channels: HashSet<ChannelId> = match via {
            Some(channel) => HashSet::from([channel]),
            None => claimed.collect(),
        };
        for channel in channels.into_iter().filter(|channel| book.of_channel(*channel).is_some()) {
            self.0.sessions.refuse(channel, via.is_some(), self.0.env.now());
        }
    }

    async fn keep(&self, mut inbound: Inbound, body: Bytes, work: Vec<Work>, door: &Origin) -> Result<()> {
        if body.len() <= INLINE_BYTES_MAX {
            inbound.body = RawBody::Inline(body.to_vec());
        } else {
            let path = self.path(inbound.id);
            let bytes = body.clone();
            let written = tokio::task::spawn_blocking(move || write_durably(&path, &bytes)).await;
            written.map_err(|e| Error::internal(format!("keep an inbound body: {e}")))??;
        }
        // Where one of them fails the body is kept alone first, so that it harms no neighbour.
        if let Some(told) = all_for_one(&inbound, &work)
            && self.keep_and_take(inbound.clone(), told, door).await.is_ok()
        {
            return Ok(());
        }
        let id = inbound.id;
        self.0.busy.lock().insert(id);
        let by = origin(&inbound, door);
        let is_file = matches!(inbound.body, RawBody::File(_));
        let kept = self.0.store.write_platform(Lane::People, by, move |tx| commands::keep(tx, &inbound)).await;
        if let Err(error) = kept {
            self.0.busy.lock().remove(&id);
            if is_file {
                // The provider comes again with the same bytes; these belong to nothing.
                self.remove_file(id).await;
            }
            return Err(error);
        }
        let (ingest, door) = (self.clone(), door.clone());
        tokio::spawn(async move {
            ingest.take_all(id, work, 0, &door).await;
            ingest.0.busy.lock().remove(&id);
        });
        Ok(())
    }

    /// The short way: the body and what it says in one command and one commit.
    async fn keep_and_take(&self, inbound: Inbound, told: Vec<Told>, door: &Origin) -> Result<()> {
        let Vouched { tenant, channel, .. } = inbound.vouched[0].clone();
        let inbound = Inbound { state: InboundState::Done, ..inbound };
        self.0
            .store
            .write_platform(Lane::People, origin(&inbound, door), move |tx| {
                commands::keep(tx, &inbound)?;
                tx.tenant(tenant, |tx| told.into_iter().try_for_each(|told| commands::take(tx, channel, told)))
            })
            .await
    }

    /// Takes every element in its own command; buries what can't be read or is refused for good.
    async fn take_all(&self, id: InboundId, work: Vec<Work>, attempts: u32, door: &Origin) {
        let store = &self.0.store;
        let (mut unread, mut told) = (Vec::new(), Vec::new());
        for Work { vouched, at, element } in work {
            let Element { told: read, raw, part, beside, .. } = element;
            match read {
                Ok(says) => told.push((says, Unread { vouched, at, why: Unreadable::new("refused", ""), raw, part, beside })),
                Err(why) => unread.push(Unread { vouched, at, why, raw, part, beside }),
            }
        }
        let mut failed = 0;
        let outcomes: Vec<(Unread, Result<()>)> = stream::iter(told)
            .map(|(says, letter)| async move {
                let Vouched { tenant, channel, .. } = letter.vouched.clone();
                let by = door.acting_as(ActorRef::Channel(channel));
                let outcome = store.write(tenant, Lane::Reactions, by, move |tx| commands::take(tx, channel, says)).await;
                (letter, outcome)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        for (letter, outcome) in outcomes {
            match outcome {
                Ok(()) => {}
                Err(error) if error.is_permanent() || attempts + 1 >= ATTEMPTS_MAX => {
                    let why = Unreadable::new(error.code(), error.to_string());
                    unread.push(Unread { why, ..letter });
                }
                Err(error) => {
                    failed += 1;
                    tracing::warn!(%error, inbound = %id, "an inbound element was not taken; it is tried again");
                }
            }
        }
        if let Err(error) = self.finish(id, unread, failed).await {
            tracing::warn!(%error, inbound = %id, "an inbound body is not done; it is tried again");
        }
    }

    async fn finish(&self, id: InboundId, unread: Vec<Unread>, failed: usize) -> Result<()> {
        let store = &self.0.store;
        for letters in together(unread) {
            store
                .write_platform(Lane::Reactions, Origin::system(), move |tx| commands::bury_unreadable(tx, id, &letters))
                .await?;
        }
        if failed > 0 {
            store.write_platform(Lane::Reactions, Origin::system(), move |tx| commands::note_attempt(tx, id)).await?;
            return Ok(());
        }
        store.write_platform(Lane::Reactions, Origin::system(), move |tx| commands::done(tx, id)).await
    }

    /// Finishes what a crash or a passing failure left, and removes what is old, until `shutdown`.
    pub async fn run(self, mut shutdown: watch::Receiver<bool>) {
        let mut purged_at = None;
        while !*shutdown.borrow() {
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "look for inbound bodies that wait");
            }
            let now = self.0.env.now();
            if purged_at.is_none_or(|at| now.since(at) >= PURGE_EVERY) {
                purged_at = Some(now);
                if let Err(error) = self.purge().await {
                    tracing::warn!(%error, "remove old inbound bodies");
                }
            }
            tokio::select! {
                () = self.0.store.woken(Topic::Inbound) => {}
                () = self.0.env.clock.sleep_until(now.plus(SWEEP_EVERY)) => {}
                _ = shutdown.changed() => {}
            }
        }
    }

    /// Takes every body that waits and that nobody is taking; gives their number.
    pub async fn sweep(&self) -> Result<usize> {
        let waiting: Vec<Inbound> = self.0.store.view_platform(|view| {
            let hits = view.list(&WAITING_INBOUND, KeyRange::all())?;
            hits.take(256).map(|hit| Ok(hit?.0)).collect()
        })?;
        let mut taken = 0;
        for inbound in waiting {
            if !self.0.busy.lock().insert(inbound.id) {
                continue;
            }
            let outcome = self.take_again(&inbound).await;
            self.0.busy.lock().remove(&inbound.id);
            outcome?;
            taken += 1;
        }
        Ok(taken)
    }

    /// How many bodies wait, a few hundred at most: for the doctor and for tests.
    pub fn waiting(&self) -> Result<usize> {
        self.0.store.view_platform(|view| Ok(view.scan(&WAITING_INBOUND, KeyRange::all())?.take(512).count()))
    }

    async fn take_again(&self, inbound: &Inbound) -> Result<()> {
        let body = match &inbound.body {
            RawBody::Inline(bytes) => bytes.clone(),
            RawBody::File(_) => {
                let path = self.path(inbound.id);
                match tokio::fs::read(&path).await {
                    Ok(bytes) => bytes,
                    Err(error) => return self.bury_missing(inbound, &path, &error).await,
                }
            }
        };
        let work = match self.0.adapters.of(inbound.kind).parse(&body, inbound.at) {
            Ok(elements) => assign_again(&self.0.accounts.book(), inbound, elements),
            Err(reason) => {
                let first = inbound.vouched.first().cloned();
                first.map(|vouched| Work { vouched, at: 0, element: whole_body(&body, reason) }).into_iter().collect()
            }
        };
        // Who brought it is long gone.
        self.take_all(inbound.id, work, inbound.attempts, &Origin::system()).await;
        Ok(())
    }

    /// The file was synced before the record: it is gone only where somebody removed it, or brought the store
    /// back without it. What it said is lost, and whoever waits for it must learn so.
    async fn bury_missing(&self, inbound: &Inbound, path: &Path, error: &std::io::Error) -> Result<()> {
        tracing::error!(%error, path = %path.display(), "an inbound body can't be read");
        if error.kind() != std::io::ErrorKind::NotFound && inbound.attempts + 1 < ATTEMPTS_MAX {
            return self.finish(inbound.id, Vec::new(), 1).await;
        }
        let letter = |(n, vouched): (u32, &Vouched)| Unread {
            vouched: vouched.clone(),
            // From the end: an element buried before has its place from the beginning.
            at: u32::MAX - n,
            why: Unreadable::new("body_missing", format!("the body in {} can't be read: {error}", path.display())),
            raw: String::new(),
            part: Part::Body,
            beside: None,
        };
        self.finish(inbound.id, (0..).zip(&inbound.vouched).map(letter).collect(), 0).await
    }

    /// Removes bodies that are a week old.
    pub async fn purge(&self) -> Result<()> {
        let now = self.0.env.now();
        let oldest = self.0.store.view_platform(|view| {
            let first = view.all::<Inbound>(KeyRange::all())?.next();
            first.transpose().map(|found| found.map(|(inbound, _)| inbound.at))
        })?;
        // Nothing old, nothing written: an idle box must not touch its disk.
        if oldest.is_none_or(|at| now.since(at) < commands::KEPT_FOR) {
            return Ok(());
        }
        let mut after = None;
        loop {
            let command =
                move |tx: &mut crate::platform::store::PlatformTx<'_, '_>| commands::purge(tx, now, after, PURGED_TOGETHER);
            let (files, more) = self.0.store.write_platform(Lane::Jobs, Origin::system(), command).await?;
            for id in files {
                self.remove_file(id).await;
            }
            match more {
                Some(cursor) => after = Some(cursor),
                None => return Ok(()),
            }
        }
    }

    async fn remove_file(&self, id: InboundId) {
        if let Err(error) = tokio::fs::remove_file(self.path(id)).await {
            tracing::warn!(%error, %id, "an inbound body's file stays behind");
        }
    }

    fn path(&self, id: InboundId) -> PathBuf {
        self.0.folder.join(format!("{id}.json"))
    }
}

fn refused(why: &'static str) -> Taken {
    metrics::counter!("farol_webhook_refused_total", "why" => why).increment(1);
    Taken::Refused
}

/// In whose name a body's command runs.
fn origin(inbound: &Inbound, door: &Origin) -> Origin {
    door.acting_as(inbound.vouched.first().map_or(ActorRef::System, |v| ActorRef::Channel(v.channel)))
}

/// Whose a part is that names no account: of those the signer speaks for, the one below the account it names, else the
/// channel the address names, else the oldest one.
fn whose(book: &Book, signer: Signer, via: Option<ChannelId>, parent: Option<&str>) -> Option<Vouched> {
    let of_signer = book.accounts_of(signer);
    let below = parent.and_then(|parent| of_signer.iter().find(|account| account.parent.as_deref() == Some(parent)));
    let named = || via.and_then(|id| book.of_channel(id)).filter(|account| book.speaks_for(signer, account));
    below.or_else(named).or_else(|| of_signer.first()).map(|account| account.vouched.clone())
}

/// The account of this name that the signer speaks for; of several the one the address names, else the oldest.
fn claimed<'a>(
    book: &'a Book,
    kind: ChannelKind,
    signer: Signer,
    via: Option<ChannelId>,
    name: &str,
) -> Result<&'a Account, &'static str> {
    let all = book.find(kind, name);
    let mut mine = all.iter().filter(|account| book.speaks_for(signer, account));
    let first = mine.clone().next().ok_or(if all.is_empty() { "unknown_account" } else { "foreign_account" })?;
    Ok(mine.find(|account| Some(account.vouched.channel) == via).unwrap_or(first))
}

/// Who is told of an account nobody has connected: with WAHA the oldest channel of whoever signed, for a session that
/// one forgot to connect loses messages. Meta sends every number of an app to us; there it is nothing to tell.
fn unrouted(book: &Book, kind: ChannelKind, signer: Signer, name: &str) -> Option<Vouched> {
    let told = kind == ChannelKind::Waha && book.find(kind, name).is_empty();
    book.accounts_of(signer).first().filter(|_| told).map(|account| account.vouched.clone())
}

/// Each element to its account, if the signer speaks for it.
fn assign(book: &Book, kind: ChannelKind, signer: Signer, via: Option<ChannelId>, elements: Vec<Element>) -> Vec<Work> {
    let mut work = Vec::with_capacity(elements.len());
    for (at, mut element) in (0..).zip(elements) {
        let vouched = match element.account.clone() {
            Some(name) => match claimed(book, kind, signer, via, &name) {
                Ok(account) => Some(account.vouched.clone()),
                Err(what) => {
                    metrics::counter!("farol_webhook_ignored_total", "what" => what).increment(1);
                    unrouted(book, kind, signer, &name).inspect(|_| {
                        let why = format!("no channel is connected to the session {name}");
                        element.told = Err(Unreadable::new(commands::UNKNOWN_SESSION, why));
                    })
                }
            },
            None => whose(book, signer, via, element.parent.as_deref()),
        };
        work.extend(vouched.map(|vouched| Work { vouched, at, element }));
    }
    work
}

/// The same from what was written down when the body came: secrets may have changed since.
fn assign_again(book: &Book, inbound: &Inbound, elements: Vec<Element>) -> Vec<Work> {
    let whose = |element: &Element| match &element.account {
        Some(name) => inbound.vouched.iter().find(|v| v.account == *name).cloned(),
        None => {
            let is_below = |v: &&Vouched| {
                let parent = book.of_channel(v.channel).and_then(|account| account.parent.as_deref());
                element.parent.is_some() && parent == element.parent.as_deref()
            };
            inbound.vouched.iter().find(is_below).or(inbound.vouched.first()).cloned()
        }
    };
    let numbered = (0..).zip(elements);
    numbered.filter_map(|(at, element)| whose(&element).map(|vouched| Work { vouched, at, element })).collect()
}

/// Groups that one command each can bury.
fn together(unread: Vec<Unread>) -> Vec<Vec<Unread>> {
    let mut groups: Vec<Vec<Unread>> = Vec::new();
    let mut bytes = 0;
    for letter in unread {
        let size = letter.raw.len() + letter.beside.as_ref().map_or(0, String::len);
        bytes += size;
        match groups.last_mut() {
            Some(group) if group.len() < BURIED_TOGETHER && bytes <= BURIED_BYTES_TOGETHER => group.push(letter),
            _ => {
                bytes = size;
                groups.push(vec![letter]);
            }
        }
    }
    groups
}

/// What a body says, if it is short, readable and all about one channel.
fn all_for_one(inbound: &Inbound, work: &[Work]) -> Option<Vec<Told>> {
    if work.len() > TOGETHER_MAX || inbound.vouched.len() != 1 {
        return None;
    }
    work.iter().map(|work| work.element.told.as_ref().ok().cloned()).collect()
}

fn whole_body(body: &[u8], reason: String) -> Element {
    Element {
        account: None,
        parent: None,
        told: Err(Unreadable::new("malformed", reason)),
        raw: String::from_utf8_lossy(body).into_owned(),
        part: Part::Body,
        beside: None,
    }
}

/// Writes a file so that neither its bytes nor its name can be lost afterwards.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| Error::internal(format!("keep an inbound body in {}: {e}", path.display()));
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests;
