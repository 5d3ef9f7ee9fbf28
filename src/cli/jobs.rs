//! `farol jobs`: timers, deliveries and bulk work, with state, attempts and next run.

use super::{
    Options, Outcome,
    admin::{Tell, Verbs},
    deadletters::with_tenant,
    house::House,
    output::{Output, field},
    reach,
};
use crate::{
    base::{Result, TenantId},
    platform::{
        jobs,
        operations::{DeliveryView, JobView, TimerView},
        outbox,
        store::Store,
        timers,
    },
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What to list.
#[derive(Debug, Args)]
pub struct Jobs {
    /// At most so many of each sort and firm
    #[arg(long, default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    output: Output,
}

/// Runs it.
pub fn run(args: &Jobs, options: &Options) -> Outcome {
    let mut any = false;
    reach::ask(options, "jobs", json!({"limit": args.limit}), |line| {
        any = true;
        args.output.line(&line, |l| {
            let f = |name| field(l, name);
            let name = if l["sort"] == "timer" { f("purpose") } else { f("kind") };
            let state = if l["sort"] == "timer" { "WAITING".into() } else { f("state") };
            let tries = f("attempts");
            format!("{:8}  {name:24}  {state:9}  tries {tries:3}  next {}  {}", f("sort"), f("nextRun"), f("lastError"))
        });
    })?;
    if !any {
        args.output.remark("nothing is waiting");
    }
    Ok(())
}

#[derive(Deserialize)]
struct ListArgs {
    limit: usize,
}

/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let store = house.store.clone();
    verbs.add("jobs", move |args: ListArgs, tell| list(store.clone(), args.limit, tell));
}

async fn list(store: Store, limit: usize, tell: Tell) -> Result<()> {
    for tenant in store.tenants() {
        // One snapshot for the three, and none held while the reader takes its time.
        let (timers, deliveries, jobs) = store.view(tenant, |view| {
            Ok((timers::list(view, None, limit)?, outbox::list(view, None, limit)?, jobs::list(view, None, limit)?))
        })?;
        for (timer, _) in timers {
            tell.line(sorted("timer", TimerView::from(timer), tenant)?).await?;
        }
        for (delivery, _) in deliveries {
            tell.line(sorted("delivery", DeliveryView::from(delivery), tenant)?).await?;
        }
        for (job, _) in jobs {
            tell.line(sorted("job", JobView::from(job), tenant)?).await?;
        }
    }
    Ok(())
}

fn sorted(sort: &str, view: impl Serialize, tenant: TenantId) -> Result<Value> {
    let mut line = with_tenant(view, tenant)?;
    line["sort"] = json!(sort);
    Ok(line)
}
