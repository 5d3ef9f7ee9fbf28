//! Places, cards, buttons and templates as the API shows them, and as it takes them where one sends them: one shape for both.

use super::extra::{
    BusinessCard, Button, CardLine, CardPhone, Interactive, InteractiveKind, Place, Row, Section, TemplateUse, TemplateVariable,
};
use crate::base::{Result, error::Check};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Location)]
pub struct PlaceView {
    /// Degrees north of the equator.
    #[schema(example = 48.8584)]
    pub latitude: f64,
    /// Degrees east of Greenwich.
    #[schema(example = 2.2945)]
    pub longitude: f64,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<Place> for PlaceView {
    fn from(p: Place) -> Self {
        Self { latitude: p.latitude(), longitude: p.longitude(), name: p.name, address: p.address, url: p.url }
    }
}

impl PlaceView {
    /// The place as it is stored.
    ///
    /// # Errors
    /// `Invalid` naming `location` where there is no such point.
    pub fn place(self) -> Result<Place> {
        let point = Place::at(self.latitude, self.longitude);
        Check::new().that(point.is_some(), "location", "range", "give degrees within ±90 and ±180").done()?;
        Ok(Place { name: self.name, address: self.address, url: self.url, ..point.unwrap_or_default() })
    }
}

/// A business card.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = BusinessCard)]
pub struct CardView {
    /// The name on it.
    #[schema(example = "Ana Lima")]
    pub name: String,
    /// Firm and department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Phone numbers.
    #[serde(default)]
    pub phones: Vec<CardPhoneView>,
    /// E-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<CardLineView>,
    /// Postal addresses, each in one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<CardLineView>,
    /// Pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<CardLineView>,
    /// As the card writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
}

/// A phone number on a card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CardPhone)]
pub struct CardPhoneView {
    /// As the card writes it.
    #[schema(example = "+33 6 39 98 00 01")]
    pub number: String,
    /// WhatsApp's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// What kind of number it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Anything else on a card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CardLine)]
pub struct CardLineView {
    /// What it says.
    pub value: String,
    /// What kind of thing it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl From<BusinessCard> for CardView {
    fn from(c: BusinessCard) -> Self {
        let lines = |lines: Vec<CardLine>| {
            lines.into_iter().map(|CardLine { value, label }| CardLineView { value, label }).collect::<Vec<_>>()
        };
        let phone = |CardPhone { number, wa_id, label }| CardPhoneView { number, wa_id, label };
        Self {
            name: c.name,
            organisation: c.organisation,
            phones: c.phones.into_iter().map(phone).collect(),
            emails: lines(c.emails),
            addresses: lines(c.addresses),
            urls: lines(c.urls),
            birthday: c.birthday,
        }
    }
}

impl From<CardView> for BusinessCard {
    fn from(c: CardView) -> Self {
        let lines = |lines: Vec<CardLineView>| {
            lines.into_iter().map(|CardLineView { value, label }| CardLine { value, label }).collect::<Vec<_>>()
        };
        let phone = |CardPhoneView { number, wa_id, label }| CardPhone { number, wa_id, label };
        Self {
            name: c.name,
            organisation: c.organisation,
            phones: c.phones.into_iter().map(phone).collect(),
            emails: lines(c.emails),
            addresses: lines(c.addresses),
            urls: lines(c.urls),
            birthday: c.birthday,
        }
    }
}

/// Buttons, a list or a form below a message's words.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Interactive)]
pub struct InteractiveView {
    /// Which.
    pub kind: InteractiveKind,
    /// Words above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Small words below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// Buttons; of a list or a form, the one that opens it.
    #[serde(default)]
    pub buttons: Vec<ButtonView>,
    /// Rows of a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<SectionView>,
    /// What a form (FLOW), a catalogue (CATALOG, PRODUCT, PRODUCT_LIST) or a bill (ORDER_DETAILS, ORDER_STATUS) needs, as
    /// JSON text in the provider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
}

/// A button.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Button)]
pub struct ButtonView {
    /// What a choice of it says.
    #[serde(default)]
    pub id: String,
    /// What stands on it.
    #[schema(example = "Yes, come")]
    pub title: String,
    /// The page it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Part of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Section)]
pub struct SectionView {
    /// Its heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its rows.
    pub rows: Vec<RowView>,
}

/// A row of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Row)]
pub struct RowView {
    /// What a choice of it says.
    pub id: String,
    /// What stands on it.
    pub title: String,
    /// Smaller words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl From<Interactive> for InteractiveView {
    fn from(i: Interactive) -> Self {
        let row = |Row { id, title, description }| RowView { id, title, description };
        let section = |s: Section| SectionView { title: s.title, rows: s.rows.into_iter().map(row).collect() };
        Self {
            kind: i.kind,
            header: i.header,
            footer: i.footer,
            buttons: i.buttons.into_iter().map(|Button { id, title, url }| ButtonView { id, title, url }).collect(),
            sections: i.sections.into_iter().map(section).collect(),
            parameters: i.parameters,
        }
    }
}

impl From<InteractiveView> for Interactive {
    fn from(i: InteractiveView) -> Self {
        let row = |RowView { id, title, description }| Row { id, title, description };
        let section = |s: SectionView| Section { title: s.title, rows: s.rows.into_iter().map(row).collect() };
        Self {
            kind: i.kind,
            header: i.header,
            footer: i.footer,
            buttons: i.buttons.into_iter().map(|ButtonView { id, title, url }| Button { id, title, url }).collect(),
            sections: i.sections.into_iter().map(section).collect(),
            parameters: i.parameters,
        }
    }
}

/// The template a message was made from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TemplateUse)]
pub struct TemplateView {
    /// Its name at the provider.
    #[schema(example = "appointment_reminder")]
    pub name: String,
    /// Its language at the provider.
    #[schema(example = "pt_BR")]
    pub language: String,
    /// Its category at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What its gaps are filled with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<TemplateVariableView>,
}

/// One gap of a template.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TemplateVariable)]
pub struct TemplateVariableView {
    /// Where it is: `header`, `body`, `button`.
    #[schema(example = "body")]
    pub component: String,
    /// Which button, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<u32>,
    /// Its name: a word, or its number from 1.
    #[schema(example = "1")]
    pub name: String,
    /// What it is filled with.
    pub value: String,
}

impl From<TemplateUse> for TemplateView {
    fn from(t: TemplateUse) -> Self {
        let variable =
            |v: TemplateVariable| TemplateVariableView { component: v.component, button: v.button, name: v.name, value: v.value };
        let variables = t.variables.into_iter().map(variable).collect();
        Self { name: t.name, language: t.language, category: t.category, variables }
    }
}

impl From<TemplateView> for TemplateUse {
    fn from(t: TemplateView) -> Self {
        let variable =
            |v: TemplateVariableView| TemplateVariable { component: v.component, button: v.button, name: v.name, value: v.value };
        let variables = t.variables.into_iter().map(variable).collect();
        Self { name: t.name, language: t.language, category: t.category, variables }
    }
}
