//! Who is behind a hidden id: asked of the session's server once, and kept as one more address of the contact.

use crate::{
    base::Result,
    channels::{
        commands::{self, LOOK_UP_LID},
        health::watch::{Watch, channel_of, nothing},
        waha::{client::Client, session},
    },
    platform::{
        outbox::{Delivery, Hand, Outcome, Policy},
        store::Tx,
    },
};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::time::Duration;

/// The hand that asks for the number behind a hidden id.
pub struct LidHand(pub Watch);

impl Hand for LidHand {
    fn kind(&self) -> &'static str {
        LOOK_UP_LID
    }
    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Ok(Some(channel)) = self.0.channel(delivery) else { return nothing() };
            let Some(line) = self.0.accounts.line(delivery.tenant, &channel) else { return nothing() };
            let Some(lid) = delivery.payload.0["lid"].as_str() else { return nothing() };
            match session::number_behind(Client::new(&self.0.outbound, &line), lid).await {
                Ok(Some(phone)) => Outcome::Done(json!({ "lid": lid, "phone": phone })),
                // WhatsApp does not tell it to this session. Whoever answers needs no number: the hidden id is an address.
                Ok(None) => nothing(),
                Err(failed) => Outcome::Retry { after: None, code: "no_answer".into(), reason: failed.reason },
            }
        })
    }
    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, _last: bool) -> Result<()> {
        match outcome {
            Outcome::Done(found) => match (found["lid"].as_str(), found["phone"].as_str()) {
                (Some(lid), Some(phone)) => commands::number_found(tx, channel_of(delivery)?, lid, phone),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
    fn policy(&self) -> Policy {
        Policy {
            attempts_max: 3,
            attempt_timeout: Duration::from_secs(20),
            lane_wait: Duration::from_secs(1),
            ..Policy::default()
        }
    }
}
