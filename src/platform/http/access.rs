//! Who may come through a door, and the gate that stands before every handler.

use super::{context::RequestContext, kit::Kit, limits::RouteLimit, page, problem::Problem, routes::RouteOptions};
use crate::{
    base::{Actor, Error, Origin, Permission, Result},
    platform::disk::{DiskGuard, Need},
};
use axum::{
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// The journal's sequence as it stood before the handler read: subscribe with `after` = this.
pub const SEQUENCE: HeaderName = HeaderName::from_static("x-farol-seq");

/// Who may come through. A route can't be registered without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody, but seldom: sign-in, setup and public forms, where guessing would pay.
    Form,
    /// Providers; the handler checks their signature. No limit per address, a high one per path.
    Webhook,
    /// Who is signed in, whatever they may do.
    SignedIn,
    /// Who holds this permission, at whatever reach; the handler narrows by reach.
    Needs(Permission),
}

/// Recognises people by their credentials; implemented by `identity`, handed over in `app.rs`.
pub trait Authenticator: Send + Sync + 'static {
    /// Who sends this request. `origin` names address and request and goes into the actor, with the
    /// person filled in. A session cookie counts only where [`cookie_allowed`] says so.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] with a code that says why.
    fn authenticate(&self, parts: &Parts, origin: &Origin) -> Result<Actor>;
}

/// May this request be authenticated by its session cookie alone? Only reading routes that say so:
/// images, exports and PDFs, which a page loads without a header.
pub fn cookie_allowed(parts: &Parts) -> bool {
    parts.method.is_safe() && parts.extensions.get::<CookieAllowed>().is_some()
}

#[derive(Clone, Copy)]
struct CookieAllowed;

/// The matched route's template, for log and metrics; rides back on the answer.
#[derive(Debug, Clone)]
pub(super) struct RouteName(pub Arc<str>);

/// Which shape lists take on this mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mount {
    /// `/api/v1`: envelopes.
    Canonical,
    /// `/api`: bare arrays.
    Bare,
    /// Outside the API.
    Root,
}

/// What the gate needs to know of its route.
#[derive(Clone)]
pub(super) struct Gate {
    pub kit: Kit,
    pub access: Access,
    pub options: RouteOptions,
    pub mount: Mount,
    /// Path template under the canonical mount.
    pub path: Arc<str>,
    pub limit: Option<Arc<RouteLimit>>,
}

/// Stands before every handler: limits, credentials, permission, time; writes the sequence on the way out.
pub(super) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let name = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".into(), |path| path.as_str().into());
    let reads = gate.mount != Mount::Root && *request.method() == Method::GET;
    // Before the handler reads: a frame may then come twice, but never be missed.
    let sequence = reads.then(|| gate.kit.store().head());
    let mut response = match gate.admit(request) {
        Ok(request) => gate.run(request, next).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(sequence) = sequence {
        response.headers_mut().insert(SEQUENCE, HeaderValue::from(sequence));
    }
    response.extensions_mut().insert(RouteName(name));
    if gate.mount == Mount::Bare { page::bare(response) } else { response }
}

impl Gate {
    fn admit(&self, request: Request) -> Result<Request, Problem> {
        let settings = self.kit.settings();
        let limit = self.options.body_limit(&settings);
        let (mut parts, body) = request.into_parts();
        let told = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if told.is_some_and(|length| length > limit as u64) {
            return Err(Error::TooLarge(limit as u64).into());
        }
        self.room_for(&parts)?;
        if self.options.cookie {
            parts.extensions.insert(CookieAllowed);
        }
        self.check(&mut parts)?;
        let mut request = Request::from_parts(parts, body);
        DefaultBodyLimit::max(limit).apply(&mut request);
        request.extensions_mut().insert(super::routes::BodyLimit(limit));
        Ok(request)
    }

    /// Is there room on the disk for what this would write?
    fn room_for(&self, parts: &Parts) -> Result<()> {
        if parts.method.is_safe() {
            return Ok(());
        }
        let Some(disk) = self.kit.find_service::<DiskGuard>() else { return Ok(()) };
        // Whoever is not signed in signs in, goes, or is a provider with messages; all of that is small.
        let open = !matches!(self.access, Access::SignedIn | Access::Needs(_));
        disk.admit(match () {
            () if self.options.upload => Need::Bulk,
            () if self.options.essential || open => Need::Essential,
            () => Need::Ordinary,
        })
    }

    fn check(&self, parts: &mut Parts) -> Result<()> {
        let address = parts.extensions.get::<RequestContext>().map(|context| context.address);
        let limits = self.kit.limits();
        let own = |session| {
            self.limit.as_ref().map_or(Ok(()), |limit| limits.route(limit, session, address))?;
            limits.endpoint(|| self.endpoint(&parts.method), session, address)
        };
        let needed = match self.access {
            Access::Public => return address.map_or(Ok(()), |address| limits.address(address)).and_then(|()| own(None)),
            Access::Form => return address.map_or(Ok(()), |address| limits.form(address)).and_then(|()| own(None)),
            Access::Webhook => return limits.webhook(parts.uri.path()),
            Access::SignedIn => None,
            Access::Needs(permission) => Some(permission),
        };
        let actor = match (self.kit.authenticate(parts), address) {
            (Ok(actor), _) => actor,
            (Err(error), None) => return Err(error),
            // Guessing tokens costs as much as any unknown caller's requests.
            (Err(error), Some(address)) => return limits.address(address).and(Err(error)),
        };
        limits.session(actor.session, actor.user)?;
        own(Some(actor.session))?;
        let span = tracing::Span::current();
        span.record("tenant", tracing::field::display(actor.tenant));
        span.record("user", tracing::field::display(actor.user));
        if let Some(permission) = needed {
            actor.require(permission)?;
        }
        parts.extensions.insert(actor);
        Ok(())
    }

    /// Method and path template under the canonical mount, as the contract names it and the settings do.
    fn endpoint(&self, method: &Method) -> String {
        format!("{method} {}", self.path)
    }

    async fn run(&self, request: Request, next: Next) -> Response {
        let settings = self.kit.settings();
        let set = match settings.endpoints.is_empty() {
            true => None,
            false => settings.endpoints.get(&self.endpoint(request.method())).and_then(|own| own.timeout),
        };
        let patience = set.unwrap_or_else(|| self.options.timeout(&settings));
        match tokio::time::timeout(patience, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem {
                retry_after_secs: Some(5),
                ..Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "timeout",
                    "this took too long; look whether it happened, then try again",
                )
            }
            .into_response(),
        }
    }
}
