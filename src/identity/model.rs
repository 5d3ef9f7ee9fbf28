//! Records of people and firms, with their tables and indexes.

use super::roles;
use crate::{
    base::{Grants, InvitationId, QueueId, Reach, RoleId, SessionId, TenantId, Timestamp, UserId, locale::Language, text::fold},
    platform::{
        journal::Audience,
        store::{Index, PlatformScope, Record, TableId, TenantScope},
    },
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long the refresh token before the last still yields a sibling: two tabs, a reload, a lost answer.
pub const SIBLING_WINDOW: Duration = Duration::from_secs(60);
/// Live sessions of one user; the oldest makes room. Keeps "sign out everywhere" within one command.
pub const SESSIONS_PER_USER_MAX: usize = 40;
/// How long an invitation can be accepted.
pub const INVITATION_LIVES: Duration = Duration::from_secs(7 * 86_400);

/// A firm. The one record of its table in each tenant's key space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Running number on this installation.
    pub number: u64,
    /// As its people call it; at most 100 characters.
    pub name: String,
    /// Language of screens and texts unless a person or customer has another.
    pub language: Language,
    /// IANA zone, e.g. `Europe/Paris`.
    pub timezone: String,
    /// ISO 3166 alpha-2; reads national phone numbers.
    pub country: String,
    /// ISO 4217.
    pub currency: String,
    /// How protocol numbers are made (CNF-40).
    pub protocol_format: String,
    /// Said to a customer who writes for the first time.
    pub greeting_message: Option<String>,
    /// Switched off, nobody signs in to it.
    pub is_active: bool,
    /// Telephony extensions it may have.
    pub max_extensions: u32,
    /// When made.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

/// Formats of protocol numbers, the default first: the source's, with the day before the month, and one that sorts by date.
pub const PROTOCOL_FORMATS: [&str; 2] = ["yyyyddMMHHmmss", "yyyyMMddHHmmss"];

impl Record for Tenant {
    type Key = ();
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x2001);
    const NAME: &'static str = "tenant";
    fn key(&self) {}
}

/// Somebody who can sign in. What they are in a firm stands in [`Member`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// As typed; compared without regard to case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Argon2id in PHC form; none until the first password is chosen.
    pub password: Option<String>,
    /// Raised to make every token of theirs invalid.
    pub token_version: u32,
    /// May do everything, in every tenant they belong to and above.
    pub is_super_admin: bool,
    /// When made.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
}

/// By e-mail, without regard to case.
pub static USERS_BY_EMAIL: Index<User> = Index::unique(0x2011, "email", |user, entries| entries.add(user.email.to_lowercase()));
/// Super administrators.
pub static SUPER_ADMINS: Index<User> = Index::ordered(0x2012, "super administrators", |user, entries| {
    if user.is_super_admin {
        entries.add(());
    }
});

impl Record for User {
    type Key = UserId;
    type Scope = PlatformScope;
    const TABLE: TableId = TableId(0x2010);
    const NAME: &'static str = "user";
    const INDEXES: &'static [&'static Index<Self>] = &[&USERS_BY_EMAIL, &SUPER_ADMINS];
    fn key(&self) -> UserId {
        self.id
    }
}

/// In which tenants a user is a member; the members' own data lie there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    pub user: UserId,
    /// Where.
    pub tenant: TenantId,
    /// Since when.
    pub since: Timestamp,
}

impl Record for Membership {
    type Key = (UserId, TenantId);
    type Scope = PlatformScope;
    const TABLE: TableId = TableId(0x2018);
    const NAME: &'static str = "membership";
    fn key(&self) -> Self::Key {
        (self.user, self.tenant)
    }
}

/// Is somebody there to take work?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Presence {
    /// At the desk.
    #[serde(rename = "ONLINE", alias = "online")]
    Online,
    /// Signed in, but away.
    #[serde(rename = "AWAY", alias = "away")]
    Away,
    /// Not there.
    #[default]
    #[serde(rename = "OFFLINE", alias = "offline")]
    Offline,
}

