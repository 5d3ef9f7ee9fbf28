//! Conversations over HTTP: lists, one of them, and what one does to it.

use super::{
    commands::{add_note, archive, assign, mark_read, reopen, resolve, set_priority, take, unassign},
    counters::{Counters, counters_of},
    lists::{self, Assigned, Filter, Onwards},
    message_views::MessageView,
    model::{
        ASSIGNMENTS_OF_CONVERSATION, Assignment, AssignmentReason, CONVERSATION_ARCHIVE, CONVERSATION_ASSIGN, CONVERSATION_READ,
        CONVERSATION_REPLY, CONVERSATION_RESOLVE, Conversation, Direction, NOTES, NUMBER_TO_CONVERSATION, Priority,
    },
    state::State as Stand,
    views::{ConversationView, Face, Faces, Sight},
};
use crate::{
    base::{Actor, AssignmentId, ChannelId, ContactId, ConversationId, Error, MessageId, QueueId, Result, Timestamp, UserId},
    contacts::{CONTACT_READ, contact_named, sees_all},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, given, page_of, routes},
        store::{KeyRange, Lane, Read, TenantScope, Tx},
    },
};
use axum::{body::Bytes, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

/// Messages that come with a conversation.
pub(super) const MESSAGES_WITH: usize = 50;

/// The doors of this room.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONVERSATION_READ), routes!(list_conversations))
        .add(Access::Needs(CONVERSATION_READ), routes!(get_conversation))
        .add(Access::Needs(CONVERSATION_ASSIGN), routes!(change_conversation))
        .add(Access::Needs(CONVERSATION_READ), routes!(list_messages))
        .add(Access::Needs(CONVERSATION_ASSIGN), routes!(assign_conversation))
        .add(Access::Needs(CONVERSATION_RESOLVE), routes!(resolve_conversation))
        .add(Access::Needs(CONVERSATION_RESOLVE), routes!(reopen_conversation))
        .add(Access::Needs(CONVERSATION_ARCHIVE), routes!(archive_conversation))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(read_conversation))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(create_note))
        .add(Access::Needs(CONVERSATION_READ), routes!(list_notes))
        .add(Access::Needs(CONVERSATION_READ), routes!(list_assignments))
        .add(Access::Needs(CONTACT_READ), routes!(list_of_contact))
        .add(Access::Needs(CONVERSATION_READ), routes!(get_counters))
        .merge(super::media_api::routes())
        .merge(super::message_api::routes())
        .merge(super::schedule_api::routes())
        .merge(super::ticket_api::routes())
}

/// Where everything one sees is turned into its view.
pub(super) struct Eyes {
    actor: Actor,
    sight: Sight,
    now: Timestamp,
}

impl Eyes {
    pub(super) fn of(kit: &Kit, actor: &Actor) -> Self {
        Self { actor: actor.clone(), sight: Sight::of(actor), now: kit.env().now() }
    }
    pub(super) fn conversation(&self, c: Conversation) -> ConversationView {
        ConversationView::of(c, self.actor.tenant, self.sight, self.now)
    }
    pub(super) fn sight(&self) -> Sight {
        self.sight
    }
}

/// A conversation that `actor` may read, by its id or running number.
///
/// # Errors
/// `NotFound`, also for one they may not see.
pub fn conversation_named(
    source: &impl Read<Scope = TenantScope>,
    actor: &Actor,
    name: IdOrNumber<ConversationId>,
) -> Result<Conversation> {
    let found = match name {
        IdOrNumber::Id(id) => source.get::<Conversation>(&id)?,
        IdOrNumber::Number(number) => source.find(&NUMBER_TO_CONVERSATION, number)?,
    };
    found.filter(|c| c.is_within(actor, CONVERSATION_READ)).ok_or(Error::NotFound("conversation"))
}

