//! One alarm for many failures: raised once, named by its most frequent cause, over by itself.

use super::{manage::save, notices::list_with_step};
use crate::{
    base::{ChannelId, Result},
    channels::{
        health::alarm::{self, SPAN},
        model::{CHANNEL_UPDATED, Channel, ChannelAlarm, ChannelStatus, FinalFailure},
        receiving::inbound::ReceivedNotice,
        sending::manners,
    },
    conversations::MessageError,
    platform::{
        store::{Read, Tx, Write},
        timers::{DueTimer, TimerKey},
    },
};
use serde_json::{Value, json};

/// Purpose of the timer that ends an alarm.
pub const ALARM: &str = "channel.alarm";

/// A message over `channel` failed for good.
pub fn failed(tx: &mut Tx<'_, '_>, id: ChannelId, error: Option<&MessageError>) -> Result<()> {
    let most = manners::failure_alarm(tx, id)?;
    let now = tx.now();
    let old = tx.get::<ChannelAlarm>(&id)?;
    let mut alarm = old.unwrap_or(ChannelAlarm { channel: id, tally: Vec::new(), causes: Vec::new(), raised_at: None });
    alarm.note(FinalFailure {
        at: now,
        code: error.map_or_else(|| "unknown".to_owned(), |error| error.code.clone()),
        reason: error.map(|error| error.reason.clone()).unwrap_or_default(),
        next_step: error.and_then(|error| error.next_step.clone()),
    });
    if alarm.raised_at.is_none() && alarm.count() > most {
        alarm.raised_at = Some(now);
        raise(tx, &alarm)?;
        tx.at(TimerKey::new(ALARM, id.into()), now.plus(SPAN), json!({}))?;
    }
    tx.put(&alarm)
}

fn raise(tx: &mut Tx<'_, '_>, alarm: &ChannelAlarm) -> Result<()> {
    let Some(worst) = alarm.worst() else { return Ok(()) };
    let notice = ReceivedNotice {
        topic: alarm::MANY_FAILURES.to_owned(),
        event: worst.failure.code.clone(),
        subject: Some(alarm.count().to_string()),
        reason: Some(worst.failure.reason.clone()),
        at: tx.now(),
        raw: json!({
            "failures": alarm.count(), "minutes": SPAN.as_secs() / 60, "code": worst.failure.code, "of": worst.times,
            "nextStep": worst.failure.next_step,
        })
        .to_string(),
    };
    list_with_step(tx, alarm.channel, &notice, worst.failure.next_step.clone())?;
    let Some(old) = tx.get::<Channel>(&alarm.channel)?.filter(Channel::is_live) else { return Ok(()) };
    // Why it is broken or switched off says more.
    if !matches!(old.status, ChannelStatus::Connected | ChannelStatus::Unverified) {
        return Ok(());
    }
    let why = format!("{}: {} {}", alarm::MANY_FAILURES, worst.failure.code, worst.failure.reason);
    let mut channel = Channel { status_reason: Some(why.trim().to_owned()), ..old.clone() };
    save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)
}

/// The timer's turn: ends the alarm where failures have become few, else looks again when the oldest is forgotten.
pub fn alarm_due(tx: &mut Tx<'_, '_>, due: &DueTimer) -> Result<()> {
    let id = ChannelId(due.key.subject);
    let Some(mut alarm) = tx.get::<ChannelAlarm>(&id)? else { return Ok(()) };
    let (now, most) = (tx.now(), manners::failure_alarm(tx, id)?);
    alarm.forget(now);
    if let Some(again) = alarm.few_at(most) {
        // So many are within the ten minutes until then.
        tx.at(TimerKey::new(ALARM, id.into()), again.max(now.plus(std::time::Duration::from_secs(1))), json!({}))?;
        return tx.put(&alarm);
    }
    alarm.raised_at = None;
    tx.put(&alarm)?;
    let Some(old) = tx.get::<Channel>(&id)?.filter(Channel::is_live) else { return Ok(()) };
    if !old.status_reason.as_deref().is_some_and(alarm::is_ours) {
        return Ok(());
    }
    let mut channel = Channel { status_reason: None, ..old.clone() };
    save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Env, Origin, Timestamp},
        channels::{
            commands::{NewChannel, connect},
            model::{ChannelConfig, PathStyle, SessionState, Waha},
        },
        platform::store::{
            Lane,
            testing::{founded, on_thread},
        },
    };
    use std::time::Duration;

    #[test]
    fn an_alarm_ends_by_itself_once_failures_are_few() {
        let (env, clock) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (store, tenants) = on_thread(founded(&env, 1));
        let tenant = tenants[0];
        macro_rules! run {
            ($work:expr) => {
                on_thread(store.write(tenant, Lane::People, Origin::system(), $work)).unwrap()
            };
        }
        let session = Waha {
            base_url: "http://127.0.0.1:9".into(),
            session: "default".into(),
            api_key: None,
            hmac_key: None,
            path_style: PathStyle::default(),
            state: SessionState::default(),
            state_since: None,
            number: None,
            profile: None,
            engine: None,
            silent_after_minutes: None,
            poll_seconds: None,
            session_folder: None,
            silent_since: None,
        };
        let new = NewChannel { name: "W".into(), queue: None, is_default: true, config: ChannelConfig::Waha(session) };
        let id = run!(move |tx: &mut Tx<'_, '_>| connect(tx, new)).id;
        let reason = || store.view(tenant, |view| Ok(view.require::<Channel>(&id)?.status_reason)).unwrap();
        let error = MessageError { code: "131026".into(), reason: "Nobody there".into(), next_step: None };
        let fail = move |tx: &mut Tx<'_, '_>| failed(tx, id, Some(&error));
        for n in 0..=10 {
            assert_eq!(reason(), None, "{n} failures are no alarm yet");
            run!(fail.clone());
            clock.advance(Duration::from_secs(10));
        }
        assert_eq!(reason().as_deref(), Some("many_failures: 131026 Nobody there"));
        let look = move |tx: &mut Tx<'_, '_>| {
            let key = TimerKey::new(ALARM, id.into());
            alarm_due(tx, &DueTimer { key, due: tx.now(), payload: Value::Null })
        };
        // Still too many within ten minutes; a while later not any more.
        run!(look);
        assert!(reason().is_some());
        clock.advance(SPAN);
        run!(look);
        assert_eq!(reason(), None);
        // The next one is an alarm of its own.
        for _ in 0..=10 {
            run!(fail.clone());
        }
        assert!(reason().is_some());
    }
}
