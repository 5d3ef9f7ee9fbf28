//! `farol user`: letting people in who can't let themselves in.

use super::{Failure, Options, Outcome, admin::Verbs, house::House, output::field, reach};
use crate::{
    base::{Origin, chance},
    identity::commands::reset_password,
    platform::store::Lane,
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
            let hash = house.passwords.hash(&args.password).await?;
            let email = args.email.clone();
            let reset = move |tx: &mut crate::platform::store::PlatformTx<'_, '_>| reset_password(tx, &email, hash);
            let user = house.store.write_platform(Lane::People, Origin::console(), reset).await?;
            tell.line(json!({"id": user, "email": args.email})).await
        }
    });
}
