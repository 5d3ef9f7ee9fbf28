//! Colleagues and roles.

use super::show_member;
use crate::{
    base::{Actor, Error, QueueId, Reach, Result, RoleId, UserId, locale::Language, text::fold},
    identity::{
        Identity, MEMBERS_BY_NAME, MEMBERS_BY_NUMBER, Member, Presence, USER_READ,
        commands::{self, NewUser, RoleChange, UserChange},
        model::Role,
        passwords::check_password,
        roles::{BuiltIn, may_be_given, permissions},
        views::{MemberView, RoleView},
    },
    platform::{
        http::{IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, given, page_of},
        store::{KeyRange, Lane, Read, View},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Which colleagues.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// Part of a name or e-mail.
    q: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// Colleagues by name.
#[utoipa::path(get, path = "/users", tag = "users", params(UserQuery, PageQuery), responses((status = 200, body = Page<MemberView>)))]
pub(super) async fn list_users(State(kit): State<Kit>, actor: Actor, Query(query): Query<UserQuery>) -> Result<Page<MemberView>> {
    let own_only = actor.require(USER_READ)? != Reach::Tenant;
    let wanted = query.q.as_deref().map(fold);
    let (limit, after) = (query.page.limit(), query.page.after()?);
    kit.store().view(actor.tenant, |view| {
        page_of(view.list::<Member>(&MEMBERS_BY_NAME, KeyRange::all().after(after))?, limit, |member| {
            let hit = wanted.as_deref().is_none_or(|q| fold(&member.name).contains(q) || fold(&member.email).contains(q));
            let shown = hit && (!own_only || member.user == actor.user);
            shown.then(|| MemberView::of(view, actor.tenant, member)).transpose()
        })
    })
}

/// A new colleague.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateUser {
    /// Their name.
    #[serde(alias = "nome")]
    #[schema(example = "Rui Alves")]
    name: String,
    /// The e-mail they will sign in with.
    #[schema(example = "rui@example.com")]
    email: String,
    /// Their first password: 8 to 128 characters.
    #[schema(example = "a sentence to be changed soon")]
    password: String,
    /// Key of their role; `AGENT` unless said otherwise.
    #[schema(example = "AGENT")]
    role: Option<String>,
    /// The role as a number: 1 administrator, 2 agent, 3 client.
    #[serde(rename = "tipo_id", alias = "tipoId")]
    #[schema(example = 2)]
    tipo_id: Option<u8>,
    /// The queues they work in.
    queue_ids: Option<Vec<QueueId>>,
    /// One queue, under another source's name.
    department_id: Option<QueueId>,
    /// Telephony extension.
    #[serde(alias = "nuacom_extension")]
    extension: Option<String>,
    /// Their own phone.
    phone: Option<String>,
    /// Conversations they take at once; 0 for no limit.
    max_tickets: Option<u32>,
    /// Their language.
    language: Option<Language>,
    /// May they sign in? Yes, unless said otherwise.
    is_active: Option<bool>,
    /// Permissions beyond their role's.
    extra_permissions: Option<BTreeMap<String, Reach>>,
}

/// Makes a colleague. Nobody gives more than they hold.
#[utoipa::path(post, path = "/users", tag = "users", request_body = CreateUser, responses((status = 201, body = MemberView)))]
pub(super) async fn create_user(
    State(kit): State<Kit>,
    actor: Actor,
    Json(body): Json<CreateUser>,
) -> Result<(StatusCode, Json<MemberView>)> {
    let identity = kit.service::<Identity>();
    check_password("password", &body.password, &[&body.email, &body.name])?;
    let role = role_of(body.role, body.tipo_id)?.unwrap_or_else(|| BuiltIn::Agent.key().to_owned());
    let rest = UserChange {
        queues: body.queue_ids.or_else(|| body.department_id.map(|queue| vec![queue])),
        extension: body.extension.map(Some),
        phone: body.phone.map(Some),
        max_tickets: body.max_tickets,
        language: body.language.map(Some),
        is_active: body.is_active,
        extra: body.extra_permissions.map(|extra| extra.into_iter().collect()),
        ..UserChange::default()
    };
    let password_hash = Some(identity.passwords.hash(&body.password).await?);
    let new = NewUser { id: None, name: body.name, email: body.email, password_hash, role, rest };
    let (by, check) = (actor.clone(), identity.above.check_queues.clone());
    let member = kit
        .store()
        .write_platform(Lane::People, actor.origin.clone(), move |tx| {
            if let (Some(check), Some(queues)) = (check, &new.rest.queues) {
                tx.tenant(by.tenant, |tx| check(tx, queues))?;
            }
            commands::create_user(tx, &by, new)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(show_member(&kit, &actor, member.user)?)))
}

/// One colleague.
#[utoipa::path(get, path = "/users/{userId}", tag = "users", params(("userId" = UserId, Path)), responses((status = 200, body = MemberView)))]
pub(super) async fn show_user(
    State(kit): State<Kit>,
    actor: Actor,
    Path(user): Path<IdOrNumber<UserId>>,
) -> Result<Json<MemberView>> {
    let own_only = actor.require(USER_READ)? != Reach::Tenant;
    kit.store()
        .view(actor.tenant, |view| {
            let member = member(view, user)?;
            if own_only && member.user != actor.user {
                return Err(Error::NotFound("user"));
            }
            MemberView::of(view, actor.tenant, member)
        })
        .map(Json)
}

/// What may change about a colleague; absent stays, `null` clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateUser {
    /// Their name.
    #[serde(alias = "nome")]
    name: Option<String>,
    /// Their e-mail.
    email: Option<String>,
    /// A new password; ends all their sessions.
    password: Option<String>,
    /// Key of their role.
    role: Option<String>,
    /// The role as a number.
    #[serde(rename = "tipo_id", alias = "tipoId")]
    tipo_id: Option<u8>,
    /// The queues they work in.
    queue_ids: Option<Vec<QueueId>>,
    /// One queue, under another source's name.
    department_id: Option<QueueId>,
    /// Telephony extension.
    #[serde(default, alias = "nuacom_extension", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    extension: Option<Option<String>>,
    /// Their own phone.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// Conversations they take at once; 0 for no limit.
    max_tickets: Option<u32>,
    /// Their language; `null`: the firm's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Language>)]
    language: Option<Option<Language>>,
    /// Are they there?
    #[serde(alias = "onlineStatus")]
    status: Option<Presence>,
    /// May they sign in? `false` ends their sessions at once.
    is_active: Option<bool>,
    /// Permissions beyond their role's.
    extra_permissions: Option<BTreeMap<String, Reach>>,
}

