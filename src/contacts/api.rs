//! Contacts over HTTP.

use super::{
    commands::{ContactChange, NewContact, create, update},
    consent::{Consent, ConsentSource, Member, Purpose},
    identity::{Identity, IdentityKind},
    kin::current,
    merge_api,
    model::{
        CONTACT_CREATED, CONTACT_MERGED, CONTACT_READ, CONTACT_SUGGESTED, CONTACT_UNMERGED, CONTACT_UPDATED, CONTACT_WRITE,
        CONTACTS_BY_ACTIVITY, CONTACTS_BY_NAME, CONTACTS_BY_WORD, Contact, NUMBER_TO_CONTACT, lookup_words, prefix_of, words,
    },
};
use crate::{
    base::{Actor, ChannelId, ContactId, Error, IdentityId, Reach, Result, Timestamp, UserId},
    identity::Tenant,
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, cursor, given, page_of, routes},
        journal::Event,
        realtime::{Class, Encoded, Encoder},
        store::{Index, KeyRange, Lane, Read, TenantScope, Tx, View},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The doors of this room.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONTACT_READ), routes!(list_contacts))
        .add(Access::Needs(CONTACT_WRITE), routes!(create_contact))
        .add(Access::Needs(CONTACT_READ), routes!(get_contact))
        .add(Access::Needs(CONTACT_WRITE), routes!(update_contact))
        .merge(merge_api::routes())
}

/// One address of a contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Identity)]
pub struct IdentityView {
    /// Its id.
    id: IdentityId,
    /// What it is.
    kind: IdentityKind,
    /// The value.
    #[schema(example = "+33639980001")]
    value: String,
    /// The only channel it means something on.
    channel_id: Option<ChannelId>,
    /// The contact it belongs to by itself, where that one became part of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<ContactId>,
}

impl From<Identity> for IdentityView {
    fn from(i: Identity) -> Self {
        Self { id: i.id, kind: i.kind, value: i.value, channel_id: i.channel, merged_from: i.home }
    }
}

/// Somebody in a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupMember)]
pub struct MemberView {
    /// Where they are reached: a phone number in E.164 where it is known.
    #[schema(example = "+33639980001")]
    address: String,
    /// The name they gave themselves.
    name: Option<String>,
    /// May they change the group?
    is_admin: bool,
}

impl From<Member> for MemberView {
    fn from(m: Member) -> Self {
        Self { address: m.address, name: m.name, is_admin: m.is_admin }
    }
}

/// What somebody wants to receive over one channel for one purpose.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consent)]
pub struct ConsentView {
    /// Over which channel; absent: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_id: Option<ChannelId>,
    /// For what.
    purpose: Purpose,
    /// Agreed, or no more?
    granted: bool,
    /// When.
    at: Timestamp,
    /// `word` (they wrote it), `provider` (they set it there) or `person` (one of us noted it).
    #[schema(example = "word")]
    source: &'static str,
    /// The word they wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    word: Option<String>,
    /// Who noted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
}

impl From<Consent> for ConsentView {
    fn from(c: Consent) -> Self {
        let (source, word, user_id) = match c.source {
            ConsentSource::Word(word) => ("word", Some(word), None),
            ConsentSource::Provider => ("provider", None, None),
            ConsentSource::Person(user) => ("person", None, Some(user)),
        };
        Self { channel_id: c.channel, purpose: c.purpose, granted: c.is_granted, at: c.at, source, word, user_id }
    }
}

/// A contact as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Contact)]
pub struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// Running number.
    pub number: u64,
    /// Name shown.
    #[schema(example = "Ana Lima")]
    pub name: String,
    /// What their profile says.
    pub pushname: Option<String>,
    /// Phone number in E.164.
    #[schema(example = "+33639980001")]
    pub phone_number: Option<String>,
    /// E-mail address.
    #[schema(example = "ana@example.com")]
    pub email: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// BCP 47 tag of their language.
    pub language: Option<String>,
    /// Blocked by us?
    pub is_blocked: bool,
    /// Known to WhatsApp?
    #[serde(rename = "isWAContact")]
    pub is_wa_contact: bool,
    /// Telegram's id of them.
    pub telegram_id: Option<String>,
    /// Messenger's id of them.
    pub messenger_id: Option<String>,
    /// Instagram's id of them.
    #[serde(rename = "instagramPK")]
    pub instagram_pk: Option<String>,
    /// All addresses they have now.
    pub identities: Vec<IdentityView>,
    /// A group instead of a person?
    pub is_group: bool,
    /// Who is in the group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberView>,
    /// What they agreed to receive, as last heard of each channel and purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentView>,
    /// Contacts that may be the same person.
    pub perhaps_same: Vec<ContactId>,
    /// Contacts that became part of this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged_contacts: Vec<ContactId>,
    /// Since when we know them.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

