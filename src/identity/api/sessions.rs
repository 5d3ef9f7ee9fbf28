//! One's signed-in devices.

use crate::{
    base::{Actor, Result, SessionId},
    identity::{
        commands::{revoke_session, sessions_of},
        views::SessionView,
    },
    platform::{
        http::{Kit, Page, PageQuery, Path, Query},
        store::Lane,
    },
};
use axum::{extract::State, http::StatusCode};

/// One's own live sessions, the last used first.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth", params(PageQuery), responses((status = 200, body = Page<SessionView>)))]
pub(super) async fn list_sessions(
    State(kit): State<Kit>,
    actor: Actor,
    Query(page): Query<PageQuery>,
) -> Result<Page<SessionView>> {
    let now = kit.env().now();
    let mut sessions = kit.store().view_platform(|view| sessions_of(view, actor.user))?;
    sessions.retain(|session| session.is_live(now));
    sessions.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
    let page = page.cut(sessions, |session| session.id.as_bytes().to_vec())?;
    Ok(page.map(|session| SessionView::of(session, actor.session)))
}

/// Ends a session at once: one's own, or a colleague's with `user.manage`.
#[utoipa::path(delete, path = "/auth/sessions/{sessionId}", tag = "auth", params(("sessionId" = SessionId, Path)), responses((status = 204)))]
pub(super) async fn end_session(State(kit): State<Kit>, actor: Actor, Path(session): Path<SessionId>) -> Result<StatusCode> {
    let by = actor.clone();
    kit.store().write_platform(Lane::People, actor.origin.clone(), move |tx| revoke_session(tx, &by, session)).await?;
    Ok(StatusCode::NO_CONTENT)
}
