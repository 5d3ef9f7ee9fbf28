//! What a delivery is, what may become of it, and how patient its kind is.

use crate::base::{DeliveryId, TenantId, Timestamp};
use crate::platform::store::{Index, Json, Record, TableId, TenantScope};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Where a delivery stands. Success and final failure leave no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryState {
    /// Waits for its turn in the lane, or for its next attempt.
    Waiting,
    /// An attempt is under way.
    InFlight,
    /// An attempt was made and nobody knows how it ended.
    Unknown,
    /// Waits for a condition its hand named, e.g. a channel to be repaired.
    Held,
}

/// One piece of work that leaves the house.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, made by whoever ordered it.
    pub id: DeliveryId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which hand performs it.
    pub kind: String,
    /// Those of one kind and lane leave in order.
    pub lane: String,
    /// Place in the order of the tenant's deliveries.
    pub number: u64,
    /// What the hand needs. No secrets.
    pub payload: Json,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts started so far, the one under way included.
    pub attempts: u32,
    /// Not to be started before this.
    pub not_before: Option<Timestamp>,
    /// When the machinery looks at it next; `None` while it waits behind another or is under way.
    pub next_run: Option<Timestamp>,
    /// Does it (still) stand in its lane? An unknown one steps out after a while.
    pub in_lane: bool,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When the last attempt began.
    pub started_at: Option<Timestamp>,
    /// Code of the last failure.
    pub last_code: Option<String>,
    /// Words of the last failure.
    pub last_error: Option<String>,
    /// The event that led to it.
    pub cause: Option<u64>,
    /// How many automations stand between it and a person.
    pub depth: u8,
}

impl Record for Delivery {
    type Key = DeliveryId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0040);
    const NAME: &'static str = "delivery";
    const INDEXES: &'static [&'static Index<Self>] = &[&LANES, &HELD];

    fn key(&self) -> DeliveryId {
        self.id
    }
}

/// Lanes in order: (kind, lane, number).
pub(super) static LANES: Index<Delivery> = Index::ordered(0x0041, "deliveries by lane", |d, entries| {
    if d.in_lane {
        entries.add((&d.kind, &d.lane, d.number));
    }
});
/// Held deliveries by kind and lane.
pub(super) static HELD: Index<Delivery> = Index::ordered(0x0042, "held deliveries", |d, entries| {
    if d.state == DeliveryState::Held {
        entries.add((&d.kind, &d.lane, d.number));
    }
});

/// What a command orders.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id; ordering the same id twice is a conflict.
    pub id: DeliveryId,
    /// Which hand performs it.
    pub kind: &'static str,
    /// Those of one kind and lane leave in order.
    pub lane: String,
    /// What the hand needs. No secrets.
    pub payload: Value,
    /// Not to be started before this.
    pub not_before: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It succeeded; with what the other side said.
    Done(Value),
    /// It failed and may succeed later; `after` is the least pause the other side asked for.
    Retry {
        /// The least pause.
        after: Option<Duration>,
        /// Stable code.
        code: String,
        /// Words.
        reason: String,
    },
    /// Nobody knows: the request went out and no answer came.
    Unknown {
        /// Words.
        reason: String,
    },
    /// It failed for good.
    Dead {
        /// Stable code.
        code: String,
        /// Words.
        reason: String,
    },
    /// It can't be tried now for a reason that is not the delivery's own; its lane waits with it. Not
    /// counted as an attempt. Until a moment, or until [`release`](super::release)d.
    Hold {
        /// The moment, if one is known.
        until: Option<Timestamp>,
        /// Stable code.
        code: String,
        /// Words.
        reason: String,
    },
}

/// How patient a kind is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Attempts in all.
    pub attempts_max: u32,
    /// Pause after the first failure; doubles with each further one.
    pub first_pause: Duration,
    /// No pause is longer.
    pub pause_max: Duration,
    /// An attempt that takes longer is cut off, outcome unknown.
    pub attempt_timeout: Duration,
    /// A lane waits this long from the start of an attempt whose outcome stays unknown.
    pub lane_wait: Duration,
    /// Attempts of this kind side by side.
    pub concurrency: usize,
}

impl Default for Policy {
    /// Five attempts after pauses of 2, 4, 8 and 16 s (MSG-57).
    fn default() -> Self {
        Self {
            attempts_max: 5,
            first_pause: Duration::from_secs(2),
            pause_max: Duration::from_secs(15 * 60),
            attempt_timeout: Duration::from_secs(60),
            lane_wait: Duration::from_secs(60),
            concurrency: 32,
        }
    }
}

impl Policy {
    /// The pause after failure number `attempts` (from 1): doubled each time, capped, then 0 to 20 % longer
    /// so that what failed together does not come back together. `unit` is chance from 0 to 1.
    pub fn pause(&self, attempts: u32, unit: f64) -> Duration {
        let doubled = self.first_pause.saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1)));
        doubled.min(self.pause_max).mul_f64(1.0 + 0.2 * unit)
    }
}

/// A token bucket by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Deliveries that name the same key share the bucket.
    pub key: String,
    /// Tokens that flow in each second.
    pub per_second: f64,
    /// Tokens it holds when full, at least 1.
    pub burst: f64,
}
