//! What a channel carries, and within which lengths: one table per adapter. The composer reads it from the channel's
//! answer, the door checks by it before anything is stored, and the hand before anything leaves, so that what the house
//! itself sends is held to it too.

use crate::{
    base::{Error, Result, error::Check},
    channels::media::fit::WHATSAPP_SIZES,
    conversations::{BusinessCard, Extra, Interactive, InteractiveKind, Media, MessageKind, Place, Poll},
    platform::media::Limits,
};
use serde::Serialize;
use std::{collections::HashSet, fmt};
use url::Url;
use utoipa::ToSchema;

/// Something a channel may be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ability {
    /// Words.
    Text,
    /// Pictures.
    Image,
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// Voice notes.
    Voice,
    /// Files.
    Document,
    /// Stickers.
    Sticker,
    /// A place.
    Location,
    /// Business cards.
    Contact,
    /// Words with buttons that answer.
    Buttons,
    /// Words with a list that opens.
    List,
    /// Words with a button that opens a page.
    UrlButton,
    /// Words with a button that opens a form of the provider's.
    Flow,
    /// Words with a button that asks where somebody is.
    LocationRequest,
    /// Words with the provider's catalogue, products of it, or a bill.
    Commerce,
    /// A picture, film or file above words with buttons.
    Header,
    /// A question with answers to choose from.
    Poll,
    /// Templates approved by the provider.
    Template,
    /// Reactions to messages.
    Reaction,
    /// Changing what went out.
    Edit,
    /// Taking back what went out.
    Delete,
    /// Showing that one is typing.
    Typing,
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Characters of the parameters of a form, a catalogue, a product or a bill; the longest published example has 1,800.
const PARAMETERS_MAX: usize = 16_384;

/// Lengths in characters and counts that a channel allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelLimits)]
pub struct Lengths {
    /// A text.
    #[schema(example = 4096)]
    pub text: usize,
    /// The words below a picture, film or file.
    #[schema(example = 1024)]
    pub caption: usize,
    /// Words above buttons or a list.
    pub interactive_body: usize,
    /// The heading above them.
    pub header: usize,
    /// The small words below.
    pub footer: usize,
    /// Buttons of one message.
    #[schema(example = 3)]
    pub buttons: usize,
    /// What stands on a button, also on one that opens a list or a page.
    #[schema(example = 20)]
    pub button_title: usize,
    /// What stands on the button that opens a form.
    pub flow_button_title: usize,
    /// What a button's choice says.
    pub button_id: usize,
    /// Parts of a list.
    pub sections: usize,
    /// The heading of a part.
    pub section_title: usize,
    /// Rows of a list, all parts together.
    #[schema(example = 10)]
    pub rows: usize,
    /// What stands on a row.
    pub row_title: usize,
    /// The smaller words of a row.
    pub row_description: usize,
    /// What a row's choice says.
    pub row_id: usize,
    /// The address a button opens.
    pub url: usize,
    /// Business cards of one message.
    pub contacts: usize,
    /// Lines of one kind on a card.
    pub contact_lines: usize,
    /// One line of a card.
    pub contact_line: usize,
    /// The name of a place.
    pub place_name: usize,
    /// The address of a place.
    pub place_address: usize,
    /// The question of a poll.
    pub poll_question: usize,
    /// Answers of a poll, at least.
    pub poll_options_min: usize,
    /// Answers of a poll, at most.
    pub poll_options: usize,
    /// One answer of a poll.
    pub poll_option: usize,
    /// A picture, in bytes, after it was made to fit.
    pub image_bytes: u64,
    /// Sound, in bytes.
    pub audio_bytes: u64,
    /// Moving pictures, in bytes.
    pub video_bytes: u64,
    /// Any other file, in bytes.
    pub document_bytes: u64,
}

/// What WhatsApp allows, by whichever provider. Meta's reference names the lengths of interactive messages; those of
/// places, cards and polls are the app's own or, where nobody says, ours.
pub const WHATSAPP: Lengths = Lengths {
    text: 4_096,
    caption: 1_024,
    interactive_body: 1_024,
    header: 60,
    footer: 60,
    buttons: 3,
    button_title: 20,
    flow_button_title: 30,
    button_id: 256,
    sections: 10,
    section_title: 24,
    rows: 10,
    row_title: 24,
    row_description: 72,
    row_id: 200,
    url: 2_000,
    contacts: 20,
    contact_lines: 10,
    contact_line: 300,
    place_name: 1_000,
    place_address: 1_000,
    poll_question: 255,
    poll_options_min: 2,
    poll_options: 12,
    poll_option: 100,
    image_bytes: WHATSAPP_SIZES.image,
    audio_bytes: WHATSAPP_SIZES.audio,
    video_bytes: WHATSAPP_SIZES.video,
    document_bytes: WHATSAPP_SIZES.document,
};

