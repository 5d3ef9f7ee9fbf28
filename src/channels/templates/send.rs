//! A message made of a template: which gaps it fills, and how it reads.

use super::{
    model::{ButtonKind, HandedFile, HeaderKind, Spot, Template, TemplateStatus, Wording},
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
    /// What each gap is filled with, by its name.
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
    for name in values.keys() {
        let is_known = wording.variables.iter().any(|v| wording::key(v) == *name || v.name == *name);
        check.that(is_known, format!("template.variables.{name}"), "unknown", "this template has no such gap");
    }
}

/// The buttons as a thread shows them.
fn buttons(filled: &wording::Filled) -> Option<Interactive> {
    let button = |(n, button): (usize, &super::model::TemplateButton)| Button {
        id: n.to_string(),
        title: button.text.clone(),
        url: match button.kind {
            ButtonKind::Url => button.url.clone(),
            ButtonKind::Phone => button.phone.as_ref().map(|phone| format!("tel:+{}", phone.trim_start_matches('+'))),
            ButtonKind::QuickReply | ButtonKind::CopyCode => None,
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
