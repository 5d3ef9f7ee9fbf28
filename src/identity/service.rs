//! Signing in and being recognised: what needs the store and slow or secret things beside it.

use super::{
    commands::{self, AcceptInvitation, Device, Founding, FoundingStep, Rotation},
    model::{Member, Session, Tenant, USERS_BY_EMAIL, User},
    passwords::{Cost, Passwords, check_password},
    roles::{self, BuiltIn},
    setup::SetupDesk,
    throttle::{Attempt, Throttle},
    tokens::{Claims, Tokens, parse_lifetime},
    views::TenantWhatsApp,
};
use crate::{
    base::{Actor, ActorRef, Env, Error, Origin, QueueId, Result, SessionId, TenantId, UserId, time::Stopwatch},
    platform::{
        secrets::Keyring,
        store::{Lane, PlatformTx, Read, Store, TenantScope, Tx, View},
    },
    settings::{self, Level, Place, Setting},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How long access tokens live: `15m`, `24h`, `7d`.
pub static ACCESS_LIFETIME: Setting<String> = Setting::new(
    "auth.accessTokenLifetime",
    "How long an access token lives: 15m, 24h, 7d",
    &[Level::Global, Level::Tenant],
    || "15m".to_owned(),
)
.checked(|text| match parse_lifetime(text) {
    Some(_) => Ok(()),
    None => Err(Error::invalid("value", "format", "give a time between 60s and 7d, such as 15m, 24h or 7d")),
});

/// How many days a sign-in lasts without being used.
pub static SESSION_DAYS: Setting<u32> =
    Setting::new("auth.sessionDays", "Days that a sign-in lasts without being used", &[Level::Global], || 30).checked(|days| {
        if (1..=365).contains(days) {
            return Ok(());
        }
        Err(Error::invalid("value", "out_of_range", "give 1 to 365 days"))
    });

/// Refuses queues that do not exist; the room of queues hands it over.
pub type QueueCheck = Arc<dyn Fn(&Tx<'_, '_>, &[QueueId]) -> Result<()> + Send + Sync>;

/// What rooms above hand over in `app.rs`.
#[derive(Default, Clone)]
pub struct Above {
    /// What else a new firm gets, in the transaction that founds it.
    pub founding: Vec<FoundingStep>,
    /// Do these queues exist?
    pub check_queues: Option<QueueCheck>,
    /// The firm's WhatsApp account, which one source keeps on the tenant (TEN-02).
    pub tenant_whatsapp: Option<Arc<dyn Fn(&View) -> Result<TenantWhatsApp> + Send + Sync>>,
}

/// How this room is set up.
#[derive(Clone)]
pub struct IdentityOptions {
    /// The data folder, where the setup code lies.
    pub data: PathBuf,
    /// Signs access tokens; without one a key is derived from the keyring.
    pub jwt_secret: Option<String>,
    /// Signs refresh tokens and cookies; without one a key is derived from the keyring.
    pub session_secret: Option<String>,
    /// Fixed by the configuration; without it the setting [`ACCESS_LIFETIME`] counts.
    pub access_lifetime: Option<Duration>,
    /// How long a session lives without being refreshed, where the configuration fixes it; else [`SESSION_DAYS`] counts.
    pub session_lifetime: Option<Duration>,
    /// What a password hash costs.
    pub cost: Cost,
}

/// Recognises people. One per process, handed to the kit.
pub struct Identity {
    pub(super) store: Store,
    pub(super) env: Env,
    pub(super) passwords: Passwords,
    pub(super) tokens: Tokens,
    pub(super) throttle: Throttle,
    pub(super) desk: SetupDesk,
    pub(super) above: Above,
    access_lifetime: Option<Duration>,
    session_lifetime: Option<Duration>,
}

/// A try to sign in.
#[derive(Debug, Clone, Default)]
pub struct SignIn {
    /// The name as typed.
    pub email: String,
    /// The password as typed.
    pub password: String,
    /// In which tenant, if they are in several.
    pub tenant: Option<TenantId>,
    /// The device's own proof, if it signed in before.
    pub device_token: Option<String>,
    /// What the client calls itself.
    pub user_agent: String,
}

/// A session with its tokens, as handed to the client.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Who signed in, as a member.
    pub member: Member,
    /// The access token.
    pub access: String,
    /// How long it lives.
    pub expires_in: Duration,
    /// The refresh token.
    pub refresh: String,
    /// For the page's cookie.
    pub page: String,
    /// For the device's cookie.
    pub device: String,
}

