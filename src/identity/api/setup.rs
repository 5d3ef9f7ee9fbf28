//! The wizard's doors. Gone once there is an owner.

use super::{LoginAnswer, signed_in, user_agent};
use crate::{
    base::{Error, Origin, Result, locale::Language},
    identity::{Founding, Identity},
    platform::http::{Cookies, Json, Kit, RequestContext},
};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the wizard needs to begin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetupState {
    /// Always true; later this is a 404.
    needed: bool,
    /// The address people will type, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    /// By the browser's wishes.
    suggested_language: Language,
    /// Is this plain HTTP? Browsers then withhold microphone, notifications and passkeys.
    insecure: bool,
}

/// Does this box need an owner? 404 once it has one.
#[utoipa::path(get, path = "/setup", tag = "setup", responses((status = 200, body = SetupState)))]
pub(super) async fn show_setup(
    State(kit): State<Kit>,
    context: Option<Extension<RequestContext>>,
    headers: HeaderMap,
) -> Result<Json<SetupState>> {
    if !kit.service::<Identity>().needs_setup() {
        return Err(Error::NotFound("setup"));
    }
    let wishes = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let suggested = wishes.split(',').find_map(|wish| Language::from_tag(wish.split(';').next()?.trim()));
    Ok(Json(SetupState {
        needed: true,
        public_url: kit.settings().public_url.clone(),
        suggested_language: suggested.unwrap_or_default(),
        insecure: !context.is_some_and(|Extension(context)| context.secure),
    }))
}

/// The one-time code.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SetupCheck {
    /// As printed at the start and by `farol setup-code`.
    #[schema(example = "7K2QX-M4N8P-0ABCD-EFGHJ-KMNPQ-R")]
    code: String,
}

/// Is this the setup code? Five wrong ones and the address waits a minute.
#[utoipa::path(post, path = "/setup/check", tag = "setup", request_body = SetupCheck, responses((status = 204)))]
pub(super) async fn check_code(State(kit): State<Kit>, origin: Origin, Json(body): Json<SetupCheck>) -> Result<StatusCode> {
    kit.service::<Identity>().desk.check(&body.code, origin.address, kit.env().now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// The wizard's answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetupRequest {
    /// The one-time code.
    #[schema(example = "7K2QX-M4N8P-0ABCD-EFGHJ-KMNPQ-R")]
    code: String,
    /// The firm's language.
    language: Language,
    /// The firm's IANA zone.
    #[schema(example = "Europe/Paris")]
    timezone: String,
    /// The firm's country, ISO 3166 alpha-2.
    #[schema(example = "FR")]
    country: String,
    /// The owner.
    owner: SetupOwner,
    /// The firm.
    company: SetupName,
    /// Its first queue.
    queue: SetupName,
}

/// The first person.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SetupOwner {
    /// Their name.
    #[schema(example = "Ana Prates")]
    name: String,
    /// The e-mail they will sign in with.
    #[schema(example = "ana@example.com")]
    email: String,
    /// 8 to 128 characters, none of those everybody tries.
    #[schema(example = "a long sentence only I know")]
    password: String,
}

/// A thing with a name.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SetupName {
    /// Its name.
    #[schema(example = "Reboques Exemplo")]
    name: String,
}

/// Makes the first owner, their firm and its first queue, and signs in. Of however many that ask at once one wins; then 404.
#[utoipa::path(post, path = "/setup", tag = "setup", request_body = SetupRequest, responses((status = 200, body = LoginAnswer)))]
pub(super) async fn claim(
    State(kit): State<Kit>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    Json(body): Json<SetupRequest>,
) -> Result<Response> {
    let identity = kit.service::<Identity>();
    let founding = Founding {
        owner: kit.env().new_id(),
        owner_name: body.owner.name,
        owner_email: body.owner.email.trim().to_owned(),
        password_hash: None,
        company: body.company.name,
        language: body.language,
        timezone: body.timezone,
        country: body.country,
        queue: body.queue.name,
    };
    let opened = identity.claim(&body.code, founding, &body.owner.password, &user_agent(&headers), &origin).await?;
    signed_in(&kit, &identity, &cookies, opened)
}
