//! Meta's postman: gathers changes into batches, signs them, and posts until they are taken. By seed it
//! repeats, shuffles and delays as the real one does.

use super::wire;
use crate::{base::Env, channels::AppSecret};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// How rough the postman is. All chances from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Roughness {
    /// A body is posted twice.
    pub repeat: f64,
    /// The changes of a body come in another order.
    pub shuffle: f64,
    /// A body waits before it goes.
    pub delay: f64,
    /// How long, at most.
    pub delay_max: Duration,
    /// Changes in one body, at most.
    pub batch_max: usize,
}

impl Roughness {
    /// Everything once, in order, at once.
    pub const NONE: Self = Self { repeat: 0.0, shuffle: 0.0, delay: 0.0, delay_max: Duration::ZERO, batch_max: 1 };
    /// As the field knows it on a normal day.
    pub const USUAL: Self =
        Self { repeat: 0.02, shuffle: 0.05, delay: 0.05, delay_max: Duration::from_millis(1_500), batch_max: 8 };
}

/// Where bodies go, and who signs them.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The firm's webhook address.
    pub url: String,
    /// The app's secret.
    pub secret: AppSecret,
    /// Named in each body.
    pub business_account_id: String,
}

/// Tries before a body is given up; the real one tries for seven days.
const ATTEMPTS_MAX: u32 = 8;

/// Takes changes and posts them.
#[derive(Debug, Clone)]
pub struct Postman {
    changes: mpsc::UnboundedSender<Value>,
}

impl Postman {
    /// Starts posting to `to`; ends when the last handle is dropped and everything is posted.
    pub fn start(to: Subscription, roughness: Roughness, env: Env, http: reqwest::Client) -> Self {
        let (changes, waiting) = mpsc::unbounded_channel();
        tokio::spawn(run(Arc::new(to), roughness, env, http, waiting));
        Self { changes }
    }
    /// Hands over one change.
    pub fn post(&self, change: Value) {
        // The task ends only when every handle is gone, so somebody takes it.
        let _ = self.changes.send(change);
    }
}

async fn run(
    to: Arc<Subscription>,
    roughness: Roughness,
    env: Env,
    http: reqwest::Client,
    mut waiting: mpsc::UnboundedReceiver<Value>,
) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, roughness.batch_max.max(1)).await > 0 {
        let (changes, copies) = handle(std::mem::take(&mut batch), &roughness, &env);
        let body = wire::to_bytes(&wire::envelope(&to.business_account_id, &changes));
        let signature = to.secret.sign(&body);
        for wait in copies {
            let (to, env, http, body, signature) = (to.clone(), env.clone(), http.clone(), body.clone(), signature.clone());
            tokio::spawn(async move {
                if !wait.is_zero() {
                    env.clock.sleep_until(env.now().plus(wait)).await;
                }
                deliver(&to, &env, &http, body, &signature).await;
            });
        }
    }
}

/// What becomes of one batch: its changes in the order they go, and how long each copy of the body waits. The same
/// seed handles the same batches in the same way.
pub fn handle(mut changes: Vec<Value>, roughness: &Roughness, env: &Env) -> (Vec<Value>, Vec<Duration>) {
    if changes.len() > 1 && env.chance.unit() < roughness.shuffle {
        shuffle(&mut changes, env);
    }
    let copies = if env.chance.unit() < roughness.repeat { 2 } else { 1 };
    let waits = (0..copies).map(|_| {
        let late = env.chance.unit() < roughness.delay;
        if late { roughness.delay_max.mul_f64(env.chance.unit()) } else { Duration::ZERO }
    });
    let waits = waits.collect();
    (changes, waits)
}

async fn deliver(to: &Subscription, env: &Env, http: &reqwest::Client, body: Vec<u8>, signature: &str) {
    for attempt in 0..ATTEMPTS_MAX {
        let request = http
            .post(&to.url)
            .header("content-type", "application/json")
            .header(crate::channels::SIGNATURE_HEADER, signature)
            .body(body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => tracing::debug!(status = answer.status().as_u16(), "a webhook was not taken"),
            Err(error) => tracing::debug!(%error, "a webhook found nobody"),
        }
        env.clock.sleep_until(env.now().plus(Duration::from_millis(250 << attempt))).await;
    }
    tracing::warn!(url = to.url, "a webhook was given up");
}

/// Fisher and Yates.
pub fn shuffle<T>(items: &mut [T], env: &Env) {
    for last in (1..items.len()).rev() {
        items.swap(last, env.chance.below(last as u64 + 1) as usize);
    }
}