impl Identity {
    /// Over a store, with the keys of this installation.
    pub fn new(store: Store, env: Env, keys: &Keyring, options: IdentityOptions, above: Above) -> Result<Self> {
        let needed = store.view_platform(commands::needs_founding)?;
        let session_secret = options.session_secret.map_or_else(|| keys.derive("opaque tokens").to_vec(), String::into_bytes);
        let jwt_secret = options.jwt_secret.map_or_else(|| keys.derive("access tokens").to_vec(), String::into_bytes);
        Ok(Self {
            store,
            env,
            passwords: Passwords::new(options.cost),
            tokens: Tokens::new(&jwt_secret, &session_secret),
            throttle: Throttle::default(),
            desk: SetupDesk::new(options.data, needed),
            above,
            access_lifetime: options.access_lifetime,
            session_lifetime: options.session_lifetime,
        })
    }

    /// Is the house without an owner? One atomic read.
    pub fn needs_setup(&self) -> bool {
        self.desk.is_needed()
    }
    /// Hashing, for those who make users outside the doors.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }
    /// Makes password hashes as dear as this machine affords. Takes up to a second of one core; run it off the async threads.
    pub fn tune(&self) {
        let cost = self.passwords.tune(|work| {
            let watch = Stopwatch::start();
            work();
            watch.elapsed()
        });
        tracing::info!(memory_kib = cost.memory_kib, passes = cost.passes, "password hashes are tuned");
    }

    /// Signs in with a password.
    ///
    /// # Errors
    /// `Unauthenticated` `invalid_credentials`, whatever was wrong; `Quota` after too many tries; `Unavailable` when too many
    /// sign in at once.
    pub async fn sign_in(&self, given: SignIn, origin: &Origin) -> Result<Opened> {
        let email = given.email.trim().to_lowercase();
        let known: Option<User> = self.store.view_platform(|view| view.find(&USERS_BY_EMAIL, email.as_str()))?;
        let device = given.device_token.as_deref().and_then(|token| self.tokens.read_device(token));
        let device = device.filter(|(user, _)| known.as_ref().is_some_and(|known| known.id == *user));
        let attempt = Attempt { account: &email, device, address: origin.address };
        self.throttle.take(&attempt, self.env.now())?;
        let stored = known.as_ref().and_then(|user| user.password.clone());
        let verdict = self.passwords.verify(&given.password, stored.as_deref()).await?;
        let (Some(user), Some(stored), true) = (known, stored, verdict.right) else {
            return Err(Error::Unauthenticated("invalid_credentials"));
        };
        self.throttle.succeeded(&attempt);
        let rehashed = if verdict.outdated { Some((stored, self.passwords.hash(&given.password).await?)) } else { None };
        let (id, tenant, client) = (user.id, given.tenant, self.device(given.user_agent));
        let origin = origin.acting_as(ActorRef::User(id));
        let session = self
            .store
            .write_platform(Lane::People, origin, move |tx| commands::sign_in(tx, id, tenant, &client, rehashed))
            .await?;
        self.opened(session)
    }

