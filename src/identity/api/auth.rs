//! Signing in, staying in, signing out; oneself.

use super::{DEVICE_COOKIE, LoginAnswer, PAGE_COOKIE, REFRESH_COOKIE, answer, signed_in, user_agent, with_cookies};
use crate::{
    base::{Actor, Error, Origin, Result, SessionId, TenantId, locale::Language},
    identity::{
        Identity, SignIn,
        commands::{UserChange, update_user},
        model::Presence,
        views::MeView,
    },
    platform::{
        http::{Cookies, Json, Kit, given, says_json},
        store::Lane,
    },
};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Wipes what browsers keep of answers (ASVS 5.0, 14.3).
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// A try to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Login {
    /// The e-mail one signs in with.
    #[schema(example = "ana@example.com")]
    email: String,
    /// The password.
    #[schema(example = "a long sentence only I know")]
    password: String,
    /// The firm, for those who belong to several.
    company_id: Option<TenantId>,
}

/// Signs in and gives `{user, token, refreshToken, expiresIn}`; a browser also gets its cookies.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = Login, responses((status = 200, body = LoginAnswer)))]
pub(super) async fn login(
    State(kit): State<Kit>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    Json(body): Json<Login>,
) -> Result<Response> {
    let identity = kit.service::<Identity>();
    let given = SignIn {
        email: body.email,
        password: body.password,
        tenant: body.company_id,
        device_token: cookies.get(DEVICE_COOKIE).map(str::to_owned),
        user_agent: user_agent(&headers),
    };
    let opened = identity.sign_in(given, &origin).await?;
    signed_in(&kit, &identity, &cookies, opened)
}

/// Credentials in another source's words.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ObtainToken {
    /// The e-mail one signs in with.
    #[serde(alias = "username")]
    #[schema(example = "ana@example.com")]
    email: String,
    /// The password.
    #[schema(example = "a long sentence only I know")]
    password: String,
}

/// A pair of tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenPair {
    /// Access token.
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9…")]
    access: String,
    /// Refresh token.
    refresh: String,
}

/// Signs in and gives `{access, refresh}`. `username` is another word for `email`.
#[utoipa::path(post, path = "/token", tag = "auth", request_body = ObtainToken, responses((status = 200, body = TokenPair)))]
pub(super) async fn obtain_token(
    State(kit): State<Kit>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    Json(body): Json<ObtainToken>,
) -> Result<Json<TokenPair>> {
    let given = SignIn {
        email: body.email,
        password: body.password,
        tenant: None,
        device_token: cookies.get(DEVICE_COOKIE).map(str::to_owned),
        user_agent: user_agent(&headers),
    };
    let opened = kit.service::<Identity>().sign_in(given, &origin).await?;
    Ok(Json(TokenPair { access: opened.access, refresh: opened.refresh }))
}

/// A refresh token, unless the cookie brings it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refresh {
    /// The refresh token of the answer before.
    #[serde(alias = "refresh")]
    refresh_token: Option<String>,
}

/// Renews the session by its refresh token, from the body or the cookie. Each token works once; two tabs within a minute
/// both get on.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh, responses((status = 200, body = LoginAnswer)))]
pub(super) async fn refresh(
    State(kit): State<Kit>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let identity = kit.service::<Identity>();
    let outcome = async {
        let token = refresh_token_of(&headers, &body, &cookies)?;
        let opened = identity.refresh(&token, &origin).await?;
        // A token that a program brought by hand must not become a browser's cookie.
        let browser = cookies.get(REFRESH_COOKIE) == Some(token.as_str()) || is_own_page(&headers);
        if browser {
            signed_in(&kit, &identity, &cookies, opened)
        } else {
            Ok(Json(answer(&kit, &identity, &opened)?).into_response())
        }
    }
    .await;
    outcome.unwrap_or_else(|e| refused(&cookies, e))
}

/// A refresh token in another source's words.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RefreshPair {
    /// The refresh token of the pair before.
    #[allow(dead_code, reason = "documents the body that is read by hand, because the cookie may stand in for it")]
    refresh: String,
}

/// Renews a pair of tokens.
#[utoipa::path(post, path = "/token/refresh", tag = "auth", request_body = RefreshPair, responses((status = 200, body = TokenPair)))]
pub(super) async fn refresh_token(
    State(kit): State<Kit>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let token = refresh_token_of(&headers, &body, &cookies)?;
    let by_cookie = cookies.get(REFRESH_COOKIE) == Some(token.as_str());
    let identity = kit.service::<Identity>();
    let opened = identity.refresh(&token, &origin).await?;
    let pair = TokenPair { access: opened.access.clone(), refresh: opened.refresh.clone() };
    let response = Json(pair).into_response();
    if by_cookie { with_cookies(&identity, &cookies, &opened, response) } else { Ok(response) }
}