/// Runs a command on one conversation and shows how it stands now.
async fn act(
    kit: &Kit,
    actor: Actor,
    name: IdOrNumber<ConversationId>,
    command: impl FnOnce(&mut Tx<'_, '_>, &Actor, ConversationId) -> Result<Conversation> + Send + 'static,
) -> Result<Json<ConversationView>> {
    let eyes = Eyes::of(kit, &actor);
    let write = move |tx: &mut Tx<'_, '_>| {
        let id = conversation_named(tx, &actor, name)?.id;
        command(tx, &actor, id)
    };
    let (tenant, origin) = (eyes.actor.tenant, eyes.actor.origin.clone());
    let conversation = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(Json(eyes.conversation(conversation)))
}

/// A body that may be left out.
pub(super) fn optional<T: DeserializeOwned + Default>(bytes: &Bytes) -> Result<T> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(bytes).map_err(|e| Error::invalid("body", "format", e.to_string()))
}

/// Which tab of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Tab {
    /// Assigned to me.
    Mine,
    /// Waiting for somebody.
    Unassigned,
    /// All that are open.
    All,
    /// Resolved.
    Resolved,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    /// A tab of the inbox.
    #[param(inline)]
    tab: Option<Tab>,
    /// States, separated by commas; all but archived ones unless said otherwise.
    #[param(example = "OPEN,ASSIGNED")]
    pub status: Option<String>,
    /// In this queue.
    queue_id: Option<QueueId>,
    /// The same, as one source calls it.
    department_id: Option<QueueId>,
    /// A person's id, `me`, or `none`.
    assigned_to: Option<String>,
    /// Over this channel.
    channel_id: Option<ChannelId>,
    /// With unread messages.
    unread: Option<String>,
    /// What name, phone number or protocol number begin with, or words of the messages.
    q: Option<String>,
    /// The same, as one source calls it.
    search: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

impl ListQuery {
    /// What is asked for; `words` reads one word of `status`.
    pub(super) fn filter(&self, actor: &Actor, words: impl Fn(&str) -> Vec<Stand>) -> Result<Filter> {
        let mut states = match self.tab {
            None => vec![Stand::Waiting, Stand::Attending, Stand::Resolved],
            Some(Tab::Mine) => vec![Stand::Attending],
            Some(Tab::Unassigned) => vec![Stand::Waiting],
            Some(Tab::All) => Stand::OPEN.to_vec(),
            Some(Tab::Resolved) => vec![Stand::Resolved],
        };
        if let Some(status) = self.status.as_deref().filter(|s| !s.trim().is_empty()) {
            states.clear();
            for word in status.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                let named = words(word);
                if named.is_empty() {
                    return Err(Error::invalid("status", "unknown", format!("there is no status {word:?}")));
                }
                states.extend(named);
            }
            states.sort_unstable();
            states.dedup();
        }
        let assigned = match (self.tab, self.assigned_to.as_deref().map(str::trim)) {
            (Some(Tab::Mine), _) | (_, Some("me")) => Some(Assigned::To(actor.user)),
            (_, Some("none" | "null")) => Some(Assigned::Nobody),
            (_, Some(text)) if !text.is_empty() => {
                let user = text.parse::<UserId>();
                Some(Assigned::To(user.map_err(|e| Error::invalid("assignedTo", "format", e.to_string()))?))
            }
            _ => None,
        };
        Ok(Filter {
            states,
            queue: self.queue_id.or(self.department_id),
            assigned,
            channel: self.channel_id,
            unread: self.unread.as_deref().is_some_and(|word| word != "false" && word != "0"),
            search: self.q.clone().or_else(|| self.search.clone()).filter(|q| !q.trim().is_empty()),
            found: Vec::new(),
        })
    }
}

/// The inbox, newest activity first.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ListQuery, PageQuery),
    responses((status = 200, body = Page<ConversationView>)))]
