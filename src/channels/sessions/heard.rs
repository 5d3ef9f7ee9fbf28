//! What is known of sessions at this moment and worth no record: codes to scan, and when each channel was last
//! heard of.

use crate::base::{ChannelId, Timestamp};
use parking_lot::Mutex;
use std::{collections::HashMap, time::Duration};

/// A code lives about 20 s, the first one of a session a minute.
const CODE_LIVES: Duration = Duration::from_secs(65);

/// In memory; a restart forgets it.
#[derive(Debug, Default)]
pub struct Sessions {
    codes: Mutex<HashMap<ChannelId, (String, Timestamp)>>,
    heard: Mutex<HashMap<ChannelId, Timestamp>>,
    polled: Mutex<HashMap<ChannelId, Timestamp>>,
    doorsteps: Mutex<HashMap<ChannelId, Doorstep>>,
}

/// What came to a channel's door last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doorstep {
    /// With a good signature.
    pub good_at: Option<Timestamp>,
    /// With another one, or none.
    pub bad_at: Option<Timestamp>,
}

impl Sessions {
    /// A code to scan.
    pub fn show_code(&self, channel: ChannelId, code: String, now: Timestamp) {
        self.codes.lock().insert(channel, (code, now));
    }
    /// There is none any more.
    pub fn hide_code(&self, channel: ChannelId) {
        self.codes.lock().remove(&channel);
    }
    /// The code to scan, while it may still be good.
    pub fn code(&self, channel: ChannelId, now: Timestamp) -> Option<String> {
        let codes = self.codes.lock();
        codes.get(&channel).filter(|(_, at)| now.since(*at) < CODE_LIVES).map(|(code, _)| code.clone())
    }
    /// A webhook about `channel` came and was believed.
    pub fn hear(&self, channel: ChannelId, now: Timestamp) {
        self.heard.lock().insert(channel, now);
        self.doorsteps.lock().entry(channel).or_default().good_at = Some(now);
    }
    /// A webhook that names `channel` came and was not believed.
    pub fn refuse(&self, channel: ChannelId, now: Timestamp) {
        self.doorsteps.lock().entry(channel).or_default().bad_at = Some(now);
    }
    /// What came to a channel's door last.
    pub fn doorstep(&self, channel: ChannelId) -> Doorstep {
        self.doorsteps.lock().get(&channel).copied().unwrap_or_default()
    }
    /// When the last one came.
    pub fn heard_at(&self, channel: ChannelId) -> Option<Timestamp> {
        self.heard.lock().get(&channel).copied()
    }
    /// Until when the chats of `channel` were looked through.
    pub fn polled_until(&self, channel: ChannelId) -> Option<Timestamp> {
        self.polled.lock().get(&channel).copied()
    }
    /// They were looked through until then.
    pub fn note_polled(&self, channel: ChannelId, until: Timestamp) {
        self.polled.lock().insert(channel, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Env;

    #[test]
    fn a_code_is_shown_while_it_may_be_good() {
        let (env, _) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (sessions, channel, now) = (Sessions::default(), env.new_id(), env.now());
        sessions.show_code(channel, "2@abc".into(), now);
        assert_eq!(sessions.code(channel, now).as_deref(), Some("2@abc"));
        assert_eq!(sessions.code(channel, now.plus(CODE_LIVES)), None);
        sessions.hide_code(channel);
        assert_eq!(sessions.code(channel, now), None);
    }
}
