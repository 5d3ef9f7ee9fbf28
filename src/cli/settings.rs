//! `farol config`: what is in force and why, whether it is good, and a sample to start from.

use super::{
    House, Outcome,
    admin::{Tell, Verbs},
    options::Options,
    output::field,
    reach,
};
use crate::{base::Result, config, platform::shared::Shared};
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print every option with its value; secrets are masked
    Print {
        /// Also say where each value comes from
        #[arg(long)]
        origin: bool,
    },
    /// Say whether the configuration is good, without starting anything
    Check,
    /// Print a configuration file with every option and its default
    Sample,
}

/// Runs it.
pub fn run(verb: &Verb, options: &Options) -> Outcome {
    match verb {
        Verb::Print { origin } => print(options, *origin)?,
        Verb::Check => {
            let config = options.load()?;
            for note in &config.notes {
                println!("note: {note}");
            }
            println!("the configuration is good");
        }
        Verb::Sample => print!("{}", config::sample()),
    }
    Ok(())
}

fn print(options: &Options, origin: bool) -> Outcome {
    let mut config = options.load()?;
    let mut beyond = Vec::new();
    if config.data.join("farol.redb").exists() {
        let asked = reach::ask(options, "settings", json!({}), |line| {
            let (name, value) = (field(&line, "setting"), &line["value"]);
            if !config.take_app_setting(&name, value) {
                let fixed = if config.fixed(&name).is_some() { ", without effect" } else { "" };
                let line = format!("# {name} = {value}");
                beyond.push(if origin { format!("{line:<64} # app settings{fixed}") } else { line });
            }
        });
        if let Err(failure) = asked {
            eprintln!("farol: what is set in the app is missing here: {}", failure.text);
        }
    }
    print!("{}", config.print(origin));
    if !beyond.is_empty() {
        println!("\n# Set in the app, where no option says it:\n{}", beyond.join("\n"));
    }
    Ok(())
}

#[derive(Deserialize)]
struct NoArgs {}

/// The server's side: tells what is set in the app for the whole box.
pub fn register(verbs: &mut Verbs, house: &House) {
    let house = house.clone();
    verbs.add("settings", move |_: NoArgs, tell| told(house.clone(), tell));
}

async fn told(house: House, tell: Tell) -> Result<()> {
    for setting in crate::app::registry().iter() {
        let name = setting.name();
        let stored = house.store.view_platform(|view| view.shared(name))?;
        // What no longer fits its key is skipped by its readers, too.
        if let Some(value) = stored.and_then(|value| setting.accept(&value).ok()) {
            tell.line(json!({"setting": name, "value": value})).await?;
        }
    }
    Ok(())
}