/// Signs out: ends the session that the access token or the refresh token names, at once and for all its tokens.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", request_body = Refresh, responses((status = 204)))]
pub(super) async fn logout(
    State(kit): State<Kit>,
    actor: Option<Actor>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let identity = kit.service::<Identity>();
    let by_refresh =
        || identity.tokens.read_refresh(&refresh_token_of(&headers, &body, &cookies).ok()?).map(|(session, _)| session);
    let session: Option<SessionId> = actor.map(|actor| actor.session).or_else(by_refresh);
    if let Some(session) = session {
        identity.sign_out(session, &origin).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    forget(&cookies, &mut response);
    Ok(response)
}

/// Which firm to go over to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GoOver {
    /// One of those that `memberships` of `GET /auth/me` names.
    company_id: TenantId,
}

/// Goes over to another firm one belongs to, without a password. The answer is a sign-in's; the session it was asked by ends.
#[utoipa::path(post, path = "/auth/tenant", tag = "auth", request_body = GoOver, responses((status = 200, body = LoginAnswer)))]
pub(super) async fn go_over(
    State(kit): State<Kit>,
    actor: Actor,
    cookies: Cookies,
    headers: HeaderMap,
    Json(body): Json<GoOver>,
) -> Result<Response> {
    let identity = kit.service::<Identity>();
    let opened = identity.go_over(&actor, body.company_id, user_agent(&headers)).await?;
    signed_in(&kit, &identity, &cookies, opened)
}

/// Who one is, what one may do, where one belongs.
#[utoipa::path(get, path = "/auth/me", tag = "auth", responses((status = 200, body = MeView)))]
pub(super) async fn show_me(State(kit): State<Kit>, actor: Actor) -> Result<Json<MeView>> {
    super::show_me(&kit, &actor)
}

/// What people change about themselves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateMe {
    /// One's name.
    #[schema(example = "Ana Prates")]
    name: Option<String>,
    /// One's language; `null`: the firm's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Language>)]
    language: Option<Option<Language>>,
    /// Is one there?
    #[serde(alias = "onlineStatus")]
    status: Option<Presence>,
    /// One's own phone.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
}

/// Changes one's own name, language, phone or presence.
#[utoipa::path(patch, path = "/auth/me", tag = "auth", request_body = UpdateMe, responses((status = 200, body = MeView)))]
pub(super) async fn update_me(State(kit): State<Kit>, actor: Actor, Json(body): Json<UpdateMe>) -> Result<Json<MeView>> {
    let UpdateMe { name, language, status, phone } = body;
    let change = UserChange { name, language, presence: status, phone, ..UserChange::default() };
    let by = actor.clone();
    kit.store().write_platform(Lane::People, actor.origin.clone(), move |tx| update_user(tx, &by, by.user, change)).await?;
    super::show_me(&kit, &actor)
}

/// A new password of one's own.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ChangePassword {
    /// The present one.
    #[schema(example = "a long sentence only I know")]
    current: String,
    /// The next one: 8 to 128 characters, none of those everybody tries.
    #[schema(example = "another sentence nobody has heard")]
    next: String,
}

/// Changes one's own password. All other sessions end; this one goes on with the tokens of the answer.
#[utoipa::path(post, path = "/auth/password", tag = "auth", request_body = ChangePassword, responses((status = 200, body = LoginAnswer)))]
pub(super) async fn change_password(
    State(kit): State<Kit>,
    actor: Actor,
    cookies: Cookies,
    Json(body): Json<ChangePassword>,
) -> Result<Response> {
    let identity = kit.service::<Identity>();
    let opened = identity.change_password(&actor, &body.current, &body.next).await?;
    signed_in(&kit, &identity, &cookies, opened)
}

/// Does the browser say that a page of ours calls?
fn is_own_page(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
}

/// The body's token, else the cookie's. An empty body is none.
fn refresh_token_of(headers: &HeaderMap, body: &[u8], cookies: &Cookies) -> Result<String> {
    let given: Refresh = if body.iter().all(u8::is_ascii_whitespace) {
        Refresh::default()
    } else {
        if !says_json(headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok())) {
            // What a form of another site could send is no JSON by its word.
            return Err(Error::invalid("refreshToken", "format", "send JSON with the header Content-Type: application/json"));
        }
        serde_json::from_slice(body)
            .map_err(|_| Error::invalid("refreshToken", "format", "send JSON such as {\"refreshToken\": …}"))?
    };
    let token = given.refresh_token.or_else(|| cookies.get(REFRESH_COOKIE).map(str::to_owned));
    token.ok_or(Error::Unauthenticated("unauthenticated"))
}

/// A refusal that also takes the useless cookies away, so that the browser stops sending them.
fn refused(cookies: &Cookies, error: Error) -> Response {
    let over = matches!(error, Error::Unauthenticated(_));
    let mut response = error.into_response();
    if over && cookies.get(REFRESH_COOKIE).is_some() {
        forget(cookies, &mut response);
    }
    response
}

fn forget(cookies: &Cookies, response: &mut Response) {
    for name in [REFRESH_COOKIE, PAGE_COOKIE] {
        if let Ok(cookie) = cookies.clear(name) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}
