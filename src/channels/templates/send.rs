//! A message made of a template: which gaps it fills, and how it reads.

use super::{
    model::{ButtonKind, HandedFile, HeaderKind, Spot, Template, TemplateButton, TemplateStatus, Wording},
    rules::{CODE_MAX, LINE_MAX, VALUE_MAX},
    wording::{self, Values},
};
use crate::{
    base::{ChannelId, Check, Error, FileId, Result, TemplateId},
    conversations::{
        Button, Extra, Interactive, InteractiveKind, Media, MediaState, MessageKind, Place, TemplateUse, TemplateVariable,
    },
    platform::store::{Read, TenantScope},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Longest text of a template with its gaps filled, in characters.
const FILLED_MAX: usize = 4_096;

/// A template to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SendTemplate)]
pub struct TemplateOrder {
    /// Which.
    pub template_id: TemplateId,
    /// What each gap is filled with, by its name. `button.{n}` may also give what a press on an answer says, what a form is
    /// opened with (its token, or a JSON object), or the product whose picture stands for the catalogue.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>, example = json!({"1": "Rita"}))]
    pub variables: Values,
    /// The file of its header, handed in by `POST /media`.
    pub media_id: Option<FileId>,
}

/// What a template becomes: the parts of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Text, or what its header's file is.
    pub kind: MessageKind,
    /// All its words.
    pub content: String,
    /// Its header's file.
    pub media: Option<Media>,
    /// The template and its gaps, the place of its header, its buttons.
    pub extra: Extra,
}

/// Makes a message of a template, for a conversation over `channel`. `place` is for a header that shows one.
///
/// # Errors
/// `Invalid` naming `template.templateId`, `template.mediaId`, `location` or `template.variables.{name}`; conflicts
/// `template_not_approved`, `template_paused`, `not_supported`.
pub fn fill_order(
    read: &impl Read<Scope = TenantScope>,
    channel: ChannelId,
    order: &TemplateOrder,
    place: Option<Place>,
) -> Result<Made> {
    let template = read.get::<Template>(&order.template_id)?.filter(|template| template.channel == channel);
    let template = template
        .ok_or_else(|| Error::invalid("template.templateId", "unknown", "name a template of this conversation's channel"))?;
    may_be_sent(&template)?;
    let file = match order.media_id {
        Some(id) => {
            let file = read.get::<HandedFile>(&id)?;
            Some(file.ok_or_else(|| Error::invalid("template.mediaId", "unknown", "name a file that was handed in"))?.media)
        }
        None => None,
    };
    let mut check = Check::new();
    let kind = check_header(&mut check, &template.wording, file.as_ref(), place.is_some());
    check_values(&mut check, &template.wording, &order.variables);
    check.done()?;
    let filled = wording::fill(&template.wording, &order.variables);
    let content = filled.text();
    let is_short = content.chars().count() <= FILLED_MAX;
    Check::new().that(is_short, "template.variables", "too_long", "give at most 4096 characters in all").done()?;
    let variables = template.wording.variables.iter().filter_map(|v| {
        let value = wording::value_of(v, &template.wording.variables, &order.variables)?;
        let component = match v.spot {
            Spot::Header => "header",
            Spot::Body => "body",
            Spot::Button => "button",
        };
        Some(TemplateVariable { component: component.into(), button: v.button, name: v.name.clone(), value: value.into() })
    });
    let variables = variables.chain(extras(&template.wording, &order.variables));
    let used = TemplateUse {
        name: template.name.clone(),
        language: template.language.clone(),
        category: Some(template.category.word().to_owned()),
        variables: variables.collect(),
    };
    let extra = Extra { template: Some(used), place, interactive: buttons(&filled), ..Extra::default() };
    Ok(Made { kind, content, media: file, extra })
}

/// Only what is approved may be sent.
fn may_be_sent(template: &Template) -> Result<()> {
    match template.status {
        TemplateStatus::Approved => {}
        TemplateStatus::Paused => {
            let detail = "the provider has paused this template because readers complained: take another one or wait";
            return Err(Error::conflict("template_paused", detail));
        }
        _ => return Err(Error::conflict("template_not_approved", "the provider has not approved this template")),
    }
    match &template.unsupported {
        Some(part) => Err(Error::conflict("not_supported", format!("a template with a part {part} can't be sent from here"))),
        None => Ok(()),
    }
}

