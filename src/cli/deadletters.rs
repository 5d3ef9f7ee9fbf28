//! `farol deadletters`: what could not be read, sent or done, and what to do about it.

use super::{
    Options, Outcome,
    admin::{Tell, Verbs},
    house::House,
    output::{Output, field},
    reach,
};
use crate::{
    base::{DeadLetterId, Error, Origin, Result, TenantId},
    platform::{
        deadletters::{self, DeadLetter},
        operations::DeadLetterView,
        store::{Lane, Read, Store},
    },
};
use clap::Subcommand;
use serde::Deserialize;
use serde_json::{Value, json};

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List them, newest first: those nobody has decided on, or all of one kind
    List {
        /// Only this kind: inbound, delivery, reaction or timer
        #[arg(long)]
        kind: Option<String>,
        /// At most so many of each firm
        #[arg(long, default_value_t = 50)]
        limit: usize,
        #[command(flatten)]
        output: Output,
    },
    /// Show one with its raw body
    Show {
        /// Its id, as `list` shows it
        id: String,
    },
    /// Try again what it is about
    Retry {
        /// Its id
        id: String,
    },
    /// Put it aside for good
    Discard {
        /// Its id
        id: String,
    },
}

/// Runs it.
pub fn run(verb: &Verb, options: &Options) -> Outcome {
    match verb {
        Verb::List { kind, limit, output } => {
            let mut any = false;
            reach::ask(options, "deadletters.list", json!({"kind": kind, "limit": limit}), |line| {
                any = true;
                output.line(&line, |l| {
                    let f = |name| field(l, name);
                    format!("{}  {:9}  {}  {}: {}", f("id"), f("kind"), f("at"), f("code"), f("reason"))
                });
            })?;
            if !any {
                output.remark("no dead letters");
            }
            Ok(())
        }
        Verb::Show { id } => reach::ask(options, "deadletters.show", json!({"id": id}), |l| println!("{l:#}")),
        Verb::Retry { id } => decide(options, "deadletters.retry", id),
        Verb::Discard { id } => decide(options, "deadletters.discard", id),
    }
}

fn decide(options: &Options, verb: &str, id: &str) -> Outcome {
    reach::ask(options, verb, json!({"id": id}), |l| println!("{}  {}", field(&l, "id"), field(&l, "state")))
}

#[derive(Deserialize)]
struct ListArgs {
    kind: Option<String>,
    limit: usize,
}
#[derive(Deserialize)]
struct OneArgs {
    id: DeadLetterId,
}

/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let store = house.store.clone();
    verbs.add("deadletters.list", move |args: ListArgs, tell| list(store.clone(), args, tell));
    let store = house.store.clone();
    verbs.add("deadletters.show", move |args: OneArgs, tell| show(store.clone(), args.id, tell));
    let (store, kinds) = (house.store.clone(), house.dead_letters.clone());
    verbs.add("deadletters.retry", move |args: OneArgs, tell| {
        let (store, kinds) = (store.clone(), kinds.clone());
        async move {
            let tenant = tenant_of(&store, args.id)?;
            let retry = move |tx: &mut crate::platform::store::Tx<'_, '_>| kinds.retry(tx, args.id);
            let letter = store.write(tenant, Lane::People, Origin::console(), retry).await?;
            tell.line(DeadLetterView::of(letter, false)).await
        }
    });
    let store = house.store.clone();
    verbs.add("deadletters.discard", move |args: OneArgs, tell| {
        let store = store.clone();
        async move {
            let tenant = tenant_of(&store, args.id)?;
            let discard = move |tx: &mut crate::platform::store::Tx<'_, '_>| deadletters::discard(tx, args.id);
            let letter = store.write(tenant, Lane::People, Origin::console(), discard).await?;
            tell.line(DeadLetterView::of(letter, false)).await
        }
    });
}

async fn list(store: Store, args: ListArgs, tell: Tell) -> Result<()> {
    for tenant in store.tenants() {
        let letters = store.view(tenant, |view| deadletters::list(view, args.kind.as_deref(), None, args.limit))?;
        for (letter, _) in letters {
            tell.line(with_tenant(DeadLetterView::of(letter, false), tenant)?).await?;
        }
    }
    Ok(())
}

async fn show(store: Store, id: DeadLetterId, tell: Tell) -> Result<()> {
    let tenant = tenant_of(&store, id)?;
    let letter = store.view(tenant, |view| view.require::<DeadLetter>(&id))?;
    tell.line(with_tenant(DeadLetterView::of(letter, true), tenant)?).await
}

/// A console knows no tenant: the letter says whose it is.
fn tenant_of(store: &Store, id: DeadLetterId) -> Result<TenantId> {
    for tenant in store.tenants() {
        if store.view(tenant, |view| view.get::<DeadLetter>(&id))?.is_some() {
            return Ok(tenant);
        }
    }
    Err(Error::NotFound("dead letter"))
}

/// The record as people see it, with whose it is.
pub fn with_tenant(view: impl serde::Serialize, tenant: TenantId) -> Result<Value> {
    let mut line = serde_json::to_value(view).map_err(Error::internal)?;
    line["tenant"] = json!(tenant);
    Ok(line)
}