impl From<Contact> for ContactView {
    fn from(c: Contact) -> Self {
        let of = |kind| c.identity(kind).map(str::to_owned);
        Self {
            id: c.id,
            number: c.number,
            phone_number: c.phone_number().map(str::to_owned),
            email: c.email().map(str::to_owned),
            is_wa_contact: c.is_on_whatsapp(),
            telegram_id: of(IdentityKind::Telegram),
            messenger_id: of(IdentityKind::Messenger),
            instagram_pk: of(IdentityKind::Instagram),
            name: c.name,
            pushname: c.pushname,
            avatar_url: c.avatar_url,
            language: c.language,
            is_blocked: c.is_blocked,
            identities: c.identities.into_iter().filter(Identity::is_current).map(Into::into).collect(),
            is_group: c.group.is_some(),
            members: c.group.map(|group| group.members.into_iter().map(Into::into).collect()).unwrap_or_default(),
            consents: c.consents.into_iter().map(Into::into).collect(),
            perhaps_same: c.perhaps_same,
            merged_contacts: c.kin.map(|kin| kin.parts).unwrap_or_default(),
            created_at: c.created_at,
            updated_at: c.updated_at,
            rev: c.rev,
        }
    }
}

/// In which order contacts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// By name.
    #[default]
    Name,
    /// Who wrote or was written to last, first.
    Recent,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    /// What names, phone number or e-mail begin with.
    q: Option<String>,
    /// `name` or `recent`; with `q` always by the word found.
    #[param(inline)]
    order: Option<Order>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// Contacts by name, by their last message, or by what one looks for.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(ListQuery, PageQuery), responses((status = 200, body = Page<ContactView>)))]
async fn list_contacts(State(kit): State<Kit>, actor: Actor, Query(query): Query<ListQuery>) -> Result<Page<ContactView>> {
    let after = query.page.after()?;
    let limit = query.page.limit();
    kit.store().view(actor.tenant, |view| {
        if !sees_all(&actor) {
            return Ok(Page::whole(Vec::new()));
        }
        let page = match query.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
            Some(typed) => find(view, typed, limit, after)?,
            None if query.order.unwrap_or_default() == Order::Recent => walk(view, &CONTACTS_BY_ACTIVITY, true, limit, after)?,
            None => walk(view, &CONTACTS_BY_NAME, false, limit, after)?,
        };
        Ok(page.map(Into::into))
    })
}

/// Contacts belong to nobody: one sees all of them or, with a narrower reach, those one speaks with, there.
pub fn sees_all(actor: &Actor) -> bool {
    actor.grants.reach(CONTACT_READ) == Some(Reach::Tenant)
}

fn walk(
    view: &View,
    index: &'static Index<Contact>,
    reverse: bool,
    limit: usize,
    after: Option<Vec<u8>>,
) -> Result<Page<Contact>> {
    let range = if reverse { KeyRange::all().reverse() } else { KeyRange::all() };
    page_of(view.list(index, range.after(after))?, limit, |contact| Ok(Some(contact)))
}

/// Entries of the word index looked at for one page; more means the letters typed say too little.
const ENTRIES_MAX: usize = 2_000;

/// Contacts of whom each typed word begins a name, a phone number or an e-mail address.
pub fn find(view: &impl Read<Scope = TenantScope>, typed: &str, limit: usize, after: Option<Vec<u8>>) -> Result<Page<Contact>> {
    let typed = lookup_words(typed);
    let Some(longest) = typed.iter().max_by_key(|word| word.chars().count()) else { return Ok(Page::whole(Vec::new())) };
    let mut items = Vec::new();
    let mut last: Option<Vec<u8>> = None;
    for (n, hit) in view.scan(&CONTACTS_BY_WORD, KeyRange::prefix(prefix_of(longest)).after(after))?.enumerate() {
        let hit = hit?;
        if items.len() == limit || n == ENTRIES_MAX {
            return Ok(Page { items, next_cursor: last.map(|at| cursor(&at)) });
        }
        let contact = view.require::<Contact>(&hit.key)?;
        let has = words(&contact);
        // Who is found by several words is shown at the first of them only, on whatever page.
        let first = has.iter().find(|word| word.starts_with(longest.as_str()));
        let is_first =
            first.is_some_and(|word| hit.cursor.starts_with(word.as_bytes()) && hit.cursor.get(word.len()) == Some(&0));
        if is_first && typed.iter().all(|wanted| has.iter().any(|word| word.starts_with(wanted.as_str()))) {
            items.push(contact);
        }
        last = Some(hit.cursor);
    }
    Ok(Page::whole(items))
}

/// A contact named by its id or running number, or the one it became part of.
pub fn contact_named(view: &impl Read<Scope = TenantScope>, name: IdOrNumber<ContactId>) -> Result<Contact> {
    match name {
        IdOrNumber::Id(id) => current(view, id),
        IdOrNumber::Number(number) => {
            let named = view.find(&NUMBER_TO_CONTACT, number)?.ok_or(Error::NotFound("contact"))?;
            if named.is_part() { current(view, named.id) } else { Ok(named) }
        }
    }
}

