//! Keeps background services going: one that panics, or ends though nobody asked it to, is started again after
//! a growing pause. One that will not stay up stops the whole process, so that the service manager starts it
//! afresh: a box that answers but delivers nothing is worse than one that is seen to be down.
//!
//! Services keep what matters in the store and pick it up at their start; that is why starting again is safe.

use super::http::Kit;
use crate::base::Env;
use futures_util::FutureExt;
use parking_lot::Mutex;
use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

/// Pause before the first start after a fall; doubles with each further one.
const PAUSE: Duration = Duration::from_secs(1);
/// Whoever stayed up so long begins with a clean sheet.
const STEADY_AFTER: Duration = Duration::from_secs(600);
/// After so many falls in a row the process ends.
const FALLS_MAX: u32 = 6;

/// Watches over services; clones share what they know.
#[derive(Clone, Default)]
pub struct Supervisor(Arc<Known>);

#[derive(Default)]
struct Known {
    /// Services that are down and wait for their next start, and why.
    down: Mutex<BTreeMap<&'static str, String>>,
    given_up: Mutex<Option<String>>,
}

impl Supervisor {
    /// Nothing to watch yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Are all services up? Otherwise: which is not, and why.
    pub fn check(&self) -> Result<(), String> {
        match self.0.down.lock().iter().next() {
            None => Ok(()),
            Some((service, why)) => Err(format!("{service} {why} and is started again")),
        }
    }

    /// Why the process was stopped, if a service would not stay up.
    pub fn given_up(&self) -> Option<String> {
        self.0.given_up.lock().clone()
    }

    /// Runs what `start` makes until the house stops; stops the house where that falls again and again.
    pub async fn keep<F>(self, kit: Kit, service: &'static str, start: impl Fn() -> F + Send)
    where
        F: Future<Output = ()> + Send,
    {
        let env: &Env = kit.env();
        let mut shutdown = kit.shutdown();
        let mut falls = 0u32;
        loop {
            let began = env.now();
            let ended = AssertUnwindSafe(async { start().await }).catch_unwind().await;
            if kit.is_stopping() {
                return;
            }
            let why = if ended.is_ok() { "ended by itself" } else { "panicked" };
            falls = if env.now().since(began) >= STEADY_AFTER { 1 } else { falls + 1 };
            metrics::counter!("farol_service_falls_total", "service" => service).increment(1);
            self.0.down.lock().insert(service, why.to_owned());
            if falls >= FALLS_MAX {
                let text = format!("the service {service} {why} {falls} times in a row");
                tracing::error!(service, falls, "a service will not stay up; ending so that the whole is started afresh");
                self.0.given_up.lock().get_or_insert(text);
                kit.stop();
                return;
            }
            let pause = PAUSE * 2u32.pow(falls - 1);
            tracing::error!(service, why, falls, again_in_secs = pause.as_secs(), "a service fell");
            tokio::select! {
                _ = shutdown.wait_for(|stopping| *stopping) => return,
                () = env.clock.sleep_until(env.now().plus(pause)) => {}
            }
            self.0.down.lock().remove(service);
        }
    }
}

/// Niceness of work nobody waits for: a tenth of the share of a thread somebody does wait for.
const BACKGROUND: i32 = 10;

/// From here on the calling thread, and every thread it starts, gives way to those that answer people. Without
/// effect where the system does not allow it.
pub fn yield_to_others() {
    let _ = rustix::process::nice(BACKGROUND);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{http::HttpSettings, store::testing::World};
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    fn kit(world: &World) -> Kit {
        Kit::builder(world.store.clone(), world.env.clone(), HttpSettings::default()).build()
    }

    #[tokio::test]
    async fn a_service_that_falls_is_started_again_and_told_of_meanwhile() {
        let world = World::new().await;
        let (kit, supervisor, starts) = (kit(&world), Supervisor::new(), Arc::new(AtomicU32::new(0)));
        let count = starts.clone();
        let stopping = kit.clone();
        let start = move || {
            let (nth, mut shutdown) = (count.fetch_add(1, SeqCst), stopping.shutdown());
            async move {
                assert!(nth > 0, "the first falls");
                if nth > 1 {
                    let _ = shutdown.wait_for(|stopping| *stopping).await;
                }
            }
        };
        let kept = tokio::spawn(supervisor.clone().keep(kit.clone(), "test", start));
        world.until("it fell", |_| supervisor.check().is_err()).await;
        assert_eq!(supervisor.check().unwrap_err(), "test panicked and is started again");
        world
            .until("it is up", |w| {
                w.clock.advance(Duration::from_millis(500));
                starts.load(SeqCst) == 3
            })
            .await;
        world.until("nothing is down", |_| supervisor.check().is_ok()).await;
        kit.stop();
        kept.await.unwrap();
        assert_eq!((starts.load(SeqCst), supervisor.given_up()), (3, None));
    }

    #[tokio::test]
    async fn one_that_will_not_stay_up_stops_the_house() {
        let world = World::new().await;
        let (kit, supervisor) = (kit(&world), Supervisor::new());
        let kept = tokio::spawn(supervisor.clone().keep(kit.clone(), "test", || async { panic!("on purpose") }));
        world
            .until("it stops", |w| {
                w.clock.advance(Duration::from_secs(5));
                kit.is_stopping()
            })
            .await;
        kept.await.unwrap();
        assert_eq!(supervisor.given_up().unwrap(), "the service test panicked 6 times in a row");
        assert!(supervisor.check().is_err());
    }
}
