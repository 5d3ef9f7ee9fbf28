//! The same conversations in the words of the ticket API: PENDING, OPEN, CLOSED; `body` for content.

use super::{
    api::{ListQuery, ThreadQuery, conversation_named},
    lists,
    message_views::TicketMessageView,
    model::CONVERSATION_READ,
    state::State as Stand,
    views::{Sight, TicketView},
};
use crate::{
    base::{Actor, ConversationId, Result},
    identity,
    platform::http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, routes},
};
use axum::extract::State;

pub(super) fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONVERSATION_READ), routes!(list_tickets))
        .add(Access::Needs(CONVERSATION_READ), routes!(get_ticket))
        .add(Access::Needs(CONVERSATION_READ), routes!(list_ticket_messages))
}

/// Tickets, newest activity first. `status` takes PENDING, OPEN and CLOSED in any case.
#[utoipa::path(get, path = "/tickets", tag = "tickets", params(ListQuery, PageQuery), responses((status = 200, body = Page<TicketView>)))]
async fn list_tickets(State(kit): State<Kit>, actor: Actor, Query(query): Query<ListQuery>) -> Result<Page<TicketView>> {
    let mut filter = query.filter(&actor, Stand::from_ticket_word)?;
    super::search::join(&kit, &actor, &mut filter)?;
    let (limit, after, sight) = (query.page.limit(), query.page.after()?, Sight::of(&actor));
    kit.store().view(actor.tenant, |view| {
        let page = lists::list(view, &actor, &filter, limit, after)?;
        Ok(page.map(|c| TicketView::of(c, sight)))
    })
}

/// One ticket.
#[utoipa::path(get, path = "/tickets/{ticketId}", tag = "tickets", params(("ticketId" = String, Path)),
    responses((status = 200, body = TicketView)))]
async fn get_ticket(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
) -> Result<Json<TicketView>> {
    kit.store().view(actor.tenant, |view| Ok(Json(TicketView::of(conversation_named(view, &actor, name)?, Sight::of(&actor)))))
}

/// A ticket's messages, its end first; within a page the oldest comes first.
#[utoipa::path(get, path = "/tickets/{ticketId}/messages", tag = "tickets",
    params(("ticketId" = String, Path), ThreadQuery, PageQuery), responses((status = 200, body = Page<TicketMessageView>)))]
async fn list_ticket_messages(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Query(query): Query<ThreadQuery>,
) -> Result<Page<TicketMessageView>> {
    let (direction, onwards) = query.way()?;
    let (limit, after, sight) = (query.page.limit(), query.page.after()?, Sight::of(&actor));
    kit.store().view(actor.tenant, |view| {
        let ticket = conversation_named(view, &actor, name)?;
        let (messages, next_cursor) = lists::thread(view, ticket.id, direction, onwards, limit, after)?;
        let language = identity::tenant_of(view)?.language;
        let show = |m| TicketMessageView::of(m, ticket.read_arrival, sight, language);
        Ok(Page { items: messages.into_iter().map(show).collect(), next_cursor })
    })
}
