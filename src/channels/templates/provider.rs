//! What an adapter does whose provider has templates.

use super::model::{Category, Quality, TemplateStatus, Wording};
use crate::{base::Error, channels::adapter::Line, platform::outbound::Outbound};
use futures_util::future::BoxFuture;
use std::path::PathBuf;

/// A template as the provider lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The provider's id of it.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// Where it stands.
    pub status: TemplateStatus,
    /// Why.
    pub reason: Option<String>,
    /// How readers take it.
    pub quality: Quality,
    /// Its words.
    pub wording: Wording,
    /// The provider's word for a part that we can't fill.
    pub unsupported: Option<String>,
}

/// Part of a provider's list.
#[derive(Debug, Clone, Default)]
pub struct ListedPage {
    /// Templates.
    pub templates: Vec<Listed>,
    /// Where the rest begins; `None`: this is the end.
    pub next: Option<String>,
}

/// What only templates that prove who somebody is have: the provider writes their words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CodeWords {
    /// "For your security, do not share this code."
    pub warns: bool,
    /// "This code expires in N minutes.", 1 to 90.
    pub expires_minutes: Option<u8>,
}

/// A template to be written, or its new words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// Its words; its header's file has a handle.
    pub wording: Wording,
    /// Of a template that proves who somebody is.
    pub code: CodeWords,
}

/// What the provider made of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The provider's id of it.
    pub external_id: String,
    /// Where it stands; usually it is being looked at.
    pub status: TemplateStatus,
    /// What it is for, by the provider's judgement.
    pub category: Category,
}

/// A file that shows whoever approves a template what its header will hold.
#[derive(Debug, Clone)]
pub struct ExampleFile {
    /// Media type, by its bytes.
    pub mime: String,
    /// Its length.
    pub bytes: u64,
    /// Where it lies.
    pub path: PathBuf,
}

/// Why the provider did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No answer, or one that says nothing.
    #[error("the provider does not answer: {0}")]
    Away(String),
    /// Its own code and words.
    #[error("{words}")]
    Said {
        /// The code.
        code: String,
        /// The words, for a person to read.
        words: String,
    },
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Away(why) => Error::unavailable(format!("the provider does not answer: {why}")),
            Refusal::Said { words, .. } => Error::conflict("provider_refused", words),
        }
    }
}

/// Where a call goes: the way out, and the account.
pub type Reach<'a> = (&'a Outbound, &'a Line);

/// A provider's templates.
pub trait TemplateBook: Send + Sync {
    /// Part of the list, from `after` on.
    fn page<'a>(&'a self, reach: Reach<'a>, after: Option<&'a str>) -> BoxFuture<'a, Result<ListedPage, Refusal>>;
    /// Hands a draft in to be approved.
    fn create<'a>(&'a self, reach: Reach<'a>, draft: &'a Draft) -> BoxFuture<'a, Result<Made, Refusal>>;
    /// Hands in new words of a template.
    fn edit<'a>(&'a self, reach: Reach<'a>, external_id: &'a str, draft: &'a Draft) -> BoxFuture<'a, Result<(), Refusal>>;
    /// Deletes a template in one language.
    fn delete<'a>(&'a self, reach: Reach<'a>, external_id: &'a str, name: &'a str) -> BoxFuture<'a, Result<(), Refusal>>;
    /// Hands a header's example over; gives the provider's handle of it.
    fn show_example<'a>(&'a self, reach: Reach<'a>, file: &'a ExampleFile) -> BoxFuture<'a, Result<String, Refusal>>;
}
