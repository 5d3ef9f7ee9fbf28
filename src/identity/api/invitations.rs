//! Inviting colleagues, and taking an invitation up.

use super::{LoginAnswer, signed_in, user_agent};
use crate::{
    base::{Actor, InvitationId, Origin, QueueId, Result, Timestamp, locale::Language},
    identity::{
        Identity,
        commands::{self, NewInvitation},
        model::{Invitation, USERS_BY_EMAIL},
        roles::BuiltIn,
        views::InvitationView,
    },
    platform::{
        http::{Cookies, Json, Kit, Page, PageQuery, Path, Query, RequestContext},
        store::{KeyRange, Lane, Read},
    },
};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Open invitations, oldest first.
#[utoipa::path(get, path = "/invitations", tag = "users", params(PageQuery), responses((status = 200, body = Page<InvitationView>)))]
pub(super) async fn list_invitations(
    State(kit): State<Kit>,
    actor: Actor,
    Query(page): Query<PageQuery>,
) -> Result<Page<InvitationView>> {
    let now = kit.env().now();
    kit.store().view(actor.tenant, |view| {
        let rows = view.all::<Invitation>(KeyRange::all())?;
        let open =
            rows.map(|row| row.map(|(invitation, _)| invitation)).filter(|row| row.as_ref().map_or(true, |i| now < i.expires_at));
        let page = page.cut(open.collect::<Result<Vec<_>>>()?, |invitation| invitation.id.as_bytes().to_vec())?;
        Ok(page.map(InvitationView::from))
    })
}

/// Whom to invite as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invite {
    /// Their e-mail.
    #[schema(example = "rui@example.com")]
    email: String,
    /// Their name, if known.
    #[schema(example = "Rui Alves")]
    name: Option<String>,
    /// Key of their role; `AGENT` unless said otherwise.
    #[schema(example = "AGENT")]
    role: Option<String>,
    /// The queues they will work in.
    #[serde(default)]
    queue_ids: Vec<QueueId>,
}

/// Invites somebody; the answer has the link to hand over, good for seven days and once.
#[utoipa::path(post, path = "/invitations", tag = "users", request_body = Invite, responses((status = 201, body = InvitationView)))]
pub(super) async fn create_invitation(
    State(kit): State<Kit>,
    actor: Actor,
    context: Option<Extension<RequestContext>>,
    Json(body): Json<Invite>,
) -> Result<(StatusCode, Json<InvitationView>)> {
    let role = body.role.unwrap_or_else(|| BuiltIn::Agent.key().to_owned());
    let new = NewInvitation { email: body.email, name: body.name, role, queues: body.queue_ids };
    let (by, check) = (actor.clone(), kit.service::<Identity>().above.check_queues.clone());
    let (invitation, token) = kit
        .store()
        .write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| {
            if let Some(check) = check {
                check(tx, &new.queues)?;
            }
            commands::create_invitation(tx, &by, new)
        })
        .await?;
    let here = || context.and_then(|Extension(context)| context.own_origin()).unwrap_or_default();
    let base = kit.settings().public_url.clone().unwrap_or_else(here);
    let url = Some(format!("{base}/invitations/{token}"));
    Ok((StatusCode::CREATED, Json(InvitationView { url, ..invitation.into() })))
}

/// Takes an invitation back; its link no longer works.
#[utoipa::path(delete, path = "/invitations/{invitationId}", tag = "users", params(("invitationId" = InvitationId, Path)),
    responses((status = 204)))]
pub(super) async fn withdraw_invitation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode> {
    let by = actor.clone();
    let write = move |tx: &mut crate::platform::store::Tx<'_, '_>| commands::withdraw_invitation(tx, &by, id);
    kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the invited person sees first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvitationOffer {
    /// Whom the invitation is for.
    #[schema(example = "rui@example.com")]
    email: String,
    /// Their name, if known.
    name: Option<String>,
    /// The role they will have.
    role: String,
    /// The firm.
    #[schema(example = "Reboques Exemplo")]
    company: String,
    /// The firm's language.
    language: Language,
    /// Does this e-mail sign in already? Then its present password is asked for.
    has_account: bool,
    /// Until when it can be accepted.
    expires_at: Timestamp,
}

/// What an invitation's link offers. 404 once it is used, withdrawn or too old.
#[utoipa::path(get, path = "/invitations/accept/{token}", tag = "users", params(("token" = String, Path)),
    responses((status = 200, body = InvitationOffer)))]
pub(super) async fn show_accept(State(kit): State<Kit>, Path(token): Path<String>) -> Result<Json<InvitationOffer>> {
    let (tenant, invitation) = kit.service::<Identity>().invitation(&token)?;
    let email = invitation.email.to_lowercase();
    let has_account = kit.store().view_platform(|view| view.find(&USERS_BY_EMAIL, email.as_str()))?.is_some();
    Ok(Json(InvitationOffer {
        email: invitation.email,
        name: invitation.name,
        role: invitation.role,
        company: tenant.name,
        language: tenant.language,
        has_account,
        expires_at: invitation.expires_at,
    }))
}

/// How an invitation is taken up.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AcceptBody {
    /// One's name.
    #[schema(example = "Rui Alves")]
    name: String,
    /// A new password, or the present one where the e-mail signs in already.
    #[schema(example = "a long sentence only I know")]
    password: String,
}

/// Becomes a member and signs in. The link works once.
#[utoipa::path(post, path = "/invitations/accept/{token}", tag = "users", params(("token" = String, Path)), request_body = AcceptBody,
    responses((status = 200, body = LoginAnswer)))]
pub(super) async fn accept(
    State(kit): State<Kit>,
    Path(token): Path<String>,
    cookies: Cookies,
    origin: Origin,
    headers: HeaderMap,
    Json(body): Json<AcceptBody>,
) -> Result<Response> {
    let identity = kit.service::<Identity>();
    let opened = identity.accept_invitation(&token, &body.name, &body.password, &user_agent(&headers), &origin).await?;
    signed_in(&kit, &identity, &cookies, opened)
}