async fn list_conversations(State(kit): State<Kit>, actor: Actor, Query(query): Query<ListQuery>) -> Result<Page<Face>> {
    let mut filter = query.filter(&actor, |word| Stand::from_word(word).into_iter().collect())?;
    super::search::join(&kit, &actor, &mut filter)?;
    let (limit, after) = (query.page.limit(), query.page.after()?);
    let (eyes, faces) = (Eyes::of(&kit, &actor), kit.service::<Faces>());
    kit.store().view(actor.tenant, |view| {
        let Page { items, next_cursor } = lists::list_by(view, &actor, &filter, limit, after, |id| faces.of(view, id))?;
        let items = items.into_iter().map(|face| face.seen(actor.tenant, eyes.sight, eyes.now)).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor })
    })
}

/// A conversation with the end of its thread.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConversationWithMessages {
    #[serde(flatten)]
    conversation: ConversationView,
    /// The last messages, oldest first.
    messages: Vec<MessageView>,
    /// Reads on towards the beginning, as `cursor` of the messages.
    messages_cursor: Option<String>,
}

/// One conversation with its last messages.
#[utoipa::path(get, path = "/conversations/{conversationId}", tag = "conversations", params(("conversationId" = String, Path)),
    responses((status = 200, body = ConversationWithMessages)))]
async fn get_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
) -> Result<Json<ConversationWithMessages>> {
    let eyes = Eyes::of(&kit, &actor);
    kit.store().view(actor.tenant, |view| {
        let conversation = conversation_named(view, &actor, name)?;
        let (messages, messages_cursor) = lists::thread(view, conversation.id, None, Onwards::Older, MESSAGES_WITH, None)?;
        let read = conversation.read_arrival;
        let messages = messages.into_iter().map(|m| MessageView::read(view, m, read, eyes.sight)).collect::<Result<_>>()?;
        Ok(Json(ConversationWithMessages { conversation: eyes.conversation(conversation), messages, messages_cursor }))
    })
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadQuery {
    /// `INBOUND` or `OUTBOUND`: only these; `older` (as a matter of course) or `newer`: which way to read on.
    direction: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

impl ThreadQuery {
    pub(super) fn way(&self) -> Result<(Option<Direction>, Onwards)> {
        match self.direction.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "older" | "backward" | "before") => Ok((None, Onwards::Older)),
            Some("newer" | "forward" | "after") => Ok((None, Onwards::Newer)),
            Some("inbound") => Ok((Some(Direction::Inbound), Onwards::Older)),
            Some("outbound") => Ok((Some(Direction::Outbound), Onwards::Older)),
            Some(_) => Err(Error::invalid("direction", "unknown", "give INBOUND, OUTBOUND, older or newer")),
        }
    }
}

/// A page of a thread.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessagePage {
    /// The messages, oldest first.
    messages: Vec<MessageView>,
    /// Give this as `cursor` to read on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The thread, its end first; within a page the oldest message comes first.
#[utoipa::path(get, path = "/conversations/{conversationId}/messages", tag = "conversations",
    params(("conversationId" = String, Path), ThreadQuery, PageQuery), responses((status = 200, body = MessagePage)))]
async fn list_messages(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Query(query): Query<ThreadQuery>,
) -> Result<Json<MessagePage>> {
    let (direction, onwards) = query.way()?;
    let (limit, after) = (query.page.limit(), query.page.after()?);
    let sight = Sight::of(&actor);
    kit.store().view(actor.tenant, |view| {
        let conversation = conversation_named(view, &actor, name)?;
        let (messages, next_cursor) = lists::thread(view, conversation.id, direction, onwards, limit, after)?;
        let messages =
            messages.into_iter().map(|m| MessageView::read(view, m, conversation.read_arrival, sight)).collect::<Result<_>>()?;
        Ok(Json(MessagePage { messages, next_cursor }))
    })
}

/// What changes on a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeConversation {
    /// How urgent it is.
    priority: Option<Priority>,
}

/// Changes a conversation's priority.
#[utoipa::path(patch, path = "/conversations/{conversationId}", tag = "conversations", params(("conversationId" = String, Path)),
    request_body = ChangeConversation, responses((status = 200, body = ConversationView)))]
async fn change_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Json(body): Json<ChangeConversation>,
) -> Result<Json<ConversationView>> {
    act(&kit, actor, name, move |tx, actor, id| match body.priority {
        Some(priority) => set_priority(tx, actor, id, priority),
        None => super::require_conversation(tx, id),
    })
    .await
}

