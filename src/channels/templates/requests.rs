//! Templates as people ask for them.

use super::{
    model::{ButtonKind, Category, HandedFile, Header, HeaderKind, Spot, Template, TemplateButton, Variable, Wording},
    provider::{CodeWords, Draft, ExampleFile},
    wording,
};
use crate::{
    base::{Error, FileId, Result, TenantId},
    platform::{
        http::given,
        media::{MediaHash, MediaStore},
        store::{Read, TenantScope},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The head of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TemplateHeader)]
pub struct HeaderView {
    /// What it is.
    pub kind: HeaderKind,
    /// The line, of a header that is one; may have one gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Order {{1}}")]
    pub text: Option<String>,
    /// A file handed in by `POST /media` that shows what the header will hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_id: Option<FileId>,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TemplateButton)]
pub struct ButtonView {
    /// What it does.
    pub kind: ButtonKind,
    /// What stands on it.
    #[schema(example = "Track")]
    pub text: String,
    /// The page it opens; may end in the gap `{{1}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://example.com/track/{{1}}")]
    pub url: Option<String>,
    /// The number it calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// For whoever approves it: the page with its gap filled, or the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

impl From<TemplateButton> for ButtonView {
    fn from(b: TemplateButton) -> Self {
        Self { kind: b.kind, text: b.text, url: b.url, phone: b.phone, example: b.example }
    }
}

impl From<ButtonView> for TemplateButton {
    fn from(b: ButtonView) -> Self {
        let said = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self { kind: b.kind, text: b.text.trim().to_owned(), url: said(b.url), phone: said(b.phone), example: said(b.example) }
    }
}

/// A gap of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TemplateGap)]
pub struct GapView {
    /// By what it is filled: what stands between the braces, `header.1` for a number in the header, `button.0` for a button.
    #[schema(example = "1")]
    pub name: String,
    /// Where it is.
    pub r#where: Spot,
    /// In which button, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<u32>,
    /// For whoever approves the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Rita")]
    pub example: Option<String>,
}

impl From<Variable> for GapView {
    fn from(v: Variable) -> Self {
        Self { name: wording::key(&v), r#where: v.spot, button: v.button, example: v.example }
    }
}

/// What the provider is told of a template with a code; it writes the words itself.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TemplateCode)]
pub struct CodeInput {
    /// "For your security, do not share this code."
    #[serde(default)]
    warns: bool,
    /// "This code expires in N minutes.", 1 to 90.
    expires_minutes: Option<u8>,
}

/// A template to be handed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTemplate {
    /// Small letters, digits and underscores.
    #[schema(example = "appointment_reminder")]
    name: String,
    /// As the provider writes it.
    #[schema(example = "pt_BR")]
    language: String,
    /// What it is for.
    category: Category,
    /// Above.
    header: Option<HeaderView>,
    /// The words, with gaps `{{1}}`, `{{2}}` or `{{first_name}}`. Left out of a template with a code.
    #[serde(default)]
    #[schema(example = "Hello {{1}}, we'll be there at {{2}} o'clock.")]
    body: String,
    /// Small words below.
    footer: Option<String>,
    /// Buttons.
    #[serde(default)]
    buttons: Vec<ButtonView>,
    /// An example for each gap.
    #[serde(default)]
    variables: Vec<GapView>,
    /// Of a template with a code.
    code: Option<CodeInput>,
}

/// What changes of a template; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateChange {
    /// What it is for; an approved one's can't be changed.
    category: Option<Category>,
    /// Above; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<HeaderView>)]
    header: Option<Option<HeaderView>>,
    /// The words.
    body: Option<String>,
    /// Small words below; `null` takes them away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    footer: Option<Option<String>>,
    /// Buttons.
    buttons: Option<Vec<ButtonView>>,
    /// An example for each gap; those left out keep theirs.
    variables: Option<Vec<GapView>>,
    /// Of a template with a code.
    code: Option<CodeInput>,
}

fn words(header: Option<HeaderView>, body: &str, footer: Option<String>, buttons: Vec<ButtonView>, said: &[GapView]) -> Wording {
    let header = header.map(|asked| Header {
        text: asked.text.map(|text| text.trim().to_owned()).filter(|_| asked.kind == HeaderKind::Text),
        example_file: asked.media_id.filter(|_| !matches!(asked.kind, HeaderKind::Text | HeaderKind::Location)),
        example_handle: None,
        kind: asked.kind,
    });
    let body = body.trim().to_owned();
    let buttons: Vec<TemplateButton> = buttons.into_iter().map(Into::into).collect();
    let example = |spot, button, name: &str| {
        let gap = Variable { spot, button, name: name.to_owned(), example: None };
        let key = wording::key(&gap);
        let fits = |g: &&GapView| g.r#where == spot && g.button == button && (g.name == key || g.name == name);
        said.iter().find(fits)?.example.as_deref().map(|said| said.trim().to_owned()).filter(|said| !said.is_empty())
    };
    let line = header.as_ref().and_then(|header| header.text.as_deref());
    let variables = wording::variables(line, &body, &buttons, example);
    let footer = footer.map(|footer| footer.trim().to_owned()).filter(|footer| !footer.is_empty());
    Wording { header, body, footer, buttons, variables }
}

impl NewTemplate {
    /// What is handed in; unchecked.
    pub fn draft(self) -> Draft {
        let code = self.code.unwrap_or_default();
        Draft {
            name: self.name,
            language: self.language,
            category: self.category,
            wording: words(self.header, &self.body, self.footer, self.buttons, &self.variables),
            code: CodeWords { warns: code.warns, expires_minutes: code.expires_minutes },
        }
    }
}

impl TemplateChange {
    /// What is handed in, made of what there is; unchecked.
    pub fn draft(self, old: &Template) -> Draft {
        let was = old.wording.clone();
        let handle = was.header.as_ref().and_then(|header| Some((header.example_file?, header.example_handle.clone()?)));
        let old_header =
            was.header.map(|header| HeaderView { kind: header.kind, text: header.text, media_id: header.example_file });
        let mut said = self.variables.unwrap_or_default();
        said.extend(was.variables.into_iter().map(GapView::from));
        let buttons = self.buttons.unwrap_or_else(|| was.buttons.into_iter().map(Into::into).collect());
        let header = self.header.unwrap_or(old_header);
        let body = self.body.unwrap_or(was.body);
        let code = self.code.unwrap_or_default();
        let mut wording = words(header, &body, self.footer.unwrap_or(was.footer), buttons, &said);
        // The same file need not be handed over again.
        if let (Some(header), Some((file, handle))) = (&mut wording.header, handle)
            && header.example_file == Some(file)
        {
            header.example_handle = Some(handle);
        }
        Draft {
            name: old.name.clone(),
            language: old.language.clone(),
            category: self.category.unwrap_or(old.category),
            wording,
            code: CodeWords { warns: code.warns, expires_minutes: code.expires_minutes },
        }
    }
}

/// The file that `draft` shows whoever approves it, where it is still to be handed over.
///
/// # Errors
/// `Invalid` naming `header.mediaId`.
pub fn example_of(
    read: &impl Read<Scope = TenantScope>,
    store: &MediaStore,
    tenant: TenantId,
    draft: &Draft,
) -> Result<Option<ExampleFile>> {
    let Some(header) = draft.wording.header.as_ref().filter(|header| header.example_handle.is_none()) else { return Ok(None) };
    let Some(id) = header.example_file else { return Ok(None) };
    let bad = |code, detail: &'static str| Error::invalid("header.mediaId", code, detail);
    let file = read.get::<HandedFile>(&id)?.ok_or_else(|| bad("unknown", "name a file that was handed in"))?;
    let mime = file.media.mime.clone().unwrap_or_default();
    let (fits, detail) = match header.kind {
        HeaderKind::Image => (matches!(mime.as_str(), "image/jpeg" | "image/png"), "give a JPEG or PNG picture"),
        HeaderKind::Video => (mime == "video/mp4", "give an MP4 film"),
        _ => (mime == "application/pdf", "give a PDF file"),
    };
    if !fits {
        return Err(bad("format", detail));
    }
    let hash = file.media.hash.as_deref().and_then(|hash| hash.parse::<MediaHash>().ok());
    let hash = hash.ok_or_else(|| bad("unknown", "the file is not there any more"))?;
    let bytes = file.media.bytes.unwrap_or_default();
    Ok(Some(ExampleFile { mime, bytes, path: store.files().path(tenant, hash) }))
}
