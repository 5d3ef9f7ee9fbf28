//! The doors of this room.

mod auth;
mod invitations;
mod sessions;
mod setup;
mod tenants;
mod users;

use super::{
    Identity, Opened,
    commands::{is_admitted, memberships},
    model::{Member, Tenant},
    views::{MeView, MemberView, MembershipView, permissions},
};
use crate::{
    base::{Actor, Origin, Result, UserId},
    platform::{
        http::{Access, Authenticator, Cookies, Json, Kit, Routes, SameSite, cookie_allowed, routes},
        store::{Read, View},
    },
};
use axum::{
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

use super::roles::{ROLE_MANAGE, ROLE_READ, TENANT_MANAGE, USER_MANAGE, USER_READ};
use crate::settings::PLATFORM_MANAGE;

/// Cookies of this room. The refresh token: sent with every request, read by two routes.
const REFRESH_COOKIE: &str = "farol_refresh";
/// Opens pictures and documents that a page loads without a header; reading only.
const PAGE_COOKIE: &str = "farol_page";
/// Proves that somebody signed in on this device before.
const DEVICE_COOKIE: &str = "farol_device";
/// How long a device is remembered.
const DEVICE_LIVES: Duration = Duration::from_secs(365 * 86_400);

/// All routes.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Public, routes!(setup::show_setup))
        .add(Access::Form, routes!(setup::check_code))
        .add(Access::Form, routes!(setup::claim))
        .add(Access::Form, routes!(auth::login))
        .add(Access::Form, routes!(auth::obtain_token))
        .add(Access::Public, routes!(auth::refresh))
        .add(Access::Public, routes!(auth::refresh_token))
        .add(Access::Public, routes!(auth::logout))
        .add(Access::SignedIn, routes!(auth::show_me))
        .add(Access::SignedIn, routes!(auth::update_me))
        .add(Access::SignedIn, routes!(auth::change_password))
        .add(Access::SignedIn, routes!(auth::go_over))
        .add(Access::SignedIn, routes!(sessions::list_sessions))
        .add(Access::SignedIn, routes!(sessions::end_session))
        .add(Access::Needs(USER_READ), routes!(users::list_users))
        .add(Access::Needs(USER_MANAGE), routes!(users::create_user))
        .add(Access::Needs(USER_READ), routes!(users::show_user))
        .add(Access::Needs(USER_MANAGE), routes!(users::update_user))
        .add(Access::Needs(USER_MANAGE), routes!(users::delete_user))
        .add(Access::Needs(USER_MANAGE), routes!(users::sign_out_user))
        .add(Access::Needs(ROLE_READ), routes!(users::list_roles))
        .add(Access::Needs(ROLE_READ), routes!(users::list_permissions))
        .add(Access::Needs(ROLE_MANAGE), routes!(users::create_role))
        .add(Access::Needs(ROLE_MANAGE), routes!(users::update_role))
        .add(Access::Needs(ROLE_MANAGE), routes!(users::delete_role))
        .add(Access::Needs(USER_MANAGE), routes!(invitations::list_invitations))
        .add(Access::Needs(USER_MANAGE), routes!(invitations::create_invitation))
        .add(Access::Needs(USER_MANAGE), routes!(invitations::withdraw_invitation))
        .add(Access::Form, routes!(invitations::show_accept))
        .add(Access::Form, routes!(invitations::accept))
        .add(Access::SignedIn, routes!(tenants::show_tenant))
        .add(Access::Needs(TENANT_MANAGE), routes!(tenants::update_tenant))
        .add(Access::Needs(PLATFORM_MANAGE), routes!(tenants::list_tenants))
        .add(Access::Needs(PLATFORM_MANAGE), routes!(tenants::create_tenant))
        .add(Access::Needs(PLATFORM_MANAGE), routes!(tenants::update_any_tenant))
}

