//! One box for everything: contacts, conversations, messages.

use crate::{
    base::{Actor, ContactId, Error, Result},
    contacts::{Contact, ContactView, sees_all},
    conversations::{self, CONVERSATION_READ, ConversationView, Filter, MessageHit, Sight, State, Wanted, find_messages},
    platform::{
        http::{Access, Json, Kit, Query, Routes, routes},
        search::{self, DocKind, Search},
        store::{Read, View},
    },
};
use axum::extract;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Of each kind; who wants more opens the list of that kind.
const OF_EACH_MAX: usize = 50;
const OF_EACH_USUAL: usize = 10;
/// Characters of a query that are looked at; more is cut, not refused: a pasted message is a search, too.
const TEXT_CHARS_MAX: usize = 200;

pub(super) fn routes() -> Routes {
    Routes::new().add(Access::Needs(CONVERSATION_READ), routes!(search_all))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchAllQuery {
    /// Words that must all occur, the last one as a beginning; `"phrases"`; ends of numbers.
    #[param(example = "reboque 45678")]
    q: Option<String>,
    /// Of each kind, 1 to 50.
    limit: Option<usize>,
}

/// What was found, of each kind what the reader may see.
#[derive(Debug, Serialize, ToSchema)]
struct SearchAnswer {
    /// Contacts by name, number or address, newest first.
    contacts: Vec<ContactView>,
    /// Conversations by contact, protocol or number, latest activity first.
    conversations: Vec<ConversationView>,
    /// Messages and notes by their text, newest first.
    messages: Vec<MessageHit>,
}

/// Finds contacts, conversations and messages.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchAllQuery),
    responses((status = 200, body = SearchAnswer)))]
async fn search_all(
    extract::State(kit): extract::State<Kit>,
    actor: Actor,
    Query(query): Query<SearchAllQuery>,
) -> Result<Json<SearchAnswer>> {
    let limit = query.limit.unwrap_or(OF_EACH_USUAL).clamp(1, OF_EACH_MAX);
    let text: String = query.q.unwrap_or_default().trim().chars().take(TEXT_CHARS_MAX).collect();
    if text.is_empty() {
        return Ok(Json(SearchAnswer { contacts: Vec::new(), conversations: Vec::new(), messages: Vec::new() }));
    }
    let now = kit.env().now();
    let messages = find_messages(&kit, &actor, Wanted { text: text.clone(), limit, ..Wanted::default() }).await?;
    let messages = messages.items.into_iter().map(|hit| MessageHit::of(hit, &actor, now)).collect();
    let (store, search, reader) = (kit.store().clone(), kit.service::<Search>(), actor.clone());
    let others = tokio::task::spawn_blocking(move || {
        store.view(reader.tenant, |view| {
            Ok((contacts(view, &search, &reader, &text, limit)?, conversations(view, &reader, text, limit)?))
        })
    });
    let (contacts, conversations) = others.await.map_err(|e| Error::internal(format!("search the desk: {e}")))??;
    let sight = Sight::of(&actor);
    let conversations = conversations.into_iter().map(|c| ConversationView::of(c, actor.tenant, sight, now)).collect();
    Ok(Json(SearchAnswer { contacts, conversations, messages }))
}

fn contacts(view: &View, search: &Search, actor: &Actor, text: &str, limit: usize) -> Result<Vec<ContactView>> {
    if !sees_all(actor) {
        return Ok(Vec::new());
    }
    let query = search::Query { text: text.to_owned(), kinds: vec![DocKind::Contact], limit, ..search::Query::default() };
    let mut found = Vec::new();
    search.query(actor.tenant, &query, |hit| {
        let contact = view.get::<Contact>(&ContactId(hit.id))?.filter(|contact| !contact.is_part());
        let is_there = contact.is_some();
        found.extend(contact.map(ContactView::from));
        Ok(is_there)
    })?;
    // The search looks at one more, to know whether there is more.
    found.truncate(limit);
    Ok(found)
}

fn conversations(view: &View, actor: &Actor, text: String, limit: usize) -> Result<Vec<conversations::Conversation>> {
    let filter = Filter { states: State::ALL.to_vec(), search: Some(text), ..Filter::default() };
    Ok(conversations::list(view, actor, &filter, limit, None)?.items)
}
