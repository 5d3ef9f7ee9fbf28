//! Values that somebody fixed outside the app: flag, environment or file win over whatever is set here.

use super::AnySetting;
use crate::base::Error;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What fixes a value from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FixedBy {
    /// The command that starts the server.
    Flag,
    /// A variable of its environment.
    Environment,
    /// Its configuration file.
    File,
}

/// A value that holds whatever is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixture {
    /// What fixes it.
    pub by: FixedBy,
    /// Its name: `--public-url`, `FAROL_PUBLIC_URL`, `/etc/farol/farol.toml`.
    pub name: String,
    /// The option that was given there, e.g. `public_url`.
    pub option: &'static str,
    /// The value in force.
    pub value: Value,
}

impl Fixture {
    /// Why `setting` can't be changed here, and what to do.
    pub(super) fn refusal(&self, setting: &dyn AnySetting) -> Error {
        let (name, option, key) = (&self.name, self.option, setting.name());
        let detail = match self.by {
            FixedBy::Flag => format!("the flag {name} of the server fixes {key}: leave it away or change it"),
            FixedBy::Environment => format!("the environment variable {name} fixes {key}: unset or change it"),
            FixedBy::File => format!("{option} in the configuration file {name} fixes {key}: take it out or change it"),
        };
        Error::conflict("fixed_by_configuration", format!("{detail}, then start the server again"))
    }
}
