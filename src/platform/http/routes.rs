//! How rooms register their routes: never without saying who may come through.

use super::{
    access::{Access, Gate, Mount, gate},
    kit::Kit,
    limits::RouteLimit,
    problem::ProblemBody,
    settings::{HttpSettings, Rate},
};
use axum::{
    Router,
    extract::Request,
    http::Method,
    middleware,
    response::Response,
    routing::{MethodFilter, MethodRouter},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tower::Service;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, HttpMethod, OpenApi, Ref, RefOr, ResponseBuilder,
        extensions::Extensions,
        path::{Operation, PathItem, Paths},
        schema::Schema,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::router::UtoipaMethodRouter;

pub use utoipa_axum::routes;

/// A room's routes: `Routes::new().add(Access::Needs(READ), routes!(list_queues)).add(…)`.
#[derive(Default)]
pub struct Routes(Vec<Entry>);

struct Entry {
    access: Access,
    options: RouteOptions,
    root: bool,
    path: String,
    item: PathItem,
    schemas: Vec<(String, RefOr<Schema>)>,
    methods: MethodRouter<Kit>,
}

/// Where one route differs from the house's settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct RouteOptions {
    /// Longest time to an answer; the setting `timeouts.request` if none is given.
    pub timeout: Option<Duration>,
    /// Largest body in bytes; the setting `bodies.request` if none is given.
    pub body_bytes_max: Option<usize>,
    /// Takes files: the upload time-out and the upload size of the settings.
    pub upload: bool,
    /// Stricter than the house's rates: per session where one is signed in, else per address.
    pub rate: Option<Rate>,
    /// Taken even when the disk is nearly full: messages, and what an owner needs to mend things.
    pub essential: bool,
    /// May be read with the session cookie alone (images, exports, PDFs).
    pub cookie: bool,
}

impl RouteOptions {
    pub(super) fn timeout(&self, settings: &HttpSettings) -> Duration {
        let usual = if self.upload { settings.timeouts.upload } else { settings.timeouts.request };
        self.timeout.unwrap_or(usual)
    }
    pub(super) fn body_limit(&self, settings: &HttpSettings) -> usize {
        let usual = if self.upload { settings.bodies.upload } else { settings.bodies.request };
        self.body_bytes_max.unwrap_or(usual)
    }
}

/// The body limit in force for this request, for extractors that name it.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimit(pub usize);

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Handlers of one path, under `/api/v1` and `/api`. PATCH also answers PUT and the other way round.
    #[must_use]
    pub fn add(self, access: Access, routes: UtoipaMethodRouter<Kit>) -> Self {
        self.add_with(access, RouteOptions::default(), routes)
    }
    /// As [`Self::add`], differing from the settings.
    #[must_use]
    pub fn add_with(self, access: Access, options: RouteOptions, routes: UtoipaMethodRouter<Kit>) -> Self {
        self.push(access, options, false, routes)
    }
    /// Handlers of one path outside the API: webhooks, pages that are no part of the web app.
    #[must_use]
    pub fn add_root(self, access: Access, options: RouteOptions, routes: UtoipaMethodRouter<Kit>) -> Self {
        self.push(access, options, true, routes)
    }
    /// These and another room's.
    #[must_use]
    pub fn merge(mut self, other: Routes) -> Self {
        self.0.extend(other.0);
        self
    }

    fn push(
        mut self,
        access: Access,
        options: RouteOptions,
        root: bool,
        (schemas, paths, methods): UtoipaMethodRouter<Kit>,
    ) -> Self {
        let mut paths = paths.paths.into_iter();
        let (path, item) = paths.next().expect("routes! names at least one handler");
        assert!(paths.next().is_none(), "one path per add: {path} came together with another");
        self.0.push(Entry { access, options, root, path, item, schemas, methods });
        self
    }

    /// Every route as `(access, method, full canonical path)`, for tests that must reach them all.
    pub fn list(&self) -> Vec<(Access, Method, String)> {
        let each = |entry: &Entry| {
            let (access, path) = (entry.access, entry.full_path());
            operations(&entry.item).map(move |(method, _)| (access, http_method(&method), path.clone())).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(each).collect()
    }

    /// The contract of these routes, with each one's access written beside it.
    pub fn openapi(&self) -> OpenApi {
        let mut api = OpenApi::new(
            utoipa::openapi::InfoBuilder::new()
                .title("Farol")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("Call centre, inbox, dispatch desk and billing office of a small firm."))
                .build(),
            Paths::new(),
        );
        let components = api.components.get_or_insert_default();
        components.schemas.insert("FieldError".into(), crate::base::FieldError::schema());
        components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
        );
        for entry in &self.0 {
            components.schemas.extend(entry.schemas.iter().cloned());
        }
        for entry in &self.0 {
            let path = entry.full_path();
            let mut item = entry.item.clone();
            for (method, operation) in operations_mut(&mut item) {
                operation.operation_id = Some(operation_id(&method, &path));
                describe_access(operation, entry.access);
            }
            match api.paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => {
                    api.paths.paths.insert(path, item);
                }
            }
        }
        api
    }

    /// The routers of `/api/v1`, of `/api` and of the root, each route behind its gate.
    pub(super) fn mount(self, kit: &Kit) -> Router {
        let mut taken: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        for entry in &self.0 {
            taken.entry(entry.full_path()).or_default().extend(operations(&entry.item).map(|(method, _)| verb(&method)));
        }
        let (mut canonical, mut bare, mut root) = (Router::new(), Router::new(), Router::new());
        for entry in self.0 {
            let verbs = taken.get_mut(&entry.full_path()).expect("collected above");
            let twin = entry.twin(verbs);
            // One bucket for both mounts: the second path is no second allowance.
            let limit = entry.options.rate.map(|rate| Arc::new(RouteLimit::new(rate)));
            if entry.root {
                root = root.route(&entry.path, entry.gated(kit, Mount::Root, twin.as_ref(), limit));
            } else {
                canonical = canonical.route(&entry.path, entry.gated(kit, Mount::Canonical, twin.as_ref(), limit.clone()));
                bare = bare.route(&entry.path, entry.gated(kit, Mount::Bare, twin.as_ref(), limit));
            }
        }
        root.nest("/api/v1", canonical).nest("/api", bare)
    }
}

