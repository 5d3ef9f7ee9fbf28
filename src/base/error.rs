//! The one error of the house. Each kind has a stable code that clients translate; the words beside
//! it are for logs and for developers, never for the people who use the product.

use std::{borrow::Cow, fmt};

/// Result with the house's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field of a request that can't be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field as the request names it; nested fields are joined by dots.
    #[schema(example = "email")]
    pub field: Cow<'static, str>,
    /// Stable reason: `required`, `too_long`, `too_short`, `format`, `unknown`, `taken`, `out_of_range`.
    #[schema(example = "required")]
    pub code: Cow<'static, str>,
    /// What to do about it, in English.
    #[schema(example = "give an e-mail address")]
    pub detail: Cow<'static, str>,
}

/// What went wrong, by who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing there, or nothing the caller may know of.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The caller is known but may not do this; names the missing permission.
    #[error("permission {0} is missing")]
    Forbidden(Cow<'static, str>),
    /// The caller is not known (any more). The code says why: `unauthenticated`, `invalid_credentials`, …
    #[error("not signed in: {0}")]
    Unauthenticated(&'static str),
    /// The request contradicts what is stored. The code is stable, the detail names the remedy.
    #[error("{detail}")]
    Conflict {
        /// Stable code such as `already_assigned`.
        code: &'static str,
        /// What contradicts what, and the remedy.
        detail: Cow<'static, str>,
        /// The fields that contradict it, where one can be named.
        fields: Vec<FieldError>,
    },
    /// The request itself is wrong, field by field.
    #[error("{}", Fields(.0))]
    Invalid(Vec<FieldError>),
    /// A limit of the plan or of a rate is reached; try again after so many seconds (0: never).
    #[error("limit reached: {what}")]
    Quota {
        /// Which limit.
        what: Cow<'static, str>,
        /// Seconds until trying again makes sense.
        retry_after_secs: u64,
    },
    /// Larger than allowed; the limit in bytes.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// The disk has no room for it; the code says how little is left.
    #[error("the disk of this box has no room for this: its owner must make some")]
    NoRoom(&'static str),
    /// Can't be done now; try again in a moment.
    #[error("unavailable: {0}")]
    Unavailable(Cow<'static, str>),
    /// Our own fault. The text goes to the log and never leaves the house.
    #[error("internal: {0}")]
    Internal(String),
}

struct Fields<'a>(&'a [FieldError]);
impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, e) in self.0.iter().enumerate() {
            write!(f, "{}{}: {} ({})", if i == 0 { "" } else { "; " }, e.field, e.detail, e.code)?;
        }
        Ok(())
    }
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: impl Into<Cow<'static, str>>, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Error::Invalid(vec![FieldError { field: field.into(), code: code.into(), detail: detail.into() }])
    }
    /// A contradiction with what is stored.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Error::Conflict { code, detail: detail.into(), fields: Vec::new() }
    }
    /// A contradiction that one field of the request brings about; the form shows it there.
    pub fn conflict_at(field: impl Into<Cow<'static, str>>, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        let fields = vec![FieldError { field: field.into(), code: code.into(), detail: detail.clone() }];
        Error::Conflict { code, detail, fields }
    }
    /// Our own fault; says what was attempted on which thing.
    pub fn internal(attempt: impl fmt::Display) -> Self {
        Error::Internal(attempt.to_string())
    }
    /// Can't be done now.
    pub fn unavailable(why: impl Into<Cow<'static, str>>) -> Self {
        Error::Unavailable(why.into())
    }

    /// The stable code that clients switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::NotFound(_) => "not_found",
            Error::Forbidden(_) => "forbidden",
            Error::Unauthenticated(code) => code,
            Error::Conflict { code, .. } => code,
            Error::Invalid(_) => "invalid",
            Error::Quota { .. } => "quota",
            Error::TooLarge(_) => "too_large",
            Error::NoRoom(code) => code,
            Error::Unavailable(_) => "unavailable",
            Error::Internal(_) => "internal",
        }
    }
    /// Would the same request fail the same way again, whatever the time?
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Error::Unavailable(_) | Error::NoRoom(_) | Error::Internal(_) | Error::Quota { .. })
    }
}

/// Gathers field errors so that a form shows all of them at once.
#[derive(Debug, Default)]
pub struct Check(Vec<FieldError>);

impl Check {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Notes `field` as wrong unless `ok`.
    pub fn that(
        &mut self,
        ok: bool,
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> &mut Self {
        if !ok {
            self.0.push(FieldError { field: field.into(), code: code.into(), detail: detail.into() });
        }
        self
    }
    /// Text must have between `min` and `max` characters after trimming, and as many as `min` that can be seen.
    pub fn length(&mut self, field: &'static str, text: &str, min: usize, max: usize) -> &mut Self {
        let n = text.trim().chars().count();
        let seen = text.chars().filter(|c| !c.is_whitespace() && !super::text::is_invisible(*c)).count();
        self.that(min == 0 || seen > 0, field, "required", "must not be empty");
        self.that(seen == 0 || n >= min, field, "too_short", format!("give at least {min} characters"));
        self.that(!text.contains('\0'), field, "format", "must not hold the character NUL");
        self.that(n <= max, field, "too_long", format!("give at most {max} characters"))
    }
    /// Adds the field errors of another check's outcome and passes its value on.
    pub fn absorb<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(fields)) => {
                self.0.extend(fields);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
    /// All was well, or every wrong field at once.
    pub fn done(&mut self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(std::mem::take(&mut self.0))) }
    }
}
