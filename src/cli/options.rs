//! The options of the configuration table as flags that every verb understands.

use crate::config::{Config, Given, OPTIONS};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, error::Error};
use std::{collections::BTreeMap, path::PathBuf};

/// What the flags gave.
#[derive(Debug, Default, Clone)]
pub struct Options {
    flags: BTreeMap<&'static str, Vec<String>>,
    config_file: Option<PathBuf>,
}

impl Options {
    /// Reads the flags together with environment and file.
    pub fn load(&self) -> Result<Config, crate::config::ConfigError> {
        // A variable that is no text can't be one of ours.
        let env = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        Config::load(&Given { flags: self.flags.clone(), env, config_file: self.config_file.clone() })
    }
    /// Gives `key` unless the command line has given it.
    pub fn or(mut self, key: &'static str, text: impl Into<String>) -> Self {
        self.flags.entry(key).or_insert_with(|| vec![text.into()]);
        self
    }
}

impl Args for Options {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config").long("config").value_name("FILE").value_parser(clap::value_parser!(PathBuf));
        let file = file.global(true).help("Configuration file (TOML)").help_heading(HEADING);
        OPTIONS.iter().fold(command.arg(file), |command, option| {
            let flag = option.flag();
            let mut help = option.doc.split_whitespace().collect::<Vec<_>>().join(" ");
            if !option.default.is_empty() {
                help.push_str(&format!(" [default: {}]", option.default));
            }
            let arg = Arg::new(option.key).long(flag.trim_start_matches("--").to_owned()).help(help).help_heading(HEADING);
            let arg = arg.global(true).action(if option.list { ArgAction::Append } else { ArgAction::Set });
            // The three everybody needs stand in the short help, the rest under --help.
            let arg = arg.hide_short_help(!["data", "listen", "public_url"].contains(&option.key));
            command.arg(match option.switch {
                true => arg.num_args(0..=1).default_missing_value("true").require_equals(true).value_name("BOOL"),
                false => arg.value_name(option.key.rsplit('.').next().unwrap_or_default().to_ascii_uppercase()),
            })
        })
    }
    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

const HEADING: &str = "Configuration";

impl FromArgMatches for Options {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut options = Options { config_file: matches.get_one::<PathBuf>("config").cloned(), ..Options::default() };
        for option in OPTIONS {
            if let Some(texts) = matches.get_many::<String>(option.key) {
                options.flags.insert(option.key, texts.cloned().collect());
            }
        }
        Ok(options)
    }
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
