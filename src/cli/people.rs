//! `farol user` and `farol setup-code`: letting people in who can't let themselves in.

use super::{Failure, Options, Outcome, admin::Verbs, house::House, output::field, reach};
use crate::{
    base::{Error, Result, chance},
    identity::issue_setup_code,
};
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;
use std::io::BufRead;

/// What to do with a person's account.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Give somebody a new password and end all their sessions
    ResetPassword {
        /// The e-mail address they sign in with
        email: String,
        /// Read the new password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Runs `farol user`.
pub fn run(verb: &Verb, options: &Options) -> Outcome {
    let Verb::ResetPassword { email, password_stdin } = verb;
    let (password, made) = if *password_stdin { (password_from_stdin()?, false) } else { (made_password(), true) };
    reach::ask(options, "user.reset-password", json!({"email": email, "password": password}), |line| {
        println!("{} has a new password; all sessions have ended", field(&line, "email"));
    })?;
    if made {
        println!("password: {password}");
    }
    Ok(())
}

/// Runs `farol setup-code`.
pub fn setup_code(options: &Options) -> Outcome {
    reach::ask(options, "setup-code", json!({}), |line| println!("{}", field(&line, "url")))
}

/// The first line of standard input.
pub fn password_from_stdin() -> Outcome<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\n', '\r']).to_owned();
    if password.is_empty() { Err(Failure::usage("standard input holds no password")) } else { Ok(password) }
}

/// Twenty characters that are told apart when read aloud: 100 bits.
pub fn made_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    chance::secret_bytes::<20>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

#[derive(Deserialize)]
struct NoArgs {}
#[derive(Deserialize)]
struct ResetArgs {
    email: String,
    password: String,
}
/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let own = house.clone();
    verbs.add("user.reset-password", move |args: ResetArgs, tell| {
        let house = own.clone();
        async move {
            let user = house.identity.reset_password_by_console(&args.email, &args.password).await?;
            tell.line(json!({"id": user, "email": args.email})).await
        }
    });
    let own = house.clone();
    verbs.add("setup-code", move |_: NoArgs, tell| {
        let house = own.clone();
        async move { tell.line(json!({"url": setup_url(&house)?})).await }
    });
}

/// A new one-time code, in the address where the wizard asks for it.
///
/// # Errors
/// `NotFound` once there is an owner.
pub fn setup_url(house: &House) -> Result<String> {
    if !house.identity.needs_setup() {
        return Err(Error::conflict("set_up", "this box has an owner: `farol user reset-password EMAIL` lets them in again"));
    }
    let code = issue_setup_code(&house.config.data, house.env.now())?;
    Ok(format!("{}/setup?code={code}", house.url()))
}
