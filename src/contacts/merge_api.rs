//! Merges and suggestions over HTTP.

use super::{
    api::{ContactView, contact_named, sees_all},
    commands::{dismiss, merge, merges_of, unmerge},
    identity::IdentityKind,
    kin::{Merge, current},
    model::{CONTACT_READ, CONTACT_WRITE, Contact},
    suggestions::{OPEN_SUGGESTIONS, Pair, Reason, Suggestion, as_now, suggestions_of},
};
use crate::{
    base::{Actor, ContactId, Error, MergeId, Result, Timestamp, UserId},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, page_of, routes},
        store::{KeyRange, Lane, Read, View},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The doors to merges and suggestions.
pub(super) fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONTACT_READ), routes!(list_suggestions))
        .add(Access::Needs(CONTACT_WRITE), routes!(dismiss_suggestion))
        .add(Access::Needs(CONTACT_READ), routes!(list_merges))
        .add(Access::Needs(CONTACT_WRITE), routes!(merge_contacts))
        .add(Access::Needs(CONTACT_WRITE), routes!(unmerge_contacts))
}

/// Contacts to become part of another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MergeContacts)]
struct MergeContacts {
    /// One to five of them.
    contact_ids: Vec<ContactId>,
}

/// Makes other contacts part of this one: their addresses and conversations are its own from now on, their ids and numbers
/// lead to it. What it does not know is filled from them; who opted out or is blocked anywhere stays so. Can be taken back.
#[utoipa::path(post, path = "/contacts/{contactId}/merge", tag = "contacts", params(("contactId" = String, Path)),
    request_body = MergeContacts, responses((status = 200, body = ContactView)))]
async fn merge_contacts(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ContactId>>,
    Json(body): Json<MergeContacts>,
) -> Result<Json<ContactView>> {
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
        let id = contact_named(tx, name)?.id;
        merge(tx, &actor, id, &body.contact_ids)
    };
    Ok(Json(kit.store().write(tenant, Lane::People, origin, write).await?.into()))
}

/// An address that moved.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MovedIdentity {
    /// What it is.
    kind: IdentityKind,
    /// The value.
    #[schema(example = "+33639980001")]
    value: String,
}

/// A contact that became part of another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MergedContact)]
struct MergedView {
    /// Its id.
    id: ContactId,
    /// Its running number.
    number: u64,
    /// What it is called by itself.
    #[schema(example = "Ana Lima")]
    name: String,
    /// Its addresses at that time, as far as they are still known.
    identities: Vec<MovedIdentity>,
}

/// One joining of contacts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactMerge)]
struct MergeView {
    /// Its id.
    id: MergeId,
    /// The contact that stood for all.
    contact_id: ContactId,
    /// Those that became part of it.
    contacts: Vec<MergedView>,
    /// Who joined them.
    user_id: UserId,
    /// When.
    at: Timestamp,
    /// Who took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_by: Option<UserId>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_at: Option<Timestamp>,
}

impl MergeView {
    fn of(view: &View, merge: Merge) -> Result<Self> {
        let mut contacts = Vec::with_capacity(merge.parts.len());
        for part in merge.parts {
            let contact = view.require::<Contact>(&part.contact)?;
            let holder = current(view, part.contact)?;
            let moved = holder.identities.iter().filter(|identity| part.identities.contains(&identity.id));
            contacts.push(MergedView {
                id: contact.id,
                number: contact.number,
                identities: moved.map(|i| MovedIdentity { kind: i.kind, value: i.value.clone() }).collect(),
                name: contact.own().name,
            });
        }
        Ok(Self {
            id: merge.id,
            contact_id: merge.into,
            contacts,
            user_id: merge.by,
            at: merge.at,
            undone_by: merge.undone.as_ref().map(|undone| undone.by),
            undone_at: merge.undone.map(|undone| undone.at),
        })
    }
}

/// The merges that made this contact what it is, those taken back among them, newest first.
#[utoipa::path(get, path = "/contacts/{contactId}/merges", tag = "contacts", params(("contactId" = String, Path)),
    responses((status = 200, body = Page<MergeView>)))]