    /// Renews a session by its refresh token.
    ///
    /// # Errors
    /// `Unauthenticated`: `token_invalid`, `session_over`, or `token_reused` when the session was ended because of a copy.
    pub async fn refresh(&self, token: &str, origin: &Origin) -> Result<Opened> {
        let (id, generation) = self.tokens.read_refresh(token).ok_or(Error::Unauthenticated("token_invalid"))?;
        let (origin, lives) = (origin.clone(), self.session_lifetime());
        let write = move |tx: &mut PlatformTx<'_, '_>| commands::rotate_session(tx, id, generation, lives);
        let rotation = self.store.write_platform(Lane::People, origin, write).await?;
        match rotation {
            Rotation::Goes(session) => self.opened(*session),
            Rotation::Reused => {
                tracing::warn!(session = %id, "a refresh token was used twice; the session is ended");
                Err(Error::Unauthenticated("token_reused"))
            }
        }
    }

    /// Takes somebody over to another firm they belong to; the session they came with ends.
    ///
    /// # Errors
    /// `NotFound` where they do not belong to it, or may not sign in to it.
    pub async fn go_over(&self, actor: &Actor, to: TenantId, user_agent: String) -> Result<Opened> {
        let (user, from, device) = (actor.user, actor.session, self.device(user_agent));
        let write = move |tx: &mut PlatformTx<'_, '_>| commands::go_over(tx, user, from, to, &device);
        let session = self.store.write_platform(Lane::People, actor.origin.clone(), write).await?;
        self.opened(session)
    }

    /// Ends the session that an access token (even one that has run out) or a refresh token names.
    pub async fn sign_out(&self, session: SessionId, origin: &Origin) -> Result<()> {
        let user = self.store.view_platform(|view| view.get::<Session>(&session))?.map(|session| session.user);
        let origin = user.map_or_else(|| origin.clone(), |user| origin.acting_as(ActorRef::User(user)));
        self.store.write_platform(Lane::People, origin, move |tx| commands::sign_out(tx, session)).await
    }

    /// Founds the house for whoever holds the setup code, and signs them in. However many ask at once, one wins.
    ///
    /// # Errors
    /// `NotFound` once there is an owner; `Forbidden` and `Quota` for wrong codes; `Invalid` with every wrong field.
    pub async fn claim(
        &self,
        code: &str,
        founding: Founding,
        password: &str,
        user_agent: &str,
        origin: &Origin,
    ) -> Result<Opened> {
        self.desk.check(code, origin.address, self.env.now())?;
        let _turn = self.desk.turn.lock().await;
        let device = self.device(user_agent.to_owned());
        let session = self
            .found(founding, password, origin, move |tx, user, tenant| commands::open_session(tx, user, tenant, &device))
            .await?;
        self.opened(session)
    }

    /// Founds the house from the command line.
    ///
    /// # Errors
    /// As [`Self::claim`], without the code.
    pub async fn found_by_console(&self, founding: Founding, password: &str) -> Result<commands::Founded> {
        self.found(founding, password, &Origin::console(), |_, user, tenant| Ok(commands::Founded { user, tenant })).await
    }

