//! Templates over HTTP, and their frames.

use super::{
    commands::{self, require_template},
    model::{
        Category, Header, HeaderKind, Quality, TEMPLATE_MANAGE, TEMPLATE_READ, TEMPLATES_BY_NAME, TEMPLATES_OF_CHANNEL, Template,
        TemplateStatus,
    },
    provider::{Draft, Refusal, TemplateBook},
    requests::{self, ButtonView, GapView, HeaderView, NewTemplate, TemplateChange},
    rules,
    sync::{self, Parts},
    wording::{self, Values},
};
use crate::{
    base::{Actor, ChannelId, Error, Result, TemplateId, Timestamp, text::fold},
    channels::{adapter::Line, api::id_of, commands::require_channel, model::Channel, receiving::ingest::Ingest},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, page_of, routes as router},
        journal::Event,
        media::MediaStore,
        outbound::Outbound,
        realtime::{Class, Encoded, Encoder},
        store::{KeyRange, Lane, Read, Tx, View},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// The doors of templates.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(TEMPLATE_READ), router!(list_templates))
        .add(Access::Needs(TEMPLATE_READ), router!(get_template))
        .add(Access::Needs(TEMPLATE_READ), router!(preview_template))
        .add(Access::Needs(TEMPLATE_MANAGE), router!(create_template))
        .add(Access::Needs(TEMPLATE_MANAGE), router!(update_template))
        .add(Access::Needs(TEMPLATE_MANAGE), router!(delete_template))
        .add(Access::Needs(TEMPLATE_MANAGE), router!(sync_templates))
}

/// A template as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Template)]
struct TemplateView {
    /// Its id.
    id: TemplateId,
    /// Of which channel.
    channel_id: ChannelId,
    /// The provider's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// Its name at the provider.
    #[schema(example = "appointment_reminder")]
    name: String,
    /// Its language at the provider.
    #[schema(example = "pt_BR")]
    language: String,
    /// What it is for.
    category: Category,
    /// Where it stands.
    status: TemplateStatus,
    /// Why it stands there, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How readers take it.
    quality: Quality,
    /// Above.
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<HeaderView>,
    /// The words, with their gaps.
    #[schema(example = "Hello {{1}}, we'll be there at {{2}} o'clock.")]
    body: String,
    /// Small words below.
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<String>,
    /// Buttons.
    buttons: Vec<ButtonView>,
    /// Its gaps, in the order in which one reads.
    variables: Vec<GapView>,
    /// The provider's word for a part that can't be filled from here: it is shown, not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CAROUSEL")]
    unsupported: Option<String>,
    /// Since when we know it.
    created_at: Timestamp,
    /// Last change.
    updated_at: Timestamp,
    /// Sequence of the last change.
    rev: u64,
}

impl From<Template> for TemplateView {
    fn from(t: Template) -> Self {
        let header = |h: Header| HeaderView { kind: h.kind, text: h.text, media_id: h.example_file };
        Self {
            id: t.id,
            channel_id: t.channel,
            external_id: t.external_id,
            name: t.name,
            language: t.language,
            category: t.category,
            status: t.status,
            reason: t.reason,
            quality: t.quality,
            header: t.wording.header.map(header),
            body: t.wording.body,
            footer: t.wording.footer,
            buttons: t.wording.buttons.into_iter().map(Into::into).collect(),
            variables: t.wording.variables.into_iter().map(Into::into).collect(),
            unsupported: t.unsupported,
            created_at: t.created_at,
            updated_at: t.updated_at,
            rev: t.rev,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct TemplateQuery {
    /// Only of this channel (id or running number).
    #[param(value_type = Option<String>)]
    channel_id: Option<IdOrNumber<ChannelId>>,
    /// Only those that stand so; without it all but those that are gone.
    #[param(inline)]
    status: Option<TemplateStatus>,
    /// Only in this language; `pt` finds `pt_BR` and `pt_PT`.
    language: Option<String>,
    /// Only those whose name or words hold this.
    q: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

impl TemplateQuery {
    fn finds(&self, template: &Template) -> bool {
        let status = match self.status {
            Some(status) => template.status == status,
            None => template.status != TemplateStatus::Deleted,
        };
        let language = self.language.as_deref().is_none_or(|wanted| {
            let wanted = wanted.replace('-', "_");
            template.language.eq_ignore_ascii_case(&wanted)
                || template.language.split_once('_').is_some_and(|(first, _)| first.eq_ignore_ascii_case(&wanted))
        });
        let words = self.q.as_deref().map(fold).filter(|words| !words.trim().is_empty());
        status
            && language
            && words.is_none_or(|words| {
                fold(&template.name).contains(words.trim()) || fold(&template.wording.body).contains(words.trim())
            })
    }
}

/// Templates by name and language. A kind of channel without templates has none.
#[utoipa::path(get, path = "/templates", tag = "templates", params(TemplateQuery, PageQuery),
    responses((status = 200, body = Page<TemplateView>)))]
async fn list_templates(State(kit): State<Kit>, actor: Actor, Query(query): Query<TemplateQuery>) -> Result<Page<TemplateView>> {
    let (limit, after) = (query.page.limit(), query.page.after()?);
    kit.store().view(actor.tenant, |view| {
        let turn = |template: Template| Ok(query.finds(&template).then(|| template.into()));
        match query.channel_id {
            Some(named) => {
                let id = id_of(view, named)?;
                let range = KeyRange::prefix(id).after(after.filter(|at| at.starts_with(id.as_bytes())));
                page_of(view.list(&TEMPLATES_OF_CHANNEL, range)?, limit, turn)
            }
            None => page_of(view.list(&TEMPLATES_BY_NAME, KeyRange::all().after(after))?, limit, turn),
        }
    })
}

/// One template.
#[utoipa::path(get, path = "/templates/{templateId}", tag = "templates", params(("templateId" = TemplateId, Path)),
    responses((status = 200, body = TemplateView)))]
