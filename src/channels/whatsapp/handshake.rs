//! Meta's verification of a webhook address: echo the challenge to whoever knows the verify token.

use subtle::ConstantTimeEq;

/// A verification call, as its query said it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Handshake {
    /// `subscribe`.
    #[serde(rename = "hub.mode", default)]
    #[param(example = "subscribe")]
    pub mode: String,
    /// The token the owner wrote into Meta's dashboard.
    #[serde(rename = "hub.verify_token", default)]
    pub verify_token: String,
    /// To be given back as it came.
    #[serde(rename = "hub.challenge", default)]
    #[param(example = "1158201444")]
    pub challenge: String,
}

impl Handshake {
    /// The challenge, if the mode is right and the token is one of `known`. Challenges stay text: they may
    /// exceed what a number holds.
    pub fn answer<'k>(&self, known: impl Iterator<Item = &'k str>) -> Option<&str> {
        let mut matches = false;
        for token in known {
            // All are compared, so that the time says nothing about which was near.
            matches |= !token.is_empty() & bool::from(token.as_bytes().ct_eq(self.verify_token.as_bytes()));
        }
        (self.mode == "subscribe" && matches).then_some(self.challenge.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_token_gets_the_challenge_back() {
        let ask = |mode: &str, token: &str| {
            let ask =
                Handshake { mode: mode.into(), verify_token: token.into(), challenge: "123456789012345678901234567890".into() };
            ask.answer(["", "one", "two"].into_iter()).map(str::to_owned)
        };
        assert_eq!(ask("subscribe", "two").as_deref(), Some("123456789012345678901234567890"));
        for (mode, token) in [("subscribe", ""), ("subscribe", "three"), ("unsubscribe", "one"), ("", "one")] {
            assert_eq!(ask(mode, token), None, "{mode} {token}");
        }
    }
}