/// Changes a colleague. The last administrator stays one.
#[utoipa::path(patch, path = "/users/{userId}", tag = "users", params(("userId" = UserId, Path)), request_body = UpdateUser,
    responses((status = 200, body = MemberView)))]
pub(super) async fn update_user(
    State(kit): State<Kit>,
    actor: Actor,
    Path(user): Path<IdOrNumber<UserId>>,
    Json(body): Json<UpdateUser>,
) -> Result<Json<MemberView>> {
    let identity = kit.service::<Identity>();
    let old = kit.store().view(actor.tenant, |view| member(view, user))?;
    let password_hash = match &body.password {
        None => None,
        Some(password) => {
            check_password("password", password, &[&old.email, &old.name])?;
            Some(identity.passwords.hash(password).await?)
        }
    };
    let change = UserChange {
        password_hash,
        name: body.name,
        email: body.email,
        role: role_of(body.role, body.tipo_id)?,
        extra: body.extra_permissions.map(|extra| extra.into_iter().collect()),
        queues: body.queue_ids.or_else(|| body.department_id.map(|queue| vec![queue])),
        extension: body.extension,
        phone: body.phone,
        max_tickets: body.max_tickets,
        language: body.language,
        presence: body.status,
        is_active: body.is_active,
    };
    let (by, check) = (actor.clone(), identity.above.check_queues.clone());
    kit.store()
        .write_platform(Lane::People, actor.origin.clone(), move |tx| {
            if let (Some(check), Some(queues)) = (check, &change.queues) {
                tx.tenant(by.tenant, |tx| check(tx, queues))?;
            }
            commands::update_user(tx, &by, old.user, change).map(drop)
        })
        .await?;
    show_member(&kit, &actor, old.user).map(Json)
}