/// By which national phone numbers are read: what was given, else the firm's own country.
fn country(tx: &Tx<'_, '_>, given: Option<String>) -> Result<Option<String>> {
    match given {
        Some(country) => Ok(Some(country)),
        None => Ok(tx.get::<Tenant>(&())?.map(|tenant| tenant.country)),
    }
}

/// A contact to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewContact)]
struct CreateContact {
    /// Client-made UUID: sending twice makes one.
    id: Option<ContactId>,
    #[schema(example = "Ana Lima")]
    name: String,
    #[schema(example = "+33639980001")]
    phone_number: Option<String>,
    #[schema(example = "ana@example.com")]
    email: Option<String>,
    avatar_url: Option<String>,
    #[schema(example = "pt-BR")]
    language: Option<String>,
    /// ISO 3166 alpha-2 code by which a national phone number is read; the tenant's unless given.
    country: Option<String>,
}

/// Makes a contact.
#[utoipa::path(post, path = "/contacts", tag = "contacts", request_body = CreateContact,
    responses((status = 201, body = ContactView), (status = 200, body = ContactView, description = "It was made by the same id before")))]
async fn create_contact(
    State(kit): State<Kit>,
    actor: Actor,
    Json(body): Json<CreateContact>,
) -> Result<(StatusCode, Json<ContactView>)> {
    let (contact, is_new) = kit
        .store()
        .write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| {
            let country = country(tx, body.country)?;
            let new = NewContact {
                id: body.id,
                name: body.name,
                phone_number: body.phone_number,
                email: body.email,
                avatar_url: body.avatar_url,
                language: body.language,
                country,
            };
            create(tx, &actor, new)
        })
        .await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(contact.into())))
}

/// One contact.
#[utoipa::path(get, path = "/contacts/{contactId}", tag = "contacts", params(("contactId" = String, Path)),
    responses((status = 200, body = ContactView)))]
async fn get_contact(State(kit): State<Kit>, actor: Actor, Path(name): Path<IdOrNumber<ContactId>>) -> Result<Json<ContactView>> {
    if !sees_all(&actor) {
        return Err(Error::NotFound("contact"));
    }
    kit.store().view(actor.tenant, |view| Ok(Json(contact_named(view, name)?.into())))
}

/// What changes on a contact; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ContactChange)]
struct UpdateContact {
    #[schema(example = "Ana Lima")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "+33639980001")]
    phone_number: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "ana@example.com")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    avatar_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "fr")]
    language: Option<Option<String>>,
    is_blocked: Option<bool>,
    country: Option<String>,
}

/// Changes a contact.
#[utoipa::path(patch, path = "/contacts/{contactId}", tag = "contacts", params(("contactId" = String, Path)),
    request_body = UpdateContact, responses((status = 200, body = ContactView)))]
async fn update_contact(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ContactId>>,
    Json(body): Json<UpdateContact>,
) -> Result<Json<ContactView>> {
    let contact = kit
        .store()
        .write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| {
            let id = contact_named(tx, name)?.id;
            let country = country(tx, body.country)?;
            let change = ContactChange {
                name: body.name,
                phone_number: body.phone_number,
                email: body.email,
                avatar_url: body.avatar_url,
                language: body.language,
                is_blocked: body.is_blocked,
                country,
            };
            update(tx, &actor, id, change)
        })
        .await?;
    Ok(Json(contact.into()))
}

/// Frames of contacts' events.
#[derive(Debug, Default)]
pub struct ContactFrames;

impl Encoder for ContactFrames {
    fn wants(&self, kind: &str) -> bool {
        matches!(kind, CONTACT_CREATED | CONTACT_UPDATED | CONTACT_MERGED | CONTACT_UNMERGED | CONTACT_SUGGESTED)
    }
    fn encode(&self, view: &View, event: &Event, _class: Class) -> Result<Option<Encoded>> {
        if event.kind == CONTACT_SUGGESTED {
            return Ok(Some(Encoded { kind: event.kind.clone(), data: event.data.clone(), audience: None }));
        }
        let Some(contact) = view.get::<Contact>(&ContactId(event.subject))? else { return Ok(None) };
        let unwritten = |e| Error::internal(format!("write a contact: {e}"));
        if contact.is_part() {
            // Whatever happened to it by itself: what is to be known now is where it leads.
            let whole = ContactView::from(current(view, contact.id)?);
            let data = serde_json::json!({ "id": contact.id, "into": whole.id,
                "contact": serde_json::to_value(whole).map_err(unwritten)? });
            return Ok(Some(Encoded { kind: CONTACT_MERGED.into(), data, audience: None }));
        }
        let kind = if event.kind == CONTACT_MERGED { CONTACT_UNMERGED.into() } else { event.kind.clone() };
        let data = serde_json::to_value(ContactView::from(contact)).map_err(unwritten)?;
        Ok(Some(Encoded { kind, data, audience: None }))
    }
}
