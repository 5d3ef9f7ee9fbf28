//! Templates and files handed in ahead: records with their tables and indexes.

use crate::{
    base::{ChannelId, FileId, Permission, TemplateId, Timestamp, UserId},
    conversations::Media,
    platform::store::{Index, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// See templates and send them.
pub const TEMPLATE_READ: Permission = Permission("template.read");
/// Write, change and delete templates at the provider, and bring the list up to date.
pub const TEMPLATE_MANAGE: Permission = Permission("template.manage");

/// A template came. Listeners of all these: realtime.
pub const TEMPLATE_CREATED: &str = "template.created";
/// A template was changed, here or at the provider.
pub const TEMPLATE_UPDATED: &str = "template.updated";
/// A template is no more at the provider.
pub const TEMPLATE_DELETED: &str = "template.deleted";

/// What a template is for, by the provider's judgement. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// Offers and news; needs the customer's consent.
    Marketing,
    /// About something the customer ordered or asked for.
    Utility,
    /// Codes to prove who somebody is; the provider writes their words.
    Authentication,
}

impl Category {
    /// From the provider's word; older words mean what became of them.
    pub fn parse(word: &str) -> Self {
        match word {
            "MARKETING" => Self::Marketing,
            "AUTHENTICATION" | "OTP" => Self::Authentication,
            _ => Self::Utility,
        }
    }
    /// The provider's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Marketing => "MARKETING",
            Self::Utility => "UTILITY",
            Self::Authentication => "AUTHENTICATION",
        }
    }
}

/// Where a template stands at the provider. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateStatus {
    /// Being looked at.
    Pending,
    /// May be sent.
    Approved,
    /// Refused; the reason says why.
    Rejected,
    /// Readers complained: may not be sent for some hours.
    Paused,
    /// May not be sent any more.
    Disabled,
    /// The refusal is being looked at again.
    InAppeal,
    /// No more at the provider.
    Deleted,
}

impl TemplateStatus {
    /// From the provider's word, of a list or of a notice; one that changes nothing, or that we don't know, gives `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "APPROVED" | "REINSTATED" => Self::Approved,
            "PENDING" | "IN_REVIEW" => Self::Pending,
            "REJECTED" => Self::Rejected,
            "PAUSED" => Self::Paused,
            "DISABLED" | "LIMIT_EXCEEDED" | "LOCKED" | "ARCHIVED" => Self::Disabled,
            "IN_APPEAL" => Self::InAppeal,
            "DELETED" | "PENDING_DELETION" => Self::Deleted,
            _ => return None,
        })
    }
}

/// How readers take a template. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Quality {
    /// Well.
    Green,
    /// Some complain.
    Yellow,
    /// Many complain: it will be paused.
    Red,
    /// Too few have read it.
    #[default]
    Unknown,
}

impl Quality {
    /// From the provider's word.
    pub fn parse(word: &str) -> Self {
        match word {
            "GREEN" | "HIGH" => Self::Green,
            "YELLOW" | "MEDIUM" => Self::Yellow,
            "RED" | "LOW" => Self::Red,
            _ => Self::Unknown,
        }
    }
}

/// What stands above the words. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HeaderKind {
    /// A line.
    Text,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A place.
    Location,
}

/// The head of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What it is.
    pub kind: HeaderKind,
    /// The line, of a header that is one; may have a gap.
    pub text: Option<String>,
    /// The file shown to whoever approves it, where it was handed in with us.
    pub example_file: Option<FileId>,
    /// The provider's handle or address of that file.
    pub example_handle: Option<String>,
}

/// What a button of a template does. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ButtonKind {
    /// Answers with its own words.
    QuickReply,
    /// Opens a page.
    Url,
    /// Calls a number.
    Phone,
    /// Copies a code.
    CopyCode,
    /// Opens a form of the provider's, named where the template was made.
    Flow,
    /// Opens the firm's catalogue at the provider.
    Catalog,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// What it does.
    pub kind: ButtonKind,
    /// What stands on it.
    pub text: String,
    /// The page it opens; may end in a gap.
    pub url: Option<String>,
    /// The number it calls.
    pub phone: Option<String>,
    /// For whoever approves it: the page with its gap filled, or the code.
    pub example: Option<String>,
}

