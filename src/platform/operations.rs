//! The machinery's own screens: dead letters, deliveries and timers of a tenant, and what the box says of itself.

use super::{
    deadletters::{self, DEADLETTER_MANAGE, DeadLetter, DeadLetterState, DeadLetters},
    disk::DiskGuard,
    http::{Access, Json, Kit, Page, PageQuery, Path, Query, Routes, cursor, routes},
    jobs::{self, JOB_READ, Job, JobState},
    journal::Event,
    outbox::{self, Delivery, DeliveryState},
    realtime::{Class, Encoded, Encoder},
    store::{Lane, Read, View},
    timers::{self, Timer},
};
use crate::base::{Actor, DeadLetterId, DeliveryId, Error, JobId, Permission, Result, Timestamp};
use axum::extract::State;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// May stop jobs and let them go on.
pub const JOB_MANAGE: Permission = Permission("job.manage");

/// May see what the box warns its owner of.
pub const SYSTEM_READ: Permission = Permission("system.read");

/// Routes under the API.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(DEADLETTER_MANAGE), routes!(list_dead_letters))
        .add(Access::Needs(DEADLETTER_MANAGE), routes!(get_dead_letter))
        .add(Access::Needs(DEADLETTER_MANAGE), routes!(retry_dead_letter))
        .add(Access::Needs(DEADLETTER_MANAGE), routes!(discard_dead_letter))
        .add(Access::Needs(JOB_READ), routes!(list_jobs))
        .add(Access::Needs(JOB_MANAGE), routes!(cancel_job))
        .add(Access::Needs(JOB_MANAGE), routes!(retry_job))
        .add(Access::Needs(JOB_READ), routes!(list_deliveries))
        .add(Access::Needs(JOB_READ), routes!(list_timers))
        .add(Access::SignedIn, routes!(get_system))
}

/// Something that could not be read, sent or done.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterView {
    id: DeadLetterId,
    /// `inbound`, `delivery`, `reaction` or `timer`.
    #[schema(example = "inbound")]
    kind: String,
    /// Stable code of the last error.
    #[schema(example = "unreadable")]
    code: String,
    /// The last error in words.
    reason: String,
    /// The record it concerns.
    subject: Option<Uuid>,
    /// Tries made before it was given up.
    attempts: u32,
    state: DeadLetterState,
    at: Timestamp,
    decided_at: Option<Timestamp>,
    /// Id of the person who decided, or `console`.
    decided_by: Option<String>,
    /// Bytes of the raw body.
    size: usize,
    /// The raw body as text, or in base64 where it is none. Only on the single record.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<RawBody>,
    rev: u64,
}

/// Bytes as they came or would have gone.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RawBody {
    /// How `content` shows them.
    encoding: RawEncoding,
    content: String,
}

/// How bytes are shown.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawEncoding {
    /// They are text, as it is.
    Text,
    /// They are none.
    Base64,
}

impl DeadLetterView {
    /// The letter as people see it; `whole` adds the raw body.
    pub fn of(letter: DeadLetter, whole: bool) -> Self {
        let size = letter.raw.len();
        let raw = whole.then(|| match String::from_utf8(letter.raw) {
            Ok(content) => RawBody { encoding: RawEncoding::Text, content },
            Err(e) => RawBody { encoding: RawEncoding::Base64, content: STANDARD.encode(e.as_bytes()) },
        });
        let DeadLetter { id, kind, code, reason, subject, attempts, state, at, decided_at, decided_by, rev, .. } = letter;
        Self { id, kind, code, reason, subject, attempts, state, at, decided_at, decided_by, size, raw, rev }
    }
}

/// Which letters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeadLetterQuery {
    /// Only this kind, decided ones included; without it all open letters.
    kind: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// What could not be read, sent or done, newest first
#[utoipa::path(get, path = "/deadletters", tag = "operations", params(DeadLetterQuery, PageQuery), responses((status = 200, body = Page<DeadLetterView>)))]
async fn list_dead_letters(
    State(kit): State<Kit>,
    actor: Actor,
    Query(query): Query<DeadLetterQuery>,
) -> Result<Page<DeadLetterView>> {
    let (limit, after) = (query.page.limit(), query.page.after()?);
    let rows = kit.store().view(actor.tenant, |view| deadletters::list(view, query.kind.as_deref(), after, limit + 1))?;
    Ok(page(rows, limit, |letter| DeadLetterView::of(letter, false)))
}

/// One dead letter with its raw body
#[utoipa::path(get, path = "/deadletters/{deadLetterId}", tag = "operations", params(("deadLetterId" = DeadLetterId, Path)), responses((status = 200, body = DeadLetterView)))]
async fn get_dead_letter(State(kit): State<Kit>, actor: Actor, Path(id): Path<DeadLetterId>) -> Result<Json<DeadLetterView>> {
    kit.store().view(actor.tenant, |view| Ok(Json(DeadLetterView::of(view.require(&id)?, true))))
}

