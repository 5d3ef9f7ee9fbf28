//! `farol setup`: the wizard without a browser, for unattended installs.

use super::{Failure, Options, Outcome, admin::Verbs, house::House, output::field, people, reach, serve};
use crate::{
    base::{Error, Result, UserId, locale::Language},
    identity::Founding,
};
use clap::Args;
use serde::{Deserialize, Serialize};

/// The wizard's answers.
#[derive(Debug, Args)]
pub struct Setup {
    /// Name of the firm
    #[arg(long)]
    company: String,
    /// E-mail address of the owner, to sign in with
    #[arg(long)]
    email: String,
    /// Name of the owner [default: what stands before the @]
    #[arg(long)]
    name: Option<String>,
    /// Read the owner's password from standard input (the only way to give it)
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Language of the firm: en, pt, fr or es
    #[arg(long, default_value = "en")]
    language: String,
    /// Time zone of the firm
    #[arg(long, default_value = "Europe/Paris")]
    timezone: String,
    /// Country of the firm
    #[arg(long, default_value = "FR")]
    country: String,
    /// Name of the first queue
    #[arg(long, default_value = "Reception")]
    queue: String,
}

#[derive(Serialize, Deserialize)]
struct Answers {
    company: String,
    email: String,
    name: String,
    password: String,
    language: String,
    timezone: String,
    country: String,
    queue: String,
}

/// Runs it.
pub fn run(args: &Setup, options: &Options) -> Outcome {
    let config = options.load()?;
    serve::prepare(&config)?;
    if !config.data.join("farol.redb").exists() {
        reach::make_store(&config)?;
    }
    let local = args.email.split('@').next().unwrap_or_default();
    let answers = Answers {
        company: args.company.clone(),
        email: args.email.clone(),
        name: args.name.clone().unwrap_or_else(|| local.to_owned()),
        password: people::password_from_stdin()?,
        language: args.language.clone(),
        timezone: args.timezone.clone(),
        country: args.country.clone(),
        queue: args.queue.clone(),
    };
    let answers = serde_json::to_value(answers).map_err(Failure::new)?;
    reach::ask(options, "setup", answers, |line| {
        println!("{} belongs to {}", field(&line, "company"), field(&line, "email"));
    })
}

/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let own = house.clone();
    verbs.add("setup", move |answers: Answers, tell| {
        let house = own.clone();
        async move {
            let company = answers.company.clone();
            let email = answers.email.clone();
            let password = answers.password.clone();
            let founding = founding(answers, house.env.new_id())?;
            house.identity.found_by_console(founding, &password).await.map_err(taken)?;
            house.keyring.note(&house.store).await?;
            tell.line(serde_json::json!({"company": company, "email": email})).await
        }
    });
}

fn taken(error: Error) -> Error {
    match error {
        Error::NotFound("setup") => {
            Error::conflict("set_up", "this box has an owner: `farol user reset-password EMAIL` lets them in again")
        }
        other => other,
    }
}

fn founding(answers: Answers, owner: UserId) -> Result<Founding> {
    let language =
        Language::from_tag(&answers.language).ok_or_else(|| Error::invalid("language", "unknown", "give en, pt, fr or es"))?;
    Ok(Founding {
        owner,
        owner_name: answers.name,
        owner_email: answers.email,
        password_hash: None,
        company: answers.company,
        language,
        timezone: answers.timezone,
        country: answers.country.to_uppercase(),
        queue: answers.queue,
    })
}