/// Where a gap is. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Spot {
    /// In the header's line.
    Header,
    /// In the words.
    Body,
    /// In a button.
    Button,
}

/// A gap to be filled when the template is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Where.
    pub spot: Spot,
    /// In which button, from 0.
    pub button: Option<u32>,
    /// As it stands between the braces: a word, or its number from 1.
    pub name: String,
    /// For whoever approves it.
    pub example: Option<String>,
}

/// The words of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Above.
    pub header: Option<Header>,
    /// The words themselves.
    pub body: String,
    /// Small words below.
    pub footer: Option<String>,
    /// Buttons.
    pub buttons: Vec<TemplateButton>,
    /// Its gaps, in the order in which one reads.
    pub variables: Vec<Variable>,
}

/// A template in one language, as one channel's provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Of which channel.
    pub channel: ChannelId,
    /// The provider's id of it.
    pub external_id: Option<String>,
    /// Its name at the provider.
    pub name: String,
    /// Its language at the provider, e.g. `pt_BR`.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// Where it stands.
    pub status: TemplateStatus,
    /// Why it stands there, in the provider's words.
    pub reason: Option<String>,
    /// How readers take it.
    pub quality: Quality,
    /// Its words.
    pub wording: Wording,
    /// The provider's word for a part that we can't fill; such a template is shown and not sent.
    pub unsupported: Option<String>,
    /// Since when we know it.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

/// A channel's templates by name and language. One that is gone keeps its place: made anew, it is the same again.
pub static TEMPLATES_OF_CHANNEL: Index<Template> = Index::unique(0x7031, "templates of a channel", |t, entries| {
    entries.add((t.channel, t.name.as_str(), t.language.as_str()));
});
/// The provider's id to template.
pub static EXTERNAL_ID_TO_TEMPLATE: Index<Template> = Index::ordered(0x7032, "external id", |t, entries| {
    if let Some(id) = &t.external_id {
        entries.add((t.channel, id.as_str()));
    }
});
/// All templates by name and language.
pub static TEMPLATES_BY_NAME: Index<Template> =
    Index::ordered(0x7033, "templates by name", |t, entries| entries.add((t.name.as_str(), t.language.as_str())));

impl Record for Template {
    type Key = TemplateId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7030);
    const NAME: &'static str = "template";
    const INDEXES: &'static [&'static Index<Self>] = &[&TEMPLATES_OF_CHANNEL, &EXTERNAL_ID_TO_TEMPLATE, &TEMPLATES_BY_NAME];
    fn key(&self) -> TemplateId {
        self.id
    }
}

/// A file handed in ahead of the message or template it goes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedFile {
    /// Its id.
    pub id: FileId,
    /// The file.
    pub media: Media,
    /// Who handed it in.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// Files by the hash of their bytes and of their small pictures, so that nobody sweeps them away.
pub static HASH_TO_FILE: Index<HandedFile> = Index::ordered(0x7041, "files by hash", |f, entries| {
    for hash in f.media.hash.iter().chain(&f.media.thumbnail) {
        entries.add(hash.as_str());
    }
});
/// Files by when they came.
pub static FILES_BY_TIME: Index<HandedFile> = Index::ordered(0x7042, "files by time", |f, entries| entries.add(f.at));

impl Record for HandedFile {
    type Key = FileId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x7040);
    const NAME: &'static str = "handed file";
    const INDEXES: &'static [&'static Index<Self>] = &[&HASH_TO_FILE, &FILES_BY_TIME];
    fn key(&self) -> FileId {
        self.id
    }
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Template>();
        check::<HandedFile>();
    }
}