/// Tries again what a dead letter is about
#[utoipa::path(post, path = "/deadletters/{deadLetterId}/retry", tag = "operations", params(("deadLetterId" = DeadLetterId, Path)), responses((status = 200, body = DeadLetterView)))]
async fn retry_dead_letter(State(kit): State<Kit>, actor: Actor, Path(id): Path<DeadLetterId>) -> Result<Json<DeadLetterView>> {
    let letters: Arc<DeadLetters> = kit.service();
    let letter = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| letters.retry(tx, id)).await?;
    Ok(Json(DeadLetterView::of(letter, false)))
}

/// Puts a dead letter aside for good
#[utoipa::path(post, path = "/deadletters/{deadLetterId}/discard", tag = "operations", params(("deadLetterId" = DeadLetterId, Path)), responses((status = 200, body = DeadLetterView)))]
async fn discard_dead_letter(State(kit): State<Kit>, actor: Actor, Path(id): Path<DeadLetterId>) -> Result<Json<DeadLetterView>> {
    let letter =
        kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| deadletters::discard(tx, id)).await?;
    Ok(Json(DeadLetterView::of(letter, false)))
}

/// One piece of bulk work.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    id: JobId,
    /// Running number in the tenant.
    number: u64,
    kind: String,
    state: JobState,
    /// Pieces done …
    done: u64,
    /// … of so many, if that is known.
    total: Option<u64>,
    /// Failures in a row.
    attempts: u32,
    last_error: Option<String>,
    next_run: Option<Timestamp>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// Id of the person who ordered it, `console` or `system`.
    ordered_by: String,
    rev: u64,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            number: job.number,
            kind: job.kind,
            state: job.state,
            done: job.done,
            total: job.total,
            attempts: job.attempts,
            last_error: job.last_error,
            next_run: job.next_run,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            ordered_by: job.ordered_by,
            rev: job.rev,
        }
    }
}

/// Bulk work, newest first
#[utoipa::path(get, path = "/jobs", tag = "operations", params(PageQuery), responses((status = 200, body = Page<JobView>)))]
async fn list_jobs(State(kit): State<Kit>, actor: Actor, Query(query): Query<PageQuery>) -> Result<Page<JobView>> {
    let (limit, after) = (query.limit(), query.after()?);
    let rows = kit.store().view(actor.tenant, |view| jobs::list(view, after, limit + 1))?;
    Ok(page(rows, limit, JobView::from))
}

/// Stops a job; what its steps did stays
#[utoipa::path(post, path = "/jobs/{jobId}/cancel", tag = "operations", params(("jobId" = JobId, Path)), responses((status = 200, body = JobView)))]
async fn cancel_job(State(kit): State<Kit>, actor: Actor, Path(id): Path<JobId>) -> Result<Json<JobView>> {
    let job = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| jobs::cancel(tx, id)).await?;
    Ok(Json(job.into()))
}

/// Lets a failed or cancelled job go on where it stood
#[utoipa::path(post, path = "/jobs/{jobId}/retry", tag = "operations", params(("jobId" = JobId, Path)), responses((status = 200, body = JobView)))]
async fn retry_job(State(kit): State<Kit>, actor: Actor, Path(id): Path<JobId>) -> Result<Json<JobView>> {
    let job = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| jobs::retry(tx, id)).await?;
    Ok(Json(job.into()))
}

/// Outgoing work that is not settled yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    id: DeliveryId,
    /// Which hand performs it.
    #[schema(example = "channel.send")]
    kind: String,
    /// Those of one lane leave in order.
    lane: String,
    state: DeliveryState,
    attempts: u32,
    /// When it is looked at next; absent while it waits behind another or is under way.
    next_run: Option<Timestamp>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    last_code: Option<String>,
    last_error: Option<String>,
}

impl From<Delivery> for DeliveryView {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id,
            kind: d.kind,
            lane: d.lane,
            state: d.state,
            attempts: d.attempts,
            next_run: d.next_run,
            created_at: d.created_at,
            started_at: d.started_at,
            last_code: d.last_code,
            last_error: d.last_error,
        }
    }
}

/// Deliveries that are not settled yet, by their ids
#[utoipa::path(get, path = "/deliveries", tag = "operations", params(PageQuery), responses((status = 200, body = Page<DeliveryView>)))]
async fn list_deliveries(State(kit): State<Kit>, actor: Actor, Query(query): Query<PageQuery>) -> Result<Page<DeliveryView>> {
    let (limit, after) = (query.limit(), query.after()?);
    let rows = kit.store().view(actor.tenant, |view| outbox::list(view, after, limit + 1))?;
    Ok(page(rows, limit, DeliveryView::from))
}