async fn get_template(State(kit): State<Kit>, actor: Actor, Path(id): Path<TemplateId>) -> Result<Json<TemplateView>> {
    kit.store().view(actor.tenant, |view| Ok(Json(require_template(view, id)?.into())))
}

/// What gaps are filled with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PreviewTemplate {
    /// By name; what is left out stays a gap.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>, example = json!({"1": "Rita"}))]
    variables: Values,
}

/// A template as its reader will see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TemplatePreview {
    /// Above.
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<HeaderView>,
    /// The words.
    body: String,
    /// Small words below.
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<String>,
    /// Buttons.
    buttons: Vec<ButtonView>,
    /// All its words, as a thread shows them.
    text: String,
}

/// Fills a template's gaps without sending it.
#[utoipa::path(post, path = "/templates/{templateId}/preview", tag = "templates", params(("templateId" = TemplateId, Path)),
    request_body = PreviewTemplate, responses((status = 200, body = TemplatePreview)))]
async fn preview_template(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<TemplateId>,
    Json(body): Json<PreviewTemplate>,
) -> Result<Json<TemplatePreview>> {
    let template = kit.store().view(actor.tenant, |view| require_template(view, id))?;
    let filled = wording::fill(&template.wording, &body.variables);
    let text = filled.text();
    let header = template.wording.header.map(|header| HeaderView {
        kind: header.kind,
        text: filled.header.filter(|_| header.kind == HeaderKind::Text),
        media_id: header.example_file,
    });
    let buttons = filled.buttons.into_iter().map(Into::into).collect();
    Ok(Json(TemplatePreview { header, body: filled.body, footer: filled.footer, buttons, text }))
}

/// What asks the provider about a channel's templates.
struct Desk {
    ingest: Arc<Ingest>,
    outbound: Arc<Outbound>,
    line: Line,
    channel: Channel,
}

impl Desk {
    fn of(kit: &Kit, actor: &Actor, channel: Channel) -> Result<Self> {
        let ingest = kit.service::<Ingest>();
        let line = ingest.accounts().line(actor.tenant, &channel);
        let line = line.ok_or_else(|| Error::conflict("no_token", "give the channel an access token first"))?;
        Ok(Self { ingest, outbound: kit.service::<Outbound>(), line, channel })
    }
    fn book(&self) -> Result<&dyn TemplateBook> {
        let book = self.ingest.adapters().of(self.channel.kind()).templates();
        book.ok_or_else(|| Error::conflict("not_supported", "this kind of channel has no templates"))
    }
    /// Hands over the file that whoever approves the draft looks at.
    async fn show_example(&self, kit: &Kit, actor: &Actor, draft: &mut Draft) -> Result<()> {
        let media = kit.service::<MediaStore>();
        let file = kit.store().view(actor.tenant, |view| requests::example_of(view, &media, actor.tenant, draft))?;
        if let (Some(file), Some(header)) = (file, &mut draft.wording.header) {
            header.example_handle = Some(self.book()?.show_example((&self.outbound, &self.line), &file).await?);
        }
        Ok(())
    }
}

/// Hands a template in at the provider, who looks at it before it may be sent.
#[utoipa::path(post, path = "/channels/{channelId}/templates", tag = "templates", params(("channelId" = String, Path)),
    request_body = NewTemplate, responses((status = 201, body = TemplateView)))]
async fn create_template(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
    Json(body): Json<NewTemplate>,
) -> Result<(StatusCode, Json<TemplateView>)> {
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, id_of(view, named)?))?;
    let (id, mut draft) = (channel.id, body.draft());
    let is_taken = kit.store().view(actor.tenant, |view| {
        let there = view.find(&TEMPLATES_OF_CHANNEL, (id, draft.name.as_str(), draft.language.as_str()))?;
        Ok(there.is_some_and(|template: Template| template.status != TemplateStatus::Deleted))
    })?;
    rules::check(&draft)?;
    if is_taken {
        let detail = "a template of this name and language is there already: change it, or take another name";
        return Err(Error::conflict_at("name", "template_exists", detail));
    }
    let desk = Desk::of(&kit, &actor, channel)?;
    desk.show_example(&kit, &actor, &mut draft).await?;
    let made = desk.book()?.create((&desk.outbound, &desk.line), &draft).await?;
    let write = move |tx: &mut Tx<'_, '_>| commands::made(tx, id, draft, made);
    let template = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), write).await?;
    Ok((StatusCode::CREATED, Json(template.into())))
}