/// Removes a colleague and ends their sessions at once. What they wrote keeps their name.
#[utoipa::path(delete, path = "/users/{userId}", tag = "users", params(("userId" = UserId, Path)), responses((status = 204)))]
pub(super) async fn delete_user(
    State(kit): State<Kit>,
    actor: Actor,
    Path(user): Path<IdOrNumber<UserId>>,
) -> Result<StatusCode> {
    let id = kit.store().view(actor.tenant, |view| member(view, user))?.user;
    let by = actor.clone();
    kit.store().write_platform(Lane::People, actor.origin.clone(), move |tx| commands::delete_user(tx, &by, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs a colleague out on every device, at once; they may sign in again.
#[utoipa::path(delete, path = "/users/{userId}/sessions", tag = "users", params(("userId" = UserId, Path)), responses((status = 204)))]
pub(super) async fn sign_out_user(
    State(kit): State<Kit>,
    actor: Actor,
    Path(user): Path<IdOrNumber<UserId>>,
) -> Result<StatusCode> {
    let id = kit.store().view(actor.tenant, |view| member(view, user))?.user;
    let by = actor.clone();
    let write = move |tx: &mut crate::platform::store::PlatformTx<'_, '_>| commands::sign_out_everywhere(tx, &by, id);
    kit.store().write_platform(Lane::People, actor.origin.clone(), write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All roles: those every firm has, then the firm's own.
#[utoipa::path(get, path = "/roles", tag = "users", params(PageQuery), responses((status = 200, body = Page<RoleView>)))]
pub(super) async fn list_roles(State(kit): State<Kit>, actor: Actor, Query(page): Query<PageQuery>) -> Result<Page<RoleView>> {
    kit.store().view(actor.tenant, |view| {
        let mut roles: Vec<RoleView> = BuiltIn::ALL.into_iter().map(RoleView::from).collect();
        for row in view.all::<Role>(KeyRange::all())? {
            roles.push(row?.0.into());
        }
        page.cut(roles, |role| role.key.clone().into_bytes())
    })
}

/// A permission a role may give.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Permission)]
pub(super) struct PermissionView {
    /// Its name.
    #[schema(example = "conversation.read")]
    name: &'static str,
    /// How far a role may give it, the narrowest first. What is nobody's own reaches the whole firm or is not given.
    reaches: Vec<Reach>,
}

/// All permissions a role may give, and how far.
#[utoipa::path(get, path = "/permissions", tag = "users", responses((status = 200, body = Page<PermissionView>)))]
pub(super) async fn list_permissions() -> Page<PermissionView> {
    let reaches = |name| Reach::ALL.into_iter().filter(|reach| may_be_given(name, *reach)).collect();
    Page::whole(permissions().map(|name| PermissionView { name, reaches: reaches(name) }).collect())
}

/// A role of the firm's own; absent stays, `null` clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleBody {
    /// As people call it; its key is made of the first name it had.
    #[schema(example = "Night shift")]
    name: Option<String>,
    /// The built-in role it extends.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "AGENT")]
    base: Option<Option<String>>,
    /// Permissions beyond the base's.
    permissions: Option<BTreeMap<String, Reach>>,
}

impl From<RoleBody> for RoleChange {
    fn from(body: RoleBody) -> Self {
        let permissions = body.permissions.map(|permissions| permissions.into_iter().collect());
        Self { name: body.name, base: body.base, permissions }
    }
}

/// Makes a role. Nobody gives more than they hold.
#[utoipa::path(post, path = "/roles", tag = "users", request_body = RoleBody, responses((status = 201, body = RoleView)))]
pub(super) async fn create_role(
    State(kit): State<Kit>,
    actor: Actor,
    Json(body): Json<RoleBody>,
) -> Result<(StatusCode, Json<RoleView>)> {
    let by = actor.clone();
    let write = move |tx: &mut crate::platform::store::Tx<'_, '_>| commands::create_role(tx, &by, body.into());
    let role = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), write).await?;
    Ok((StatusCode::CREATED, Json(role.into())))
}

/// Changes a role, for everybody who has it, from their next request on.
#[utoipa::path(patch, path = "/roles/{roleId}", tag = "users", params(("roleId" = RoleId, Path)), request_body = RoleBody,
    responses((status = 200, body = RoleView)))]
pub(super) async fn update_role(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<RoleId>,
    Json(body): Json<RoleBody>,
) -> Result<Json<RoleView>> {
    let by = actor.clone();
    let write = move |tx: &mut crate::platform::store::Tx<'_, '_>| commands::update_role(tx, &by, id, body.into());
    let role = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), write).await?;
    Ok(Json(role.into()))
}

/// Removes a role that nobody has.
#[utoipa::path(delete, path = "/roles/{roleId}", tag = "users", params(("roleId" = RoleId, Path)), responses((status = 204)))]
pub(super) async fn delete_role(State(kit): State<Kit>, actor: Actor, Path(id): Path<RoleId>) -> Result<StatusCode> {
    let by = actor.clone();
    kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| commands::delete_role(tx, &by, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The member of this id or running number who has not left.
fn member(view: &View, named: IdOrNumber<UserId>) -> Result<Member> {
    let found = match named {
        IdOrNumber::Id(id) => view.get::<Member>(&id)?,
        IdOrNumber::Number(number) => view.find(&MEMBERS_BY_NUMBER, number)?,
    };
    found.filter(|member| member.left_at.is_none()).ok_or(Error::NotFound("user"))
}

/// The role by key, else by number.
fn role_of(role: Option<String>, tipo_id: Option<u8>) -> Result<Option<String>> {
    match (role, tipo_id) {
        (Some(role), _) => Ok(Some(role)),
        (None, None) => Ok(None),
        (None, Some(number)) => {
            let role = BuiltIn::from_tipo_id(number).ok_or_else(|| Error::invalid("tipo_id", "unknown", "give 1, 2 or 3"))?;
            Ok(Some(role.key().to_owned()))
        }
    }
}