/// To whom a conversation goes: absent to oneself, `null` to nobody.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AssignTo {
    /// A member; absent: oneself; `null`: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<UserId>)]
    user_id: Option<Option<UserId>>,
}

/// Takes a conversation, gives it to somebody, or puts it back. Of many who take one at once, one gets it.
#[utoipa::path(post, path = "/conversations/{conversationId}/assign", tag = "conversations",
    params(("conversationId" = String, Path)), request_body = Option<AssignTo>, responses((status = 200, body = ConversationView)))]
async fn assign_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    body: Bytes,
) -> Result<Json<ConversationView>> {
    let to = optional::<AssignTo>(&body)?.user_id;
    act(&kit, actor, name, move |tx, actor, id| match to {
        None => take(tx, actor, id),
        Some(None) => unassign(tx, actor, id),
        Some(Some(user)) => assign(tx, actor, id, user),
    })
    .await
}

/// Closes a conversation.
#[utoipa::path(post, path = "/conversations/{conversationId}/resolve", tag = "conversations",
    params(("conversationId" = String, Path)), responses((status = 200, body = ConversationView)))]
async fn resolve_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
) -> Result<Json<ConversationView>> {
    act(&kit, actor, name, resolve).await
}

/// Opens a closed conversation again.
#[utoipa::path(post, path = "/conversations/{conversationId}/reopen", tag = "conversations",
    params(("conversationId" = String, Path)), responses((status = 200, body = ConversationView)))]
async fn reopen_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
) -> Result<Json<ConversationView>> {
    act(&kit, actor, name, reopen).await
}

/// Puts a resolved conversation away.
#[utoipa::path(post, path = "/conversations/{conversationId}/archive", tag = "conversations",
    params(("conversationId" = String, Path)), responses((status = 200, body = ConversationView)))]
async fn archive_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
) -> Result<Json<ConversationView>> {
    act(&kit, actor, name, archive).await
}

/// How far one has read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReadUpTo {
    /// The last message one has seen, the one with the highest `arrival`: what came after it stays unread. Absent: all of them.
    up_to: Option<MessageId>,
}

/// Marks what the customer wrote as read: all of it, or up to the message last seen.
#[utoipa::path(post, path = "/conversations/{conversationId}/read", tag = "conversations",
    params(("conversationId" = String, Path)), request_body = Option<ReadUpTo>, responses((status = 200, body = ConversationView)))]
async fn read_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    body: Bytes,
) -> Result<Json<ConversationView>> {
    let up_to = optional::<ReadUpTo>(&body)?.up_to;
    act(&kit, actor, name, move |tx, actor, id| mark_read(tx, actor, id, up_to)).await
}

/// A note among colleagues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateNote {
    #[schema(example = "Called her back, she waits at the station")]
    content: String,
    /// The client's id of it: sending twice makes one.
    client_id: Option<String>,
}

/// A conversation and the note just written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConversationWithNote {
    #[serde(flatten)]
    conversation: ConversationView,
    /// The note.
    note: MessageView,
}

/// Writes a note that only colleagues see.
#[utoipa::path(post, path = "/conversations/{conversationId}/notes", tag = "conversations",
    params(("conversationId" = String, Path)), request_body = CreateNote,
    responses((status = 201, body = ConversationWithNote), (status = 200, body = ConversationWithNote, description = "It was written before")))]
async fn create_note(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Json(body): Json<CreateNote>,
) -> Result<(StatusCode, Json<ConversationWithNote>)> {
    let eyes = Eyes::of(&kit, &actor);
    let write = move |tx: &mut Tx<'_, '_>| {
        let id = conversation_named(tx, &actor, name)?.id;
        add_note(tx, &actor, id, body.content, body.client_id)
    };
    let stored = kit.store().write(eyes.actor.tenant, Lane::People, eyes.actor.origin.clone(), write).await?;
    let status = if stored.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let note = MessageView::of(stored.message, stored.conversation.read_arrival, eyes.sight);
    Ok((status, Json(ConversationWithNote { conversation: eyes.conversation(stored.conversation), note })))
}