/// A user as a member of one tenant: everything the firm knows of a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Running number in the tenant.
    pub number: u64,
    /// Their name, as in [`User`].
    pub name: String,
    /// Their e-mail, as in [`User`].
    pub email: String,
    /// Key of their role.
    pub role: String,
    /// Permissions beyond the role's.
    pub extra: Vec<(String, Reach)>,
    /// The queues they work in; the first is what one source calls their department.
    pub queues: Vec<QueueId>,
    /// Telephony extension.
    pub extension: Option<String>,
    /// Their own phone.
    pub phone: Option<String>,
    /// Conversations they take at once; 0 for no limit.
    pub max_tickets: u32,
    /// Are they there?
    pub presence: Presence,
    /// What they were before silence made them [`Presence::Offline`], and are again with their next window. None once
    /// they, or the end of their sessions, have said what they are.
    pub before_silence: Option<Presence>,
    /// May they sign in to this tenant?
    pub is_active: bool,
    /// Their language, if not the tenant's.
    pub language: Option<Language>,
    /// When they last signed in here.
    pub last_login_at: Option<Timestamp>,
    /// When they last signed out here.
    pub last_logout_at: Option<Timestamp>,
    /// When this firm last ended all their sessions here: whoever gave their password before that comes in only by giving
    /// it again, whatever firm they come from.
    pub signed_out_at: Option<Timestamp>,
    /// When they joined.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
    /// When they left. The record stays so that what they wrote keeps its name.
    pub left_at: Option<Timestamp>,
    /// Sequence of the last change.
    pub rev: u64,
}

/// By running number.
pub static MEMBERS_BY_NUMBER: Index<Member> = Index::unique(0x2021, "number", |member, entries| entries.add(member.number));
/// Those who have not left, by name.
pub static MEMBERS_BY_NAME: Index<Member> = Index::ordered(0x2022, "name", |member, entries| {
    if member.left_at.is_none() {
        entries.add(fold(&member.name));
    }
});
/// Those who may sign in, by role.
pub static ACTIVE_BY_ROLE: Index<Member> = Index::ordered(0x2023, "role", |member, entries| {
    if member.is_active && member.left_at.is_none() {
        entries.add(member.role.as_str());
    }
});
/// Those who have not left, by role.
pub static MEMBERS_BY_ROLE: Index<Member> = Index::ordered(0x2025, "held role", |member, entries| {
    if member.left_at.is_none() {
        entries.add(member.role.as_str());
    }
});
/// Those who have not left, by queue.
pub static MEMBERS_BY_QUEUE: Index<Member> = Index::ordered(0x2024, "queue", |member, entries| {
    if member.left_at.is_none() {
        member.queues.iter().for_each(|queue| entries.add(*queue));
    }
});

impl Record for Member {
    type Key = UserId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x2020);
    const NAME: &'static str = "user";
    const INDEXES: &'static [&'static Index<Self>] =
        &[&MEMBERS_BY_NUMBER, &MEMBERS_BY_NAME, &ACTIVE_BY_ROLE, &MEMBERS_BY_ROLE, &MEMBERS_BY_QUEUE];
    fn key(&self) -> UserId {
        self.user
    }
}

impl Member {
    /// Who is told of changes to a colleague.
    pub(super) fn audience() -> Audience {
        Audience::holders(roles::USER_READ)
    }

    /// Notes what they are by their own word, or by how their sessions stand; forgets what silence made of them.
    pub(super) fn be(&mut self, presence: Presence) {
        self.presence = presence;
        self.before_silence = None;
    }
}

/// A role of the tenant's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Upper-case key, e.g. `NIGHT_SHIFT`.
    pub key: String,
    /// As people call it.
    pub name: String,
    /// The built-in role it extends.
    pub base: Option<String>,
    /// Permissions beyond the base's.
    pub permissions: Vec<(String, Reach)>,
    /// When made.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

/// By key.
pub static ROLES_BY_KEY: Index<Role> = Index::unique(0x2031, "key", |role, entries| entries.add(role.key.as_str()));

impl Record for Role {
    type Key = RoleId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x2030);
    const NAME: &'static str = "role";
    const INDEXES: &'static [&'static Index<Self>] = &[&ROLES_BY_KEY];
    fn key(&self) -> RoleId {
        self.id
    }
}