/// Hands in new words of a template; it is looked at anew.
#[utoipa::path(patch, path = "/templates/{templateId}", tag = "templates", params(("templateId" = TemplateId, Path)),
    request_body = TemplateChange, responses((status = 200, body = TemplateView)))]
async fn update_template(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<TemplateId>,
    Json(body): Json<TemplateChange>,
) -> Result<Json<TemplateView>> {
    let (template, channel) = theirs(&kit, &actor, id)?;
    let may = matches!(template.status, TemplateStatus::Approved | TemplateStatus::Rejected | TemplateStatus::Paused);
    let Some(external_id) = template.external_id.clone().filter(|_| may && template.unsupported.is_none()) else {
        let detail = "only an approved, refused or paused template can be changed, and none with parts unknown here";
        return Err(Error::conflict("template_not_editable", detail));
    };
    let mut draft = body.draft(&template);
    if draft.category != template.category && template.status == TemplateStatus::Approved {
        let detail = "the category of an approved template can't be changed";
        return Err(Error::conflict_at("category", "template_not_editable", detail));
    }
    rules::check(&draft)?;
    let desk = Desk::of(&kit, &actor, channel)?;
    desk.show_example(&kit, &actor, &mut draft).await?;
    desk.book()?.edit((&desk.outbound, &desk.line), &external_id, &draft).await?;
    let write = move |tx: &mut Tx<'_, '_>| commands::edited(tx, id, draft);
    let template = kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), write).await?;
    Ok(Json(template.into()))
}

/// Deletes a template at the provider, in its one language. Messages made from it stay.
#[utoipa::path(delete, path = "/templates/{templateId}", tag = "templates", params(("templateId" = TemplateId, Path)),
    responses((status = 204)))]
async fn delete_template(State(kit): State<Kit>, actor: Actor, Path(id): Path<TemplateId>) -> Result<StatusCode> {
    let (template, channel) = theirs(&kit, &actor, id)?;
    if template.status == TemplateStatus::Deleted {
        return Ok(StatusCode::NO_CONTENT);
    }
    if let Some(external_id) = &template.external_id {
        let desk = Desk::of(&kit, &actor, channel)?;
        match desk.book()?.delete((&desk.outbound, &desk.line), external_id, &template.name).await {
            Ok(()) => {}
            // Code 100: there is no such template. That is what was wanted.
            Err(Refusal::Said { code, .. }) if code == "100" => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), move |tx| commands::deleted(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What bringing the list up to date found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TemplatesSynced {
    /// Templates on the provider's list.
    found: usize,
    /// New here.
    created: usize,
    /// Changed here.
    updated: usize,
    /// No more there.
    deleted: usize,
}

/// Brings a channel's templates up to date with the provider's list, now.
#[utoipa::path(post, path = "/channels/{channelId}/templates/sync", tag = "templates", params(("channelId" = String, Path)),
    responses((status = 200, body = TemplatesSynced)))]
async fn sync_templates(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
) -> Result<Json<TemplatesSynced>> {
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, id_of(view, named)?))?;
    let (ingest, outbound) = (kit.service::<Ingest>(), kit.service::<Outbound>());
    let parts = Parts { store: kit.store(), accounts: ingest.accounts(), outbound: &outbound, adapters: ingest.adapters() };
    let looked = sync::look(parts, actor.tenant, &channel).await?;
    let counted = looked.counted;
    Ok(Json(TemplatesSynced {
        found: looked.found,
        created: counted.created,
        updated: counted.updated,
        deleted: counted.deleted,
    }))
}

/// A template and its channel.
fn theirs(kit: &Kit, actor: &Actor, id: TemplateId) -> Result<(Template, Channel)> {
    kit.store().view(actor.tenant, |view| {
        let template = require_template(view, id)?;
        let channel = require_channel(view, template.channel)?;
        Ok((template, channel))
    })
}

/// Frames of templates.
pub struct TemplateFrames;

impl Encoder for TemplateFrames {
    fn wants(&self, kind: &str) -> bool {
        kind.starts_with("template.")
    }
    fn class(&self, _receiver: &Actor) -> Class {
        Class(0)
    }
    fn encode(&self, view: &View, event: &Event, _class: Class) -> Result<Option<Encoded>> {
        let Some(template) = view.get::<Template>(&event.subject.into())? else { return Ok(None) };
        let data = serde_json::to_value(TemplateView::from(template))
            .map_err(|e| Error::internal(format!("write a template's frame: {e}")))?;
        Ok(Some(Encoded { kind: event.kind.clone(), data, audience: None }))
    }
}