/// The kind of the message, by its header.
fn check_header(check: &mut Check, wording: &Wording, file: Option<&Media>, has_place: bool) -> MessageKind {
    let head = wording.header.as_ref().map(|header| header.kind);
    let wanted = match head {
        Some(HeaderKind::Image) => Some((MessageKind::Image, "image/", "give a picture")),
        Some(HeaderKind::Video) => Some((MessageKind::Video, "video/", "give a film")),
        Some(HeaderKind::Document) => Some((MessageKind::Document, "", "give a file")),
        Some(HeaderKind::Text | HeaderKind::Location) | None => None,
    };
    let wants_place = head == Some(HeaderKind::Location);
    check.that(has_place || !wants_place, "location", "required", "give the place that the header shows");
    check.that(wants_place || !has_place, "location", "not_allowed", "this template shows no place");
    let Some((kind, begins, detail)) = wanted else {
        check.that(file.is_none(), "template.mediaId", "not_allowed", "this template has no file");
        return MessageKind::Text;
    };
    check.that(file.is_some(), "template.mediaId", "required", detail);
    if let Some(file) = file {
        let fits = file.state == MediaState::Ready && file.mime.as_deref().is_some_and(|mime| mime.starts_with(begins));
        check.that(fits, "template.mediaId", "format", detail);
    }
    kind
}

fn check_values(check: &mut Check, wording: &Wording, values: &Values) {
    for variable in &wording.variables {
        let field = format!("template.variables.{}", wording::key(variable));
        let value = wording::value_of(variable, &wording.variables, values).unwrap_or_default();
        check.that(!value.trim().is_empty(), field.clone(), "required", "fill this gap");
        let is_code = variable.spot == Spot::Button && variable.name == wording::COUPON;
        let most = match variable.spot {
            Spot::Header => LINE_MAX,
            Spot::Body => VALUE_MAX,
            Spot::Button if is_code => CODE_MAX,
            Spot::Button => VALUE_MAX,
        };
        let fits = value.chars().count() <= most;
        check.that(fits, field.clone(), "too_long", format!("give at most {most} characters"));
        // The provider refuses these (132018).
        let is_flat = !value.contains(['\n', '\r', '\t']) && !value.contains("    ");
        check.that(is_flat, field.clone(), "format", "no line breaks, tabs or more than three spaces in a row");
        let is_path = variable.spot != Spot::Button || is_code || !value.contains(char::is_whitespace);
        check.that(is_path, field, "format", "no spaces in an address");
    }
    for (n, button) in wording.buttons.iter().enumerate() {
        let Some(value) = wording::extra_of(button.kind).and_then(|_| values.get(&format!("button.{n}"))) else { continue };
        let field = format!("template.variables.button.{n}");
        check.that(value.chars().count() <= VALUE_MAX, field.clone(), "too_long", format!("give at most {VALUE_MAX} characters"));
        let is_object = serde_json::from_str::<serde_json::Value>(value).is_ok_and(|told| told.is_object());
        let is_form = button.kind == ButtonKind::Flow && value.trim_start().starts_with('{');
        check.that(!is_form || is_object, field, "format", "give the form's token, or a JSON object of what it is opened with");
    }
    for name in values.keys() {
        let takes =
            |(n, button): (usize, &TemplateButton)| wording::extra_of(button.kind).is_some() && *name == format!("button.{n}");
        if wording.buttons.iter().enumerate().any(takes) {
            continue;
        }
        let is_known = wording.variables.iter().any(|v| wording::key(v) == *name || v.name == *name);
        check.that(is_known, format!("template.variables.{name}"), "unknown", "this template has no such gap");
    }
}

/// What its buttons are given besides gaps. A form is always opened with something, if only with a token of no meaning.
fn extras<'a>(wording: &'a Wording, values: &'a Values) -> impl Iterator<Item = TemplateVariable> + 'a {
    (0..).zip(&wording.buttons).filter_map(|(n, button)| {
        let name = wording::extra_of(button.kind)?;
        let value = values.get(&format!("button.{n}")).filter(|value| !value.trim().is_empty());
        let value = if button.kind == ButtonKind::Flow { value.cloned().unwrap_or_default() } else { value?.clone() };
        Some(TemplateVariable { component: "button".into(), button: Some(n), name: name.into(), value })
    })
}

/// The buttons as a thread shows them.
fn buttons(filled: &wording::Filled) -> Option<Interactive> {
    let button = |(n, button): (usize, &TemplateButton)| Button {
        id: n.to_string(),
        title: button.text.clone(),
        url: match button.kind {
            ButtonKind::Url => button.url.clone(),
            ButtonKind::Phone => button.phone.as_ref().map(|phone| format!("tel:+{}", phone.trim_start_matches('+'))),
            ButtonKind::QuickReply | ButtonKind::CopyCode | ButtonKind::Flow | ButtonKind::Catalog => None,
        },
    };
    let buttons: Vec<Button> = filled.buttons.iter().enumerate().map(button).collect();
    (!buttons.is_empty()).then(|| Interactive {
        kind: InteractiveKind::Buttons,
        header: None,
        footer: None,
        buttons,
        sections: Vec::new(),
        parameters: None,
    })
}