impl Role {
    /// What it may do.
    pub fn grants(&self) -> Grants {
        let base = self.base.as_deref().and_then(roles::BuiltIn::from_key).map(roles::BuiltIn::grants).unwrap_or_default();
        roles::join(&base, &self.permissions)
    }
}

/// One signed-in device. Refresh tokens name it and its generation; both must be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id, the `sid` of its tokens.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// In which tenant they act.
    pub tenant: TenantId,
    /// How often the refresh token was changed; only the present one counts …
    pub generation: u32,
    /// … and, for a minute after this moment, the one before.
    pub rotated_at: Timestamp,
    /// The user's token version it was opened or renewed under.
    pub token_version: u32,
    /// What the client calls itself, shortened.
    pub user_agent: String,
    /// Where from, last.
    pub address: Option<String>,
    /// When opened.
    pub created_at: Timestamp,
    /// When the password was given. One that somebody went over by takes it from the one they came with.
    pub proved_at: Timestamp,
    /// When last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends unless refreshed.
    pub expires_at: Timestamp,
    /// Ended before its time: the record stays until its tokens have run out, and refuses them.
    pub revoked: Option<Revocation>,
}

/// When and why a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: RevokeReason,
}

/// Why a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// Its user signed out.
    SignedOut,
    /// Its user or an administrator ended it from elsewhere.
    Ended,
    /// A refresh token was used twice: somebody has a copy.
    Reuse,
    /// The password changed.
    PasswordChanged,
    /// The user may no longer sign in.
    Deactivated,
    /// Too many sessions; this was the oldest.
    Crowded,
    /// Nobody renewed it in time.
    RanOut,
}

/// Those of a user that were not ended, oldest first: at most [`SESSIONS_PER_USER_MAX`]. However often somebody signs
/// in and out, signing in costs the same.
pub static SESSIONS_OF_USER: Index<Session> = Index::ordered(0x2041, "user", |session, entries| {
    if session.revoked.is_none() {
        entries.add(session.user);
    }
});
/// All, by when they ended or will.
pub static SESSIONS_BY_END: Index<Session> =
    Index::ordered(0x2042, "end", |session, entries| entries.add(session.revoked.map_or(session.expires_at, |ended| ended.at)));
/// Those that were not ended, by when they run out.
pub static SESSIONS_BY_EXPIRY: Index<Session> = Index::ordered(0x2043, "expiry", |session, entries| {
    if session.revoked.is_none() {
        entries.add(session.expires_at);
    }
});

impl Record for Session {
    type Key = SessionId;
    type Scope = PlatformScope;
    const TABLE: TableId = TableId(0x2040);
    const NAME: &'static str = "session";
    const INDEXES: &'static [&'static Index<Self>] = &[&SESSIONS_OF_USER, &SESSIONS_BY_END, &SESSIONS_BY_EXPIRY];
    fn key(&self) -> SessionId {
        self.id
    }
}

impl Session {
    /// Does it still count at `now`?
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires_at
    }
}

/// An open door for one person, until used or seven days old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it was made for.
    pub email: String,
    /// Their name, if known.
    pub name: Option<String>,
    /// The role they will have.
    pub role: String,
    /// The queues they will work in.
    pub queues: Vec<QueueId>,
    /// SHA-256 of the secret in the link.
    pub secret_hash: [u8; 32],
    /// Who invited them.
    pub invited_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

/// By e-mail: one open invitation each.
pub static INVITATIONS_BY_EMAIL: Index<Invitation> =
    Index::unique(0x2051, "email", |invitation, entries| entries.add(invitation.email.to_lowercase()));

impl Record for Invitation {
    type Key = InvitationId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x2050);
    const NAME: &'static str = "invitation";
    const INDEXES: &'static [&'static Index<Self>] = &[&INVITATIONS_BY_EMAIL];
    fn key(&self) -> InvitationId {
        self.id
    }
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Tenant>();
        check::<User>();
        check::<Membership>();
        check::<Member>();
        check::<Role>();
        check::<Session>();
        check::<Invitation>();
    }
}
