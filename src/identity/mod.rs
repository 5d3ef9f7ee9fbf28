//! People and firms: tenants, users, memberships, roles, sessions, the first-run setup.
pub mod commands;
pub mod model;
pub mod passwords;
pub mod roles;
pub mod throttle;
pub mod tokens;
