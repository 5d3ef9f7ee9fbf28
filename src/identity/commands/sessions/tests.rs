//! Going over to another firm, over a store in memory.

use super::*;
use crate::{
    base::{Env, Origin, testing::actor, time::ManualClock},
    identity::commands::{Founding, create_tenant, found},
    platform::store::{Lane, Store, testing::founded},
};

/// One person who belongs to three firms, and somebody who manages the first.
struct Firms {
    store: Store,
    clock: ManualClock,
    user: UserId,
    firms: [TenantId; 3],
    manager: Actor,
}

impl Firms {
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
        let (user, other) = (founding.owner, env.new_id());
        let all = BuiltIn::SuperAdmin.grants();
        let write = move |tx: &mut PlatformTx<'_, '_>| {
            let first = found(tx, &founding, &[])?.tenant;
            let owner = Actor { grants: all, ..actor(first, user, &[]) };
            Ok([first, create_tenant(tx, &owner, founding.clone(), &[])?, create_tenant(tx, &owner, founding.clone(), &[])?])
        };
        let firms = store.write_platform(Lane::People, Origin::system(), write).await.unwrap();
        let manager = Actor { grants: BuiltIn::SuperAdmin.grants(), ..actor(firms[0], other, &[]) };
        Self { store, clock, user, firms, manager }
    }
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PlatformTx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.clock.advance(Duration::from_secs(1));
        self.store.write_platform(Lane::People, Origin::system(), work).await
    }
    /// They give their password.
    async fn sign_in(&self, firm: usize) -> Session {
        let (user, tenant) = (self.user, self.firms[firm]);
        self.write(move |tx| open_session(tx, user, tenant, &device())).await.unwrap()
    }
    async fn go_over(&self, from: &Session, firm: usize) -> Result<Session> {
        let (user, from, to) = (self.user, from.id, self.firms[firm]);
        self.write(move |tx| go_over(tx, user, from, to, &device())).await
    }
    /// The manager of the first firm signs them out of it.
    async fn sign_out_everywhere(&self) {
        let (manager, user) = (self.manager.clone(), self.user);
        self.write(move |tx| sign_out_everywhere(tx, &manager, user)).await.unwrap();
    }
    fn live(&self) -> Vec<SessionId> {
        self.store.view_platform(|view| sessions_of(view, self.user)).unwrap().into_iter().map(|session| session.id).collect()
    }
}

fn device() -> Device {
    Device { user_agent: "test".into(), lives: Duration::from_secs(86_400) }
}

#[tokio::test]
async fn a_lost_phone_does_not_come_back_from_another_firm() {
    let firms = Firms::new().await;
    let phone = firms.sign_in(0).await;
    let phone = firms.go_over(&phone, 1).await.unwrap();
    firms.sign_out_everywhere().await;
    assert_eq!(firms.go_over(&phone, 0).await.unwrap_err().code(), "password_needed");
    assert_eq!(firms.live(), [phone.id], "a refusal ends nothing");
    // Nor by a third firm, where its session begins later: the password is as old as it was.
    let phone = firms.go_over(&phone, 2).await.unwrap();
    assert_eq!(firms.go_over(&phone, 0).await.unwrap_err().code(), "password_needed");

    // Whoever knows the password comes in, from wherever they gave it.
    let desk = firms.sign_in(1).await;
    let desk = firms.go_over(&desk, 0).await.unwrap();
    let desk = firms.go_over(&desk, 2).await.unwrap();
    firms.go_over(&desk, 0).await.unwrap();
}

#[tokio::test]
async fn a_session_that_is_over_takes_nobody_over() {
    let firms = Firms::new().await;
    let (here, other) = (firms.sign_in(0).await, firms.sign_in(1).await);
    firms.sign_out_everywhere().await;
    assert_eq!(firms.go_over(&here, 1).await.unwrap_err().code(), "session_over");

    // Nor one of somebody else, one that has run out, or one of before the password changed.
    let (user, from, to) = (firms.manager.user, other.id, firms.firms[2]);
    let refused = firms.write(move |tx| go_over(tx, user, from, to, &device())).await.unwrap_err();
    assert_eq!(refused.code(), "session_over");
    let user = firms.user;
    let changed = move |tx: &mut PlatformTx<'_, '_>| {
        let account: User = tx.require(&user)?;
        tx.put(&User { token_version: account.token_version + 1, ..account })
    };
    firms.write(changed).await.unwrap();
    assert_eq!(firms.go_over(&other, 2).await.unwrap_err().code(), "session_over");
    let late = firms.sign_in(1).await;
    firms.clock.advance(Duration::from_secs(86_400));
    assert_eq!(firms.go_over(&late, 2).await.unwrap_err().code(), "session_over");
}

#[tokio::test]
async fn going_over_with_as_many_devices_as_there_may_be_signs_none_of_them_out() {
    let firms = Firms::new().await;
    let mut devices = Vec::new();
    for _ in 0..SESSIONS_PER_USER_MAX {
        devices.push(firms.sign_in(0).await);
    }
    let last = devices.pop().unwrap();
    let there = firms.go_over(&last, 1).await.unwrap();
    let live = firms.live();
    assert_eq!(live.len(), SESSIONS_PER_USER_MAX);
    assert!(devices.iter().chain([&there]).all(|session| live.contains(&session.id)));
}

#[tokio::test]
async fn whoever_was_barred_from_a_firm_needs_the_password_there_again() {
    let firms = Firms::new().await;
    let phone = firms.sign_in(1).await;
    let (manager, user) = (firms.manager.clone(), firms.user);
    let barred = move |is_active: bool| {
        let manager = manager.clone();
        move |tx: &mut PlatformTx<'_, '_>| {
            let change = crate::identity::UserChange { is_active: Some(is_active), ..Default::default() };
            crate::identity::update_user(tx, &manager, user, change)
        }
    };
    firms.write(barred(false)).await.unwrap_err();
    // The only administrator can't be barred, so there is another one.
    let (tenant, other) = (firms.firms[0], firms.manager.user);
    let join = move |tx: &mut PlatformTx<'_, '_>| {
        tx.tenant(tenant, |tx| {
            let member: Member = tx.require(&user)?;
            tx.insert(&Member { user: other, number: 99, ..member })
        })
    };
    firms.write(join).await.unwrap();
    firms.write(barred(false)).await.unwrap();
    assert_eq!(firms.go_over(&phone, 0).await.unwrap_err().code(), "not_found");
    firms.write(barred(true)).await.unwrap();
    assert_eq!(firms.go_over(&phone, 0).await.unwrap_err().code(), "password_needed");
    let desk = firms.sign_in(1).await;
    firms.go_over(&desk, 0).await.unwrap();
}