/// Notes of a conversation, oldest first.
#[utoipa::path(get, path = "/conversations/{conversationId}/notes", tag = "conversations",
    params(("conversationId" = String, Path), PageQuery), responses((status = 200, body = Page<MessageView>)))]
async fn list_notes(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Query(page): Query<PageQuery>,
) -> Result<Page<MessageView>> {
    let (limit, after, sight) = (page.limit(), page.after()?, Sight::of(&actor));
    kit.store().view(actor.tenant, |view| {
        let conversation = conversation_named(view, &actor, name)?;
        let range = KeyRange::prefix(conversation.id).after(after.filter(|at| at.starts_with(conversation.id.as_bytes())));
        page_of(view.list(&NOTES, range)?, limit, |m| Ok(Some(MessageView::of(m, conversation.read_arrival, sight))))
    })
}

/// One stretch of a conversation with one attendant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Assignment)]
struct AssignmentView {
    id: AssignmentId,
    conversation_id: ConversationId,
    /// To whom.
    user_id: UserId,
    /// In which queue it lay then.
    queue_id: Option<QueueId>,
    /// By whom; absent: by the house.
    assigned_by: Option<UserId>,
    /// Why.
    reason: AssignmentReason,
    /// From …
    started_at: Timestamp,
    /// … until; absent: goes on.
    ended_at: Option<Timestamp>,
}

impl From<Assignment> for AssignmentView {
    fn from(a: Assignment) -> Self {
        Self {
            id: a.id,
            conversation_id: a.conversation,
            user_id: a.user,
            queue_id: a.queue,
            assigned_by: a.by,
            reason: a.reason,
            started_at: a.from,
            ended_at: a.until,
        }
    }
}

/// Who attended to a conversation, oldest first.
#[utoipa::path(get, path = "/conversations/{conversationId}/assignments", tag = "conversations",
    params(("conversationId" = String, Path), PageQuery), responses((status = 200, body = Page<AssignmentView>)))]
async fn list_assignments(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Query(page): Query<PageQuery>,
) -> Result<Page<AssignmentView>> {
    let (limit, after) = (page.limit(), page.after()?);
    kit.store().view(actor.tenant, |view| {
        let conversation = conversation_named(view, &actor, name)?;
        let range = KeyRange::prefix(conversation.id).after(after.filter(|at| at.starts_with(conversation.id.as_bytes())));
        page_of(view.list(&ASSIGNMENTS_OF_CONVERSATION, range)?, limit, |stretch: Assignment| Ok(Some(stretch.into())))
    })
}

/// A contact's conversations, newest first.
#[utoipa::path(get, path = "/contacts/{contactId}/conversations", tag = "contacts",
    params(("contactId" = String, Path), PageQuery), responses((status = 200, body = Page<ConversationView>)))]
async fn list_of_contact(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ContactId>>,
    Query(page): Query<PageQuery>,
) -> Result<Page<ConversationView>> {
    let (limit, after) = (page.limit(), page.after()?);
    let eyes = Eyes::of(&kit, &actor);
    kit.store().view(actor.tenant, |view| {
        let contact = contact_named(view, name)?;
        let is_first = after.is_none();
        let page = lists::list_of_contact(view, &actor, &contact, limit, after)?;
        // Who sees only those they speak with does not learn who else there is.
        if is_first && page.items.is_empty() && !sees_all(&actor) {
            return Err(Error::NotFound("contact"));
        }
        Ok(page.map(|c| eyes.conversation(c)))
    })
}

/// What the badges show.
#[utoipa::path(get, path = "/counters", tag = "conversations", responses((status = 200, body = Counters)))]
async fn get_counters(State(kit): State<Kit>, actor: Actor) -> Result<Json<Counters>> {
    kit.store().view(actor.tenant, |view| Ok(Json(counters_of(view, &actor)?)))
}
