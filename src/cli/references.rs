//! The last part of `farol verify`: does every record that names another one find it?
//!
//! A store can be whole page by page and still hold a message without its conversation. Each line of the list
//! below is one kind of reference; a reference of a new record is one more line.

use crate::{
    base::{Env, Error, Result},
    channels::Channel,
    contacts::Contact,
    conversations::{Assignment, Conversation, MediaState, Message},
    platform::store::{KeyRange, Read, Record, Store, StoreOptions, TenantScope, View},
    routing::Queue,
};
use std::{collections::BTreeSet, path::Path};

/// Broken references named in full; more are only counted.
const NAMED_MAX: usize = 20;

/// What the walk came upon.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// References looked at.
    pub references: u64,
    /// Those that lead nowhere.
    pub broken: u64,
    /// The first of them in words.
    pub named: Vec<String>,
}

/// Walks all references of the store in the folder `data`.
///
/// # Errors
/// `damaged` naming the broken ones; what opening the store says.
pub fn check(data: &Path, env: Env) -> Result<u64> {
    let store = Store::open(data, &StoreOptions::default(), env).map_err(Error::internal)?;
    let found = walk(&store).and_then(|mut found| files(&store, data, &mut found).map(|()| found));
    store.release();
    let found = found?;
    if found.broken == 0 {
        return Ok(found.references);
    }
    Err(Error::conflict("damaged", format!("{} references lead nowhere: {}", found.broken, found.named.join("; "))))
}

/// Walks all references of every tenant.
pub fn walk(store: &Store) -> Result<Findings> {
    let mut found = Findings::default();
    for tenant in store.tenants() {
        store.view(tenant, |view| {
            each::<Conversation, Contact>(view, &mut found, |conversation| Some(conversation.contact.home()))?;
            each::<Contact, Contact>(view, &mut found, |contact| contact.kin.as_ref().and_then(|kin| kin.into))?;
            each::<Conversation, Channel>(view, &mut found, |conversation| Some(conversation.channel))?;
            each::<Conversation, Queue>(view, &mut found, |conversation| conversation.queue)?;
            each::<Message, Conversation>(view, &mut found, |message| Some(message.conversation))?;
            each::<Message, Channel>(view, &mut found, |message| Some(message.channel))?;
            each::<Message, Message>(view, &mut found, |message| message.reply_to)?;
            each::<Assignment, Conversation>(view, &mut found, |assignment| Some(assignment.conversation))
        })?;
    }
    Ok(found)
}

/// Every message whose picture, file or sound is here names a file that is.
fn files(store: &Store, data: &Path, found: &mut Findings) -> Result<()> {
    for tenant in store.tenants() {
        let folder = data.join("media").join(tenant.to_string());
        store.view(tenant, |view| {
            for row in view.all::<Message>(KeyRange::all())? {
                let (message, _) = row?;
                let ready = message.media.iter().filter(|media| media.state == MediaState::Ready);
                for hash in ready.flat_map(|media| media.hash.iter().chain(&media.thumbnail)) {
                    found.references += 1;
                    if !folder.join(hash).is_file() {
                        found.broken += 1;
                        if found.named.len() < NAMED_MAX {
                            found.named.push(format!("message {} names the file {hash}", message.id));
                        }
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn each<From, To>(view: &View, found: &mut Findings, names: impl Fn(&From) -> Option<To::Key>) -> Result<()>
where
    From: Record<Scope = TenantScope>,
    To: Record<Scope = TenantScope>,
    To::Key: Ord + Clone + std::fmt::Debug,
    From::Key: std::fmt::Debug,
{
    // Most of a kind name the same few: what was found once is not looked up again.
    let mut there: BTreeSet<To::Key> = BTreeSet::new();
    for row in view.all::<From>(KeyRange::all())? {
        let (record, _) = row?;
        let Some(key) = names(&record) else { continue };
        found.references += 1;
        if there.contains(&key) {
            continue;
        }
        if view.get::<To>(&key)?.is_some() {
            there.insert(key);
            continue;
        }
        found.broken += 1;
        if found.named.len() < NAMED_MAX {
            found.named.push(format!("{} {:?} names the {} {key:?}", From::NAME, record.key(), To::NAME));
        }
    }
    Ok(())
}