/// Something that will happen at a time.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimerView {
    /// What for.
    purpose: String,
    /// The record it concerns.
    subject: Uuid,
    /// When it was meant to run.
    due: Timestamp,
    /// When it runs next: `due`, or later after a failure.
    next_run: Timestamp,
    attempts: u32,
    last_error: Option<String>,
}

impl From<Timer> for TimerView {
    fn from(t: Timer) -> Self {
        Self {
            purpose: t.purpose,
            subject: t.subject,
            due: t.due,
            next_run: t.next_run,
            attempts: t.attempts,
            last_error: t.last_error,
        }
    }
}

/// Timers, the next one first
#[utoipa::path(get, path = "/timers", tag = "operations", params(PageQuery), responses((status = 200, body = Page<TimerView>)))]
async fn list_timers(State(kit): State<Kit>, actor: Actor, Query(query): Query<PageQuery>) -> Result<Page<TimerView>> {
    let (limit, after) = (query.limit(), query.after()?);
    let rows = kit.store().view(actor.tenant, |view| timers::list(view, after, limit + 1))?;
    Ok(page(rows, limit, TimerView::from))
}

fn page<R, T>(rows: Vec<(R, Vec<u8>)>, limit: usize, show: impl Fn(R) -> T) -> Page<T> {
    // Rows were read one beyond the page: only where there is more, one is told where to read on.
    let next_cursor = (rows.len() > limit).then(|| cursor(&rows[limit - 1].1));
    Page { items: rows.into_iter().take(limit).map(|(row, _)| show(row)).collect(), next_cursor }
}

/// Frames of jobs and dead letters, as their lists show them.
pub struct OperationsEncoder;

impl Encoder for OperationsEncoder {
    fn wants(&self, kind: &str) -> bool {
        matches!(kind, "deadletter.created" | "deadletter.updated" | "job.created" | "job.updated")
    }
    fn encode(&self, view: &View, event: &Event, _: Class) -> Result<Option<Encoded>> {
        let data = if event.kind.starts_with("job.") {
            view.get::<Job>(&JobId(event.subject))?.map(|job| serde_json::to_value(JobView::from(job)))
        } else {
            let letter = view.get::<DeadLetter>(&DeadLetterId(event.subject))?;
            letter.map(|letter| serde_json::to_value(DeadLetterView::of(letter, false)))
        };
        let data = data.transpose().map_err(|e| Error::internal(format!("write the frame of {}: {e}", event.kind)))?;
        Ok(data.map(|data| Encoded { kind: event.kind.clone(), data, audience: None }))
    }
}

/// What this box is, as `app.rs` hands it over.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Version of the program.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// Build; a web app of another build reloads itself.
    pub build: String,
    /// A fictional firm with simulated traffic?
    pub demo: bool,
}

/// The box as its users see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SystemView {
    #[serde(flatten)]
    about: About,
    /// The address the outside world is told.
    public_url: Option<String>,
    /// Reached without HTTPS from another machine: browsers then give no microphone, push, passkeys or service worker.
    insecure: bool,
    /// What the owner should look at; told to who holds `system.read`.
    warnings: Vec<Warning>,
}

/// Something the owner should look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Warning {
    /// `disk_low`, `disk_full`, `untrusted_proxy`, `not_ready`.
    #[schema(example = "untrusted_proxy")]
    code: &'static str,
    /// What it is about, e.g. an address.
    detail: String,
}

/// What this box is and what its owner should look at
#[utoipa::path(get, path = "/system", tag = "operations", responses((status = 200, body = SystemView)))]
async fn get_system(State(kit): State<Kit>, actor: Actor, request: axum::extract::Request) -> Json<SystemView> {
    let context = request.extensions().get::<super::http::RequestContext>();
    let insecure = context.is_some_and(|c| !c.secure && !c.address.is_loopback());
    let proxies = kit.untrusted_proxies().into_iter().map(|peer| Warning { code: "untrusted_proxy", detail: peer.to_string() });
    let disk = kit.find_service::<DiskGuard>().and_then(|disk| disk.warning());
    let disk = disk.map(|(code, detail)| Warning { code, detail });
    // The disk has a warning of its own, in words that say what to do.
    let hindered = kit.unreadiness().into_iter().filter(|(name, _)| *name != "disk");
    let hindered = hindered.map(|(name, why)| Warning { code: "not_ready", detail: format!("{name}: {why}") });
    let mut warnings: Vec<Warning> = disk.into_iter().chain(proxies).chain(hindered).collect();
    // Addresses and paths of the house are no business of a customer's.
    if !actor.grants.allows(SYSTEM_READ) {
        warnings.clear();
    }
    let (about, public_url) = (About::clone(&kit.service::<About>()), kit.settings().public_url.clone());
    Json(SystemView { about, public_url, insecure, warnings })
}
