//! People and firms: tenants, users, memberships, roles, sessions, the first-run setup.
//!
//! A *user* is somebody who can sign in (platform scope); a *member* is what they are in one firm (tenant
//! scope): name, role, queues, presence. A session acts in one tenant.
//!
//! Invariants:
//! - Every request asks the store whether its session, token version and membership still stand, so ending
//!   any of them counts from the next request on. There is no cache to be behind.
//! - Nobody hands out, or has power over, more than they hold; a tenant keeps an administrator and the
//!   installation a super administrator.
//! - A wrong password, an unknown name and a switched-off account get the same words at the same cost.
//! - One transaction decides who founds the house; afterwards the wizard's doors are gone.
//!
//! Events: `user.created/updated/deleted`, `session.created/revoked`, `role.created/updated/deleted`,
//! `invitation.created/deleted/accepted`, `tenant.created/updated`. Listeners: realtime (frames, rights).

mod api;
mod attendance;
mod commands;
mod live;
mod model;
mod passwords;
mod roles;
mod service;
mod setup;
mod throttle;
mod tokens;
mod upkeep;
mod views;

pub use api::routes;
pub use attendance::attend;
pub use commands::{
    Device, Founded, Founding, FoundingStep, INVITATION_EXPIRES, NewUser, UserChange, change_own_password, create_user,
    delete_user, expire_invitation, found, join_queue, needs_founding, open_session, purge_sessions, reset_password,
    revoke_sessions, update_user,
};
pub use live::PeopleFrames;
pub use model::{
    MEMBERS_BY_NAME, MEMBERS_BY_NUMBER, MEMBERS_BY_QUEUE, Member, PROTOCOL_FORMATS, Presence, RevokeReason, Tenant,
    USERS_BY_EMAIL, User,
};
pub use passwords::{Cost, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Passwords, check_password};
pub use roles::{BuiltIn, ROLE_MANAGE, ROLE_READ, TENANT_MANAGE, USER_MANAGE, USER_READ, grants_of_user};
pub use service::{ACCESS_LIFETIME, Above, Identity, IdentityOptions, Opened, QueueCheck, SESSION_DAYS, SignIn, tenant_of};
pub use setup::{SETUP_CODE_FILE, SetupCode, issue_setup_code};
pub use tokens::parse_lifetime;
pub use upkeep::{ExpireSessions, LeaveQueue, PurgeSessions, empty_queue};
pub use views::{MemberView, TenantWhatsApp};

use crate::settings::AnySetting;

/// The settings of this room.
pub fn settings() -> [&'static dyn AnySetting; 2] {
    [&ACCESS_LIFETIME, &SESSION_DAYS]
}