/// What a kind of channel carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carries {
    /// What it can do.
    pub can: &'static [Ability],
    /// Within which lengths.
    pub limits: Lengths,
}

/// What a message consists of, as far as a channel asks.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// What it is.
    pub kind: MessageKind,
    /// Its words.
    pub content: &'a str,
    /// Its file.
    pub media: Option<&'a Media>,
    /// What few messages have.
    pub extra: Option<&'a Extra>,
}

impl Carries {
    /// Can it do this?
    pub fn can(&self, ability: Ability) -> bool {
        self.can.contains(&ability)
    }

    /// Refuses what it can't do.
    ///
    /// # Errors
    /// Conflict `not_supported` naming the kind.
    pub fn require(&self, ability: Ability) -> Result<()> {
        if self.can(ability) {
            return Ok(());
        }
        Err(Error::conflict_at("type", "not_supported", format!("this channel can't carry {ability}")))
    }

    /// How large files may be.
    pub fn sizes(&self) -> Limits {
        let Lengths { image_bytes: image, audio_bytes: audio, video_bytes: video, document_bytes: document, .. } = self.limits;
        Limits { image, audio, video, document }
    }

    /// Refuses what can't go out over this channel as it is.
    ///
    /// # Errors
    /// Conflict `not_supported` naming the kind; `Invalid` naming each field and its limit.
    pub fn check(&self, said: Said<'_>) -> Result<()> {
        let ability = ability_of(said)
            .ok_or_else(|| Error::conflict_at("type", "not_supported", "a message of this kind can't be sent"))?;
        self.require(ability)?;
        if ability == Ability::Template {
            // Its lengths are its template's, which were looked at when its gaps were filled.
            return Ok(());
        }
        let (limits, nothing) = (&self.limits, Extra::default());
        let extra = said.extra.unwrap_or(&nothing);
        let mut fits = Fits(Check::new());
        let asked = extra.interactive.as_ref();
        if asked.is_some() && said.media.is_some() {
            self.require(Ability::Header)?;
        }
        match said.kind {
            _ if asked.is_some() => {
                fits.text("content", said.content, 1, limits.interactive_body);
                fits.interactive(asked, limits);
                fits.above(asked, said.kind, said.media.is_some());
            }
            MessageKind::Text => fits.text("content", said.content, 1, limits.text),
            MessageKind::Location => {
                fits.alone(said.content, "a place");
                fits.place(extra.place.as_ref(), limits);
            }
            MessageKind::Contacts => {
                fits.alone(said.content, "a business card");
                fits.cards(&extra.cards, limits);
            }
            MessageKind::Poll => fits.poll(extra.poll.as_ref(), limits),
            MessageKind::Audio if ability == Ability::Voice => fits.alone(said.content, "a voice note"),
            MessageKind::Audio => fits.alone(said.content, "sound"),
            MessageKind::Sticker => fits.alone(said.content, "a sticker"),
            MessageKind::Image | MessageKind::Video | MessageKind::Document => {
                fits.text("caption", said.content, 0, limits.caption);
            }
            _ => {}
        }
        fits.0.done()
    }
}

/// What a channel must be able to do for this; `None` for what nobody sends.
fn ability_of(said: Said<'_>) -> Option<Ability> {
    let interactive = said.extra.and_then(|extra| extra.interactive.as_ref());
    if said.extra.is_some_and(|extra| extra.template.is_some()) {
        return Some(Ability::Template);
    }
    if let Some(asked) = interactive {
        return Some(match asked.kind {
            InteractiveKind::Buttons => Ability::Buttons,
            InteractiveKind::List => Ability::List,
            InteractiveKind::Link => Ability::UrlButton,
            InteractiveKind::Flow => Ability::Flow,
            InteractiveKind::LocationRequest => Ability::LocationRequest,
            InteractiveKind::Catalog
            | InteractiveKind::Product
            | InteractiveKind::ProductList
            | InteractiveKind::OrderDetails
            | InteractiveKind::OrderStatus => Ability::Commerce,
        });
    }
    Some(match said.kind {
        MessageKind::Text => Ability::Text,
        MessageKind::Image => Ability::Image,
        MessageKind::Video => Ability::Video,
        MessageKind::Audio if said.media.is_some_and(|media| media.is_voice) => Ability::Voice,
        MessageKind::Audio => Ability::Audio,
        MessageKind::Document => Ability::Document,
        MessageKind::Sticker => Ability::Sticker,
        MessageKind::Location => Ability::Location,
        MessageKind::Contacts => Ability::Contact,
        MessageKind::Poll => Ability::Poll,
        MessageKind::Template => Ability::Template,
        MessageKind::Reaction => Ability::Reaction,
        MessageKind::Interactive | MessageKind::Order | MessageKind::System | MessageKind::Unsupported => return None,
    })
}

