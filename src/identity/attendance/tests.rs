//! What a look finds, and what the commands make of it when something has changed in between.

use super::*;
use crate::{
    base::{ActorRef, Env, time::ManualClock},
    identity::{
        commands::{Device, Founding, found, open_session},
        model::Session,
    },
    platform::store::testing::founded,
};

struct Desk {
    store: Store,
    clock: ManualClock,
    who: Who,
}

impl Desk {
    /// Somebody who has just signed in.
    async fn new() -> Self {
        let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 7);
        let (store, _) = founded(&env, 0).await;
        let founding = Founding {
            owner: env.new_id(),
            owner_name: "Marina Duarte".into(),
            owner_email: "marina@example.com".into(),
            password_hash: None,
            company: "Dépannage".into(),
            language: crate::base::locale::Language::Fr,
            timezone: "Europe/Paris".into(),
            country: "FR".into(),
            queue: "Accueil".into(),
        };
        let origin = Origin::system().acting_as(ActorRef::User(founding.owner));
        let device = Device { user_agent: "test".into(), lives: Duration::from_secs(86_400) };
        let session: Session = store
            .write_platform(Lane::People, origin, move |tx| {
                let founded = found(tx, &founding, &[])?;
                open_session(tx, founded.user, founded.tenant, &device)
            })
            .await
            .unwrap();
        Self { store, clock, who: (session.tenant, session.user) }
    }
    fn now(&self) -> Timestamp {
        use crate::base::Clock;
        self.clock.now()
    }
    fn member(&self) -> Member {
        self.store.view(self.who.0, |view| view.require(&self.who.1)).unwrap()
    }
    async fn does(&self, change: Change) {
        let user = self.who.1;
        let write = move |tx: &mut Tx<'_, '_>| match change {
            Change::Gone => fall_silent(tx, user, SILENCE),
            Change::Back => break_silence(tx, user),
        };
        self.store.write(self.who.0, Lane::Reactions, Origin::system(), write).await.unwrap();
    }
    /// They say what they are.
    async fn says(&self, presence: Presence) {
        let user = self.who.1;
        let write = move |tx: &mut Tx<'_, '_>| {
            let mut member: Member = crate::platform::store::Read::require(tx, &user)?;
            member.be(presence);
            crate::platform::store::Write::put(tx, &member)
        };
        self.store.write(self.who.0, Lane::People, Origin::system(), write).await.unwrap();
    }
    /// What is found by a look of a roll taken up just now, as after a restart.
    fn first_look(&self, is_here: bool) -> Option<Change> {
        let mut roll = Roll { began: self.now(), here: HashSet::new(), seen: HashMap::new() };
        roll.note(is_here.then_some(self.who).into_iter().collect(), self.now());
        roll.judge(self.who, &self.member(), self.now())
    }
}

#[tokio::test]
async fn whoever_silence_sent_away_is_back_with_the_first_window_after_a_restart_as_what_they_were() {
    for before in [Presence::Online, Presence::Away] {
        let desk = Desk::new().await;
        desk.says(before).await;
        desk.clock.advance(SILENCE);
        desk.does(Change::Gone).await;
        assert_eq!((desk.member().presence, desk.member().before_silence), (Presence::Offline, Some(before)));
        assert_eq!(desk.first_look(false), None);
        // Found at every look, until it is written.
        assert_eq!((desk.first_look(true), desk.first_look(true)), (Some(Change::Back), Some(Change::Back)));
        desk.does(Change::Back).await;
        assert_eq!((desk.member().presence, desk.member().before_silence), (before, None));
        assert_eq!(desk.first_look(true), None);
    }
}

#[tokio::test]
async fn what_somebody_says_of_themselves_outlives_silence() {
    let desk = Desk::new().await;
    desk.says(Presence::Offline).await;
    desk.clock.advance(SILENCE);
    desk.does(Change::Gone).await;
    assert_eq!(desk.first_look(true), None, "they were not there before either");
    desk.does(Change::Back).await;
    assert_eq!(desk.member().presence, Presence::Offline);

    // Said while they were gone, after a look that saw them come back.
    desk.says(Presence::Online).await;
    desk.does(Change::Gone).await;
    desk.says(Presence::Offline).await;
    desk.does(Change::Back).await;
    assert_eq!((desk.member().presence, desk.member().before_silence), (Presence::Offline, None));
}

#[tokio::test]
async fn whoever_signs_in_after_the_look_that_missed_them_stays() {
    let desk = Desk::new().await;
    desk.does(Change::Gone).await;
    assert_eq!(desk.member().presence, Presence::Online);
}
