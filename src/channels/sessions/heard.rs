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
    unread: Mutex<HashMap<ChannelId, Timestamp>>,
    doorsteps: Mutex<HashMap<ChannelId, Doorstep>>,
    /// How often a session that gave up was started anew since it last worked, and when last.
    restarts: Mutex<HashMap<ChannelId, (u32, Timestamp)>>,
}

/// A session that gives up again and again is for a person: a new code, or another engine.
const RESTARTS_MAX: u32 = 4;
/// Before the second restart; doubled before each further one.
const RESTART_PAUSE: Duration = Duration::from_secs(300);
/// A signature that was refused, or proved good, longer ago is history.
const FRESH_FOR: Duration = Duration::from_secs(86_400);

/// What came to a channel's door last. What bears no signature at all, or none of the right form, is nobody's secret: it is
/// counted elsewhere and says nothing about ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doorstep {
    /// With a good signature.
    pub good_at: Option<Timestamp>,
    /// With another one.
    pub bad_at: Option<Timestamp>,
    /// With another one, at the channel's own address: nobody knows it but whom it was given to.
    pub bad_at_own: Option<Timestamp>,
    /// With another one since the last good one.
    pub refused: u32,
}

impl Doorstep {
    /// Is our secret perhaps not the provider's? Somebody who knows only what everybody may know, the door of all channels
    /// and the name of one, raises no doubt while what is good keeps coming. `heard_at` is the channel's last message,
    /// which outlives a restart.
    pub fn is_doubted(&self, heard_at: Option<Timestamp>, now: Timestamp) -> bool {
        let is_fresh = |at: &Timestamp| now.since(*at) < FRESH_FOR;
        let own = self.bad_at_own.filter(is_fresh).is_some_and(|bad| self.good_at.is_none_or(|good| good < bad));
        let is_proved = self.good_at.max(heard_at).is_some_and(|at| is_fresh(&at));
        own || (self.bad_at.is_some_and(|at| is_fresh(&at)) && !is_proved)
    }
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
        let mut doorsteps = self.doorsteps.lock();
        let doorstep = doorsteps.entry(channel).or_default();
        (doorstep.good_at, doorstep.refused) = (Some(now), 0);
    }
    /// A webhook that names `channel` came, signed with another secret; `by_own` says that it came to the channel's own
    /// address.
    pub fn refuse(&self, channel: ChannelId, by_own: bool, now: Timestamp) {
        let mut doorsteps = self.doorsteps.lock();
        let doorstep = doorsteps.entry(channel).or_default();
        doorstep.bad_at = Some(now);
        doorstep.refused = doorstep.refused.saturating_add(1);
        if by_own {
            doorstep.bad_at_own = Some(now);
        }
    }
    /// What came to a channel's door last.
    pub fn doorstep(&self, channel: ChannelId) -> Doorstep {
        self.doorsteps.lock().get(&channel).copied().unwrap_or_default()
    }
    /// When the last one came.
    pub fn heard_at(&self, channel: ChannelId) -> Option<Timestamp> {
        self.heard.lock().get(&channel).copied()
    }
    /// May a session that gave up be started anew once more? Counts it if so.
    pub fn may_restart(&self, channel: ChannelId, now: Timestamp) -> bool {
        let restarts = self.restarts.lock();
        let pause = |times: u32| RESTART_PAUSE * 2u32.pow(times.saturating_sub(1));
        restarts.get(&channel).is_none_or(|&(times, at)| times < RESTARTS_MAX && now.since(at) >= pause(times))
    }
    /// It was; a try that its server did not take is none.
    pub fn note_restarted(&self, channel: ChannelId, now: Timestamp) {
        let mut restarts = self.restarts.lock();
        let (times, at) = restarts.entry(channel).or_insert((0, now));
        (*times, *at) = (*times + 1, now);
    }
    /// It works: it may give up anew.
    pub fn note_working(&self, channel: ChannelId) {
        self.restarts.lock().remove(&channel);
    }
    /// Until when the chats of `channel` were looked through.
    pub fn polled_until(&self, channel: ChannelId) -> Option<Timestamp> {
        self.polled.lock().get(&channel).copied()
    }
    /// They were looked through until then.
    pub fn note_polled(&self, channel: ChannelId, until: Timestamp) {
        self.polled.lock().insert(channel, until);
        self.unread.lock().remove(&channel);
    }
    /// Since when a chat that could not be read waits to be.
    pub fn unread_since(&self, channel: ChannelId) -> Option<Timestamp> {
        self.unread.lock().get(&channel).copied()
    }
    /// A look from `since` on left a chat unread: however much is heard meanwhile, the next begins there too.
    pub fn note_unread(&self, channel: ChannelId, since: Timestamp) {
        let mut unread = self.unread.lock();
        let first = unread.entry(channel).or_insert(since);
        *first = since.min(*first);
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

    #[test]
    fn a_session_is_started_anew_ever_more_seldom() {
        let (env, clock) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (sessions, channel) = (Sessions::default(), env.new_id());
        let mut tries = Vec::new();
        for minute in 0..120 {
            // A server that does not take the first two is asked again; they count for nothing.
            if sessions.may_restart(channel, env.now()) {
                if minute > 1 {
                    sessions.note_restarted(channel, env.now());
                }
                tries.push(minute);
            }
            clock.advance(Duration::from_secs(60));
        }
        assert_eq!(tries, [0, 1, 2, 7, 17, 37]);
        sessions.note_working(channel);
        assert!(sessions.may_restart(channel, env.now()));
    }

    #[test]
    fn a_chat_left_unread_is_looked_for_until_it_is_read() {
        let (env, _) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (sessions, channel, now) = (Sessions::default(), env.new_id(), env.now());
        sessions.note_unread(channel, now);
        sessions.hear(channel, now.plus(Duration::from_secs(1_800)));
        sessions.note_unread(channel, now.plus(Duration::from_secs(1_900)));
        assert_eq!(sessions.unread_since(channel), Some(now));
        sessions.note_polled(channel, now.plus(Duration::from_secs(3_600)));
        assert_eq!(sessions.unread_since(channel), None);
    }

    #[test]
    fn strangers_raise_no_doubt_while_good_ones_come() {
        let (env, clock) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (sessions, channel) = (Sessions::default(), env.new_id());
        let doubted = |heard_at| sessions.doorstep(channel).is_doubted(heard_at, env.now());
        let later = |hours: u64| clock.advance(Duration::from_secs(hours * 3_600));
        assert!(!doubted(None), "nothing came");
        sessions.refuse(channel, false, env.now());
        assert!(doubted(None) && !doubted(Some(env.now())), "nothing good has come: the secret may be wrong");
        sessions.hear(channel, env.now());
        later(1);
        sessions.refuse(channel, false, env.now());
        sessions.refuse(channel, false, env.now());
        assert!(!doubted(None));
        assert_eq!(sessions.doorstep(channel).refused, 2);
        // Who was given the address is no stranger.
        sessions.refuse(channel, true, env.now());
        assert!(doubted(None) && doubted(Some(env.now())));
        later(1);
        sessions.hear(channel, env.now());
        assert!(!doubted(None) && sessions.doorstep(channel).refused == 0);
        // The secret was changed at the provider, who calls the door of all: a day without a good one.
        later(24);
        sessions.refuse(channel, false, env.now());
        assert!(doubted(None));
        later(24);
        assert!(!doubted(None), "long ago");
    }
}