async fn list_merges(State(kit): State<Kit>, actor: Actor, Path(name): Path<IdOrNumber<ContactId>>) -> Result<Page<MergeView>> {
    if !sees_all(&actor) {
        return Err(Error::NotFound("contact"));
    }
    kit.store().view(actor.tenant, |view| {
        let contact = contact_named(view, name)?;
        let merges = merges_of(view, &contact)?.into_iter();
        Ok(Page::whole(merges.map(|merge| MergeView::of(view, merge)).collect::<Result<_>>()?))
    })
}

/// Which merge to take back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = UnmergeContacts)]
struct UnmergeContacts {
    merge_id: MergeId,
}

/// What became of a merge that was taken back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnmergedContacts)]
struct UnmergedView {
    /// The contact that stood for all.
    contact: ContactView,
    /// Those that stand alone again.
    restored: Vec<ContactView>,
}

/// Takes a merge back: each contact has its own addresses and conversations again, with what came in since.
#[utoipa::path(post, path = "/contacts/{contactId}/unmerge", tag = "contacts", params(("contactId" = String, Path)),
    request_body = UnmergeContacts, responses((status = 200, body = UnmergedView)))]
async fn unmerge_contacts(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ContactId>>,
    Json(body): Json<UnmergeContacts>,
) -> Result<Json<UnmergedView>> {
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
        let id = contact_named(tx, name)?.id;
        unmerge(tx, &actor, id, body.merge_id)
    };
    let done = kit.store().write(tenant, Lane::People, origin, write).await?;
    let restored = done.restored.into_iter().map(ContactView::from).collect();
    Ok(Json(UnmergedView { contact: done.contact.into(), restored }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SuggestionQuery {
    /// Only of this contact; then who merely has a name like theirs is listed too.
    contact_id: Option<ContactId>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// Two contacts that look like one person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactSuggestion)]
struct SuggestionView {
    /// Names it to dismiss it.
    id: String,
    /// The two, the one known longer first.
    contacts: Vec<ContactView>,
    /// Why they may be one.
    reason: Reason,
    /// How much that says, from 0 to 100.
    score: u8,
    /// When it was noticed.
    at: Timestamp,
}

impl SuggestionView {
    fn of(view: &View, suggestion: &Suggestion) -> Result<Self> {
        let Suggestion { a, b, reason, score, at, .. } = *suggestion;
        let contacts = [a, b].iter().map(|id| Ok(view.require::<Contact>(id)?.into())).collect::<Result<_>>()?;
        Ok(Self { id: Pair::of(a, b).to_string(), contacts, reason, score, at })
    }
}

/// Contacts that look like one person and of whom nobody decided yet, the surest first.
#[utoipa::path(get, path = "/contacts/suggestions", tag = "contacts", params(SuggestionQuery, PageQuery),
    responses((status = 200, body = Page<SuggestionView>)))]
async fn list_suggestions(
    State(kit): State<Kit>,
    actor: Actor,
    Query(query): Query<SuggestionQuery>,
) -> Result<Page<SuggestionView>> {
    let (limit, after) = (query.page.limit(), query.page.after()?);
    kit.store().view(actor.tenant, |view| {
        if !sees_all(&actor) {
            return Ok(Page::whole(Vec::new()));
        }
        if let Some(id) = query.contact_id {
            let found = suggestions_of(view, &current(view, id)?)?;
            return Ok(Page::whole(found.iter().map(|s| SuggestionView::of(view, s)).collect::<Result<_>>()?));
        }
        let surest = view.list(&OPEN_SUGGESTIONS, KeyRange::all().reverse().after(after))?;
        page_of(surest, limit, |kept: Suggestion| {
            as_now(view, kept)?.map(|suggestion| SuggestionView::of(view, &suggestion)).transpose()
        })
    })
}

/// These two are two; they are not suggested again.
#[utoipa::path(post, path = "/contacts/suggestions/{suggestionId}/dismiss", tag = "contacts",
    params(("suggestionId" = String, Path)), responses((status = 204)))]
async fn dismiss_suggestion(State(kit): State<Kit>, actor: Actor, Path(id): Path<String>) -> Result<StatusCode> {
    let pair: Pair = id.parse()?;
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    kit.store().write(tenant, Lane::People, origin, move |tx| dismiss(tx, &actor, pair)).await?;
    Ok(StatusCode::NO_CONTENT)
}