/// Gathers what does not fit.
struct Fits(Check);

impl Fits {
    /// Between `min` and `max` characters that one can see.
    fn text(&mut self, field: impl Into<String>, text: &str, min: usize, max: usize) {
        let field = field.into();
        let is_seen = text.chars().any(|c| !c.is_whitespace() && !crate::base::text::is_invisible(c));
        self.0.that(min == 0 || is_seen, field.clone(), "required", "must not be empty");
        self.0.that(!text.contains('\0'), field.clone(), "format", "must not hold the character NUL");
        let fits = text.trim().chars().count() <= max;
        self.0.that(fits, field, "too_long", format!("give at most {max} characters"));
    }

    fn some(&mut self, field: impl Into<String>, text: Option<&str>, max: usize) {
        if let Some(text) = text {
            self.text(field, text, 0, max);
        }
    }

    fn count(&mut self, field: impl Into<String>, count: usize, min: usize, max: usize) {
        let field = field.into();
        self.0.that(count >= min, field.clone(), "too_few", format!("give at least {min}"));
        self.0.that(count <= max, field, "too_many", format!("give at most {max}"));
    }

    /// No two the same.
    fn distinct<'a>(&mut self, field: impl Into<String>, all: impl Iterator<Item = &'a str>) {
        let mut seen = HashSet::new();
        let mut all = all.map(str::trim);
        self.0.that(all.all(|one| seen.insert(one)), field.into(), "taken", "give each of them once");
    }

    /// Words that would be shown here and never arrive.
    fn alone(&mut self, content: &str, what: &str) {
        self.0.that(content.is_empty(), "content", "not_allowed", format!("{what} has no words beside it"));
    }

    fn place(&mut self, place: Option<&Place>, limits: &Lengths) {
        self.0.that(place.is_some(), "location", "required", "give a place");
        let Some(place) = place else { return };
        self.some("location.name", place.name.as_deref(), limits.place_name);
        self.some("location.address", place.address.as_deref(), limits.place_address);
        let is_page = |url: &str| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let is_shown = place.url.as_deref().is_none_or(is_page);
        self.0.that(is_shown, "location.url", "format", "give an address that begins with https://");
    }

    fn cards(&mut self, cards: &[BusinessCard], limits: &Lengths) {
        self.count("contacts", cards.len(), 1, limits.contacts);
        for (n, card) in cards.iter().enumerate() {
            let at = |field: &str| format!("contacts[{n}].{field}");
            self.text(at("name"), &card.name, 1, limits.contact_line);
            self.some(at("organisation"), card.organisation.as_deref(), limits.contact_line);
            self.some(at("birthday"), card.birthday.as_deref(), limits.contact_line);
            let phones = card.phones.iter().map(|phone| phone.number.as_str()).collect();
            let lines = [("emails", &card.emails), ("addresses", &card.addresses), ("urls", &card.urls)];
            let lines = lines.map(|(field, lines)| (field, lines.iter().map(|line| line.value.as_str()).collect::<Vec<_>>()));
            for (field, lines) in std::iter::once(("phones", phones)).chain(lines) {
                self.count(at(field), lines.len(), 0, limits.contact_lines);
                for (i, line) in lines.into_iter().enumerate() {
                    self.text(format!("contacts[{n}].{field}[{i}]"), line, 1, limits.contact_line);
                }
            }
        }
    }

    fn interactive(&mut self, interactive: Option<&Interactive>, limits: &Lengths) {
        // Its kind was asked for before.
        let Some(asked) = interactive else { return };
        self.some("interactive.header", asked.header.as_deref(), limits.header);
        self.some("interactive.footer", asked.footer.as_deref(), limits.footer);
        let buttons = match asked.kind {
            InteractiveKind::Buttons => limits.buttons,
            InteractiveKind::List | InteractiveKind::Link | InteractiveKind::Flow => 1,
            _ => 0,
        };
        self.count("interactive.buttons", asked.buttons.len(), buttons.min(1), buttons);
        let title = if asked.kind == InteractiveKind::Flow { limits.flow_button_title } else { limits.button_title };
        for (n, button) in asked.buttons.iter().enumerate() {
            let at = |field: &str| format!("interactive.buttons[{n}].{field}");
            self.text(at("title"), &button.title, 1, title);
            self.text(at("id"), &button.id, 0, limits.button_id);
            if asked.kind == InteractiveKind::Link {
                let url = button.url.as_deref().unwrap_or_default();
                let is_page = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
                self.0.that(is_page, at("url"), "format", "give an address that begins with https://");
                self.text(at("url"), url, 0, limits.url);
            } else {
                self.0.that(button.url.is_none(), at("url"), "not_allowed", "only a button of the kind LINK opens a page");
            }
        }
        self.distinct("interactive.buttons", asked.buttons.iter().map(|button| button.title.as_str()));
        self.distinct("interactive.buttons", asked.buttons.iter().map(|button| button.id.as_str()));
        match asked.kind {
            InteractiveKind::List => self.sections(asked, limits),
            _ => {
                let detail = "only a message of the kind LIST has rows";
                self.0.that(asked.sections.is_empty(), "interactive.sections", "not_allowed", detail);
            }
        }
        let parameters = asked.parameters.as_deref().unwrap_or_default();
        self.text("interactive.parameters", parameters, 0, PARAMETERS_MAX);
        let named: &[&str] = match asked.kind {
            InteractiveKind::Buttons | InteractiveKind::List | InteractiveKind::Link | InteractiveKind::LocationRequest => {
                let detail = "only a form, a catalogue, a product or a bill has parameters";
                self.0.that(asked.parameters.is_none(), "interactive.parameters", "not_allowed", detail);
                return;
            }
            InteractiveKind::Catalog if asked.parameters.is_none() => return,
            InteractiveKind::Catalog | InteractiveKind::Flow => &[],
            InteractiveKind::Product => &["catalog_id", "product_retailer_id"],
            InteractiveKind::ProductList => &["catalog_id", "sections"],
            InteractiveKind::OrderDetails | InteractiveKind::OrderStatus => &["reference_id", "order"],
        };
        let said = asked.parameters.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let has_all = said.is_some_and(|said| said.is_object() && named.iter().all(|name| !said[*name].is_null()));
        let detail = match named {
            [] => "give a JSON object that names the form or the product".to_owned(),
            named => format!("give a JSON object with {}", named.join(" and ")),
        };
        self.0.that(has_all, "interactive.parameters", "format", detail);
    }

    /// What stands above the words: a line or a file, where the kind has room for it.
    fn above(&mut self, interactive: Option<&Interactive>, kind: MessageKind, has_file: bool) {
        let Some(asked) = interactive.filter(|_| has_file) else { return };
        let has_room = matches!(
            asked.kind,
            InteractiveKind::Buttons | InteractiveKind::Link | InteractiveKind::Flow | InteractiveKind::OrderDetails
        );
        let is_shown = matches!(kind, MessageKind::Image | MessageKind::Video | MessageKind::Document);
        self.0.that(
            has_room && is_shown,
            "mediaId",
            "not_allowed",
            "a picture, film or file stands above buttons, forms and bills only",
        );
        self.0.that(
            asked.header.is_none(),
            "interactive.header",
            "not_allowed",
            "give a line or a file above the words, not both",
        );
    }

    fn sections(&mut self, list: &Interactive, limits: &Lengths) {
        self.count("interactive.sections", list.sections.len(), 1, limits.sections);
        let rows = || list.sections.iter().flat_map(|section| &section.rows);
        self.count("interactive.sections", rows().count(), 1, limits.rows);
        for (n, section) in list.sections.iter().enumerate() {
            let title = section.title.as_deref().unwrap_or_default();
            // One part needs no heading; of several nobody could tell which is which.
            let needed = usize::from(list.sections.len() > 1);
            self.text(format!("interactive.sections[{n}].title"), title, needed, limits.section_title);
            self.0.that(!section.rows.is_empty(), format!("interactive.sections[{n}].rows"), "too_few", "give at least 1");
            for (i, row) in section.rows.iter().enumerate() {
                let at = |field: &str| format!("interactive.sections[{n}].rows[{i}].{field}");
                self.text(at("title"), &row.title, 1, limits.row_title);
                self.text(at("id"), &row.id, 1, limits.row_id);
                self.some(at("description"), row.description.as_deref(), limits.row_description);
            }
        }
        self.distinct("interactive.sections", rows().map(|row| row.id.as_str()));
    }

    fn poll(&mut self, poll: Option<&Poll>, limits: &Lengths) {
        self.0.that(poll.is_some(), "poll", "required", "give the answers to choose from");
        let Some(poll) = poll else { return };
        self.text("content", &poll.question, 1, limits.poll_question);
        self.count("poll.options", poll.options.len(), limits.poll_options_min, limits.poll_options);
        for (n, option) in poll.options.iter().enumerate() {
            self.text(format!("poll.options[{n}]"), option, 1, limits.poll_option);
        }
        self.distinct("poll.options", poll.options.iter().map(String::as_str));
    }
}

#[cfg(test)]
#[path = "carries_tests.rs"]
mod tests;