    async fn found<T: Send + 'static>(
        &self,
        mut founding: Founding,
        password: &str,
        origin: &Origin,
        then: impl FnOnce(&mut PlatformTx<'_, '_>, UserId, TenantId) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if !self.desk.is_needed() {
            return Err(Error::NotFound("setup"));
        }
        let about = [founding.owner_email.as_str(), &founding.owner_name, &founding.company];
        let mut check = crate::base::Check::new();
        check.absorb(check_password("owner.password", password, &about))?;
        check.absorb(commands::check_founding(&founding))?;
        check.done()?;
        founding.password_hash = Some(self.passwords.hash(password).await?);
        let (steps, origin) = (self.above.founding.clone(), origin.acting_as(ActorRef::User(founding.owner)));
        let outcome = self
            .store
            .write_platform(Lane::People, origin, move |tx| {
                let founded = commands::found(tx, &founding, &steps)?;
                then(tx, founded.user, founded.tenant)
            })
            .await;
        if matches!(outcome, Ok(_) | Err(Error::NotFound("setup"))) {
            self.desk.done();
        }
        outcome
    }

    /// Takes up an invitation: a new account with this password, or the account its e-mail has, if the password is right.
    ///
    /// # Errors
    /// `NotFound` for a link that is wrong, used or too old; `Unauthenticated` when the account's password is another.
    pub async fn accept_invitation(
        &self,
        token: &str,
        name: &str,
        password: &str,
        user_agent: &str,
        origin: &Origin,
    ) -> Result<Opened> {
        let invitation = self.invitation(token)?;
        let email = invitation.1.email.to_lowercase();
        let known: Option<User> = self.store.view_platform(|view| view.find(&USERS_BY_EMAIL, email.as_str()))?;
        let account = known.as_ref().map(|user| user.id);
        let password_hash = match known {
            Some(user) => {
                let attempt = Attempt { account: &email, device: None, address: origin.address };
                self.throttle.take(&attempt, self.env.now())?;
                if !self.passwords.verify(password, user.password.as_deref()).await?.right {
                    return Err(Error::Unauthenticated("invalid_credentials"));
                }
                self.throttle.succeeded(&attempt);
                None
            }
            None => {
                check_password("password", password, &[&email, name])?;
                Some(self.passwords.hash(password).await?)
            }
        };
        let (token, device) = (token.to_owned(), self.device(user_agent.to_owned()));
        let accept = AcceptInvitation { name: name.to_owned(), password_hash, account };
        let session = self
            .store
            .write_platform(Lane::People, origin.clone(), move |tx| {
                let (member, tenant) = commands::accept_invitation(tx, &token, accept)?;
                commands::open_session(tx, member.user, tenant, &device)
            })
            .await?;
        self.opened(session)
    }

    /// The firm and the invitation of a link that can still be accepted.
    pub(super) fn invitation(&self, token: &str) -> Result<(Tenant, super::model::Invitation)> {
        let gone = || Error::NotFound("invitation");
        let (tenant, id, hash) = commands::read_invitation_token(token).ok_or_else(gone)?;
        let now = self.env.now();
        let found =
            self.store.view(tenant, |view| Ok((view.require::<Tenant>(&())?, commands::open_invitation(view, id, &hash, now)?)));
        // A tenant that is not here reads as an invitation that is not.
        found.map_err(|e| if matches!(e, Error::NotFound(_)) { gone() } else { e })
    }

    /// Changes one's own password; the present session goes on with new tokens, all others end.
    ///
    /// # Errors
    /// `Invalid` on `current` when it is not the present password, on `next` when that is no good.
    pub async fn change_password(&self, actor: &Actor, current: &str, next: &str) -> Result<Opened> {
        let user: User = self.store.view_platform(|view| view.require(&actor.user))?;
        // A session that is already signed in has its own bucket: strangers can't keep its owner from changing the password.
        let device = Some((actor.user, *actor.session.as_bytes()));
        let attempt = Attempt { account: &user.email, device, address: actor.origin.address };
        self.throttle.take(&attempt, self.env.now())?;
        if !self.passwords.verify(current, user.password.as_deref()).await?.right {
            return Err(Error::invalid("current", "wrong", "this is not your present password"));
        }
        self.throttle.succeeded(&attempt);
        check_password("next", next, &[&user.email, &user.name])?;
        let hash = self.passwords.hash(next).await?;
        let (id, keep) = (actor.user, actor.session);
        let session = self
            .store
            .write_platform(Lane::People, actor.origin.clone(), move |tx| {
                commands::change_own_password(tx, id, Some(keep), hash)?;
                tx.require::<Session>(&keep)
            })
            .await?;
        self.opened(session)
    }

    /// Sets somebody's password from the command line and ends all their sessions.
    ///
    /// # Errors
    /// `NotFound` where nobody signs in with this e-mail; `Invalid` when the password is no good.
    pub async fn reset_password_by_console(&self, email: &str, next: &str) -> Result<UserId> {
        check_password("password", next, &[email])?;
        let (email, hash) = (email.to_owned(), self.passwords.hash(next).await?);
        self.store.write_platform(Lane::People, Origin::console(), move |tx| commands::reset_password(tx, &email, hash)).await
    }

    fn device(&self, user_agent: String) -> Device {
        Device { user_agent, lives: self.session_lifetime() }
    }

    /// How long a session lives from now on without being refreshed. A session that is there follows at its next refresh.
    pub(super) fn session_lifetime(&self) -> Duration {
        let set = || self.store.view_platform(|view| settings::get_global(view, &SESSION_DAYS));
        self.session_lifetime.unwrap_or_else(|| {
            let days = set().ok().flatten().unwrap_or_else(SESSION_DAYS.default);
            Duration::from_secs(u64::from(days) * 86_400)
        })
    }

    /// Tokens of a session as it stands.
    pub(super) fn opened(&self, session: Session) -> Result<Opened> {
        let (member, tipo_id, expires_in) = self.store.view(session.tenant, |view| {
            let member: Member = view.require(&session.user)?;
            let tipo_id = roles::tipo_id(view, &member.role)?;
            let lifetime = match self.access_lifetime {
                Some(fixed) => fixed,
                None => {
                    parse_lifetime(&settings::get(view, &ACCESS_LIFETIME, &Place::TENANT)?).unwrap_or(Duration::from_secs(900))
                }
            };
            Ok((member, tipo_id, lifetime))
        })?;
        let iat = self.env.now().as_millis() / 1_000;
        let access = self.tokens.access(Claims {
            sub: session.user,
            id: session.user,
            userId: session.user,
            email: member.email.clone(),
            role: member.role.clone(),
            companyId: session.tenant,
            tipo_id,
            nome: member.name.clone(),
            tv: session.token_version,
            sid: session.id,
            iat,
            exp: iat + expires_in.as_secs() as i64,
            iss: String::new(),
        })?;
        Ok(Opened {
            access,
            expires_in,
            refresh: self.tokens.refresh(session.id, session.generation),
            page: self.tokens.page(session.id),
            device: self.tokens.device(session.user),
            session,
            member,
        })
    }

    /// Who holds this access token.
    ///
    /// # Errors
    /// `Unauthenticated` with `token_invalid`, `token_expired` or `session_over`.
    pub fn by_token(&self, token: &str, origin: &Origin) -> Result<Actor> {
        let claims = self.tokens.read_access(token, self.env.now())?;
        self.by_session(claims.sid, Some(claims.tv), origin)
    }

    /// Who acts in this session, by the rights they hold now: two snapshots and a few reads, microseconds.
    ///
    /// # Errors
    /// `Unauthenticated` `session_over` when anything that carries the session no longer stands.
    pub(super) fn by_session(&self, id: SessionId, token_version: Option<u32>, origin: &Origin) -> Result<Actor> {
        let over = || Error::Unauthenticated("session_over");
        let now = self.env.now();
        let (session, user) = self.store.view_platform(|view| {
            let session = view.get::<Session>(&id)?.filter(|session| session.is_live(now)).ok_or_else(over)?;
            let user = view.get::<User>(&session.user)?.ok_or_else(over)?;
            Ok((session, user))
        })?;
        if session.token_version != user.token_version || token_version.is_some_and(|tv| tv != user.token_version) {
            return Err(over());
        }
        self.store.view(session.tenant, |view| {
            let open = view.get::<Tenant>(&())?.is_some_and(|tenant| tenant.is_active);
            let member = view.get::<Member>(&user.id)?.filter(|member| open && member.is_active && member.left_at.is_none());
            let member = member.ok_or_else(over)?;
            let grants = if user.is_super_admin { BuiltIn::SuperAdmin.grants() } else { roles::grants_of(view, &member)? };
            Ok(Actor {
                user: user.id,
                name: member.name.as_str().into(),
                session: session.id,
                tenant: session.tenant,
                grants,
                queues: member.queues.into(),
                origin: origin.acting_as(ActorRef::User(user.id)),
            })
        })
    }
}

/// The facts of a tenant: name, language, zone, currency.
pub fn tenant_of(read: &impl Read<Scope = TenantScope>) -> Result<Tenant> {
    read.require::<Tenant>(&())
}