impl Authenticator for Identity {
    fn authenticate(&self, parts: &Parts, origin: &Origin) -> Result<Actor> {
        let none = crate::base::Error::Unauthenticated("unauthenticated");
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|text| {
                let (scheme, token) = text.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
            });
            return self.by_token(token.ok_or(none)?, origin);
        }
        if cookie_allowed(parts) {
            let session = Cookies::of(parts).get(PAGE_COOKIE).and_then(|token| self.tokens.read_page(token));
            return self.by_session(session.ok_or(none)?, None, origin);
        }
        Err(none)
    }
}

/// Signed in: who one is, and the tokens to go on with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginAnswer {
    /// Who signed in.
    user: MeView,
    /// Access token for `Authorization: Bearer …`.
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9…")]
    token: String,
    /// For `POST /auth/refresh`; a browser has it as a cookie too.
    refresh_token: String,
    /// Seconds the access token is good for.
    #[schema(example = 900)]
    expires_in: u64,
}

/// The answer to whoever signed in, with the browser's cookies.
fn signed_in(kit: &Kit, identity: &Identity, cookies: &Cookies, opened: Opened) -> Result<Response> {
    let answer = answer(kit, identity, &opened)?;
    with_cookies(identity, cookies, &opened, Json(answer).into_response())
}

/// The same for a program, which keeps its tokens itself.
fn answer(kit: &Kit, identity: &Identity, opened: &Opened) -> Result<LoginAnswer> {
    let user = kit.store().view(opened.session.tenant, |view| {
        let actor = identity.by_session(opened.session.id, None, &Origin::system())?;
        me(kit, view, &actor, opened.member.clone())
    })?;
    Ok(LoginAnswer {
        user,
        token: opened.access.clone(),
        refresh_token: opened.refresh.clone(),
        expires_in: opened.expires_in.as_secs(),
    })
}

/// Adds the cookies of a session to an answer.
fn with_cookies(identity: &Identity, cookies: &Cookies, opened: &Opened, mut response: Response) -> Result<Response> {
    let lives = identity.session_lifetime();
    let set = [
        cookies.set(REFRESH_COOKIE, &opened.refresh, lives, SameSite::Strict)?,
        cookies.set(PAGE_COOKIE, &opened.page, lives, SameSite::Strict)?,
        cookies.set(DEVICE_COOKIE, &opened.device, DEVICE_LIVES, SameSite::Strict)?,
    ];
    for cookie in set {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Oneself as `/auth/me` shows it.
fn me(kit: &Kit, view: &View, actor: &Actor, member: Member) -> Result<MeView> {
    let tenant: Tenant = view.require(&())?;
    let mut others = Vec::new();
    for id in kit.store().view_platform(|view| memberships(view, actor.user))? {
        // A firm that is switched off, or that switched them off, is none to go to.
        others.extend(kit.store().view(id, |view| {
            if !is_admitted(view, actor.user)? {
                return Ok(None);
            }
            let role = view.get::<Member>(&actor.user)?.map(|member| member.role).unwrap_or_default();
            Ok(Some(MembershipView { tenant_id: id, name: view.require::<Tenant>(&())?.name, role }))
        })?);
    }
    Ok(MeView {
        user: MemberView::of(view, tenant.id, member)?,
        permissions: permissions(&actor.grants),
        tenant: (&tenant).into(),
        memberships: others,
    })
}

/// Oneself, read afresh.
fn show_me(kit: &Kit, actor: &Actor) -> Result<Json<MeView>> {
    kit.store().view(actor.tenant, |view| me(kit, view, actor, view.require::<Member>(&actor.user)?)).map(Json)
}

/// A colleague as stored now.
fn show_member(kit: &Kit, actor: &Actor, user: UserId) -> Result<MemberView> {
    kit.store().view(actor.tenant, |view| MemberView::of(view, actor.tenant, view.require::<Member>(&user)?))
}

/// What the client calls itself.
fn user_agent(headers: &axum::http::HeaderMap) -> String {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