impl Entry {
    fn full_path(&self) -> String {
        if self.root { self.path.clone() } else { format!("/api/v1{}", self.path) }
    }

    /// PUT and PATCH both take partial bodies: the verb to add, and the one that answers it.
    fn twin(&self, taken: &mut BTreeSet<&'static str>) -> Option<(MethodFilter, Method)> {
        if self.item.patch.is_some() && taken.insert("PUT") {
            Some((MethodFilter::PUT, Method::PATCH))
        } else if self.item.put.is_some() && taken.insert("PATCH") {
            Some((MethodFilter::PATCH, Method::PUT))
        } else {
            None
        }
    }

    fn gated(
        &self,
        kit: &Kit,
        mount: Mount,
        twin: Option<&(MethodFilter, Method)>,
        limit: Option<Arc<RouteLimit>>,
    ) -> MethodRouter {
        let path = self.full_path().into();
        let state = Gate { kit: kit.clone(), access: self.access, options: self.options, mount, path, limit };
        let routes = self.methods.clone().with_state(kit.clone()).route_layer(middleware::from_fn_with_state(state, gate));
        match twin {
            Some((asked, answers)) => {
                let inner = routes.clone();
                routes.on_service(*asked, Twin { inner, answers: answers.clone() })
            }
            None => routes,
        }
    }
}

/// Answers one verb with another's handler.
#[derive(Clone)]
struct Twin {
    inner: MethodRouter,
    answers: Method,
}

impl Service<Request> for Twin {
    type Response = Response;
    type Error = Infallible;
    type Future = <MethodRouter as Service<Request>>::Future;
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, mut request: Request) -> Self::Future {
        *request.method_mut() = self.answers.clone();
        self.inner.call(request)
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (HttpMethod, &Operation)> {
    [
        (HttpMethod::Get, &item.get),
        (HttpMethod::Put, &item.put),
        (HttpMethod::Post, &item.post),
        (HttpMethod::Delete, &item.delete),
        (HttpMethod::Options, &item.options),
        (HttpMethod::Head, &item.head),
        (HttpMethod::Patch, &item.patch),
        (HttpMethod::Trace, &item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Options, &mut item.options),
        (HttpMethod::Head, &mut item.head),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Trace, &mut item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

fn verb(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Put => "PUT",
        HttpMethod::Post => "POST",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}

fn http_method(method: &HttpMethod) -> Method {
    Method::from_bytes(verb(method).as_bytes()).expect("every verb above is a method")
}

/// `getApiV1QueuesByQueueId` without the prefix everybody shares: unique, whatever the functions are called.
fn operation_id(method: &HttpMethod, path: &str) -> String {
    let mut id = verb(method).to_ascii_lowercase();
    for part in path.strip_prefix("/api/v1").unwrap_or(path).split('/').filter(|part| !part.is_empty()) {
        let parameter = part.starts_with('{');
        if parameter {
            id.push_str("By");
        }
        for word in part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let mut letters = word.chars();
            id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            id.push_str(letters.as_str());
        }
    }
    id
}

fn describe_access(operation: &mut Operation, access: Access) {
    let (security, permission) = match access {
        Access::Public | Access::Form | Access::Webhook => (vec![], None),
        Access::SignedIn => (vec![SecurityRequirement::new("bearer", Vec::<String>::new())], None),
        Access::Needs(permission) => (vec![SecurityRequirement::new("bearer", Vec::<String>::new())], Some(permission.0)),
    };
    operation.security = Some(security);
    if let Some(permission) = permission {
        operation.extensions.get_or_insert_default().merge(Extensions::from_iter([("x-permission", permission)]));
    }
    let problem = ResponseBuilder::new()
        .description("What went wrong")
        .content("application/problem+json", ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build())
        .build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(problem));
}
