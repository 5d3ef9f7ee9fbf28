//! The second wall before the log: values beside names that sound secret are starred out.

use std::borrow::Cow;

/// Names whose values never appear, compared without case, `-` and `_`.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "setcookie",
    "apikey",
    "xapikey",
    "accesstoken",
    "refreshtoken",
    "appsecret",
    "verifytoken",
    "hmackey",
    "privatekey",
    "passphrase",
    "otp",
    "setupcode",
];

/// `line` with secrets starred out: `name=value`, `"name":"value"` and `Bearer value`.
pub fn mask(line: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some((start, end)) = next_secret(line, at) {
        out.push_str(&line[copied..start]);
        out.push_str("***");
        (copied, at) = (end, end);
    }
    if copied == 0 {
        return Cow::Borrowed(line);
    }
    out.push_str(&line[copied..]);
    Cow::Owned(out)
}

/// The next value to hide at or after `from`, as a byte range.
fn next_secret(line: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = line.as_bytes();
    let mut i = from;
    while i < bytes.len() {
        match bytes[i] {
            b'=' | b':' if names_secret(&bytes[..i]) => {
                let (start, end) = value_after(bytes, i + 1);
                if end > start {
                    return Some((start, end));
                }
            }
            b' ' if bytes[..i].last_chunk::<6>().is_some_and(|word| word.eq_ignore_ascii_case(b"bearer")) => {
                let (start, end) = value_after(bytes, i + 1);
                if end > start {
                    return Some((start, end));
                }
            }
            _ => {}
        }
        i += 1;
    }
    None
}

/// Does the text before a separator end with a secret's name?
fn names_secret(before: &[u8]) -> bool {
    let before = before.strip_suffix(b"\\\"").or_else(|| before.strip_suffix(b"\"")).unwrap_or(before);
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let name: Vec<u8> = before.iter().rev().take(32).take_while(is_name).filter(|b| b.is_ascii_alphanumeric()).copied().collect();
    let name: Vec<u8> = name.into_iter().rev().map(|b| b.to_ascii_lowercase()).collect();
    SECRET.iter().any(|secret| secret.as_bytes() == name)
}

/// The value that begins at `at`: a quoted string's inside, or up to the next separator.
fn value_after(bytes: &[u8], at: usize) -> (usize, usize) {
    let mut start = at;
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    let rest = &bytes[start..];
    for quote in [b"\\\"".as_slice(), b"\"".as_slice()] {
        if rest.starts_with(quote) {
            start += quote.len();
            let inside = &bytes[start..];
            let length = (0..inside.len()).find(|&i| inside[i..].starts_with(quote)).unwrap_or(inside.len());
            return (start, start + length);
        }
    }
    // `Authorization: Bearer x` is two words.
    if rest.len() > 7 && rest[..7].eq_ignore_ascii_case(b"bearer ") {
        start += 7;
    }
    let stop = |b: &u8| matches!(b, b' ' | b'&' | b',' | b';' | b'"' | b'}' | b')' | b'\\' | b'\n' | b'\r');
    let length = bytes[start..].iter().position(stop).unwrap_or(bytes.len() - start);
    (start, start + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_starred_and_the_rest_stays() {
        let rows = [
            ("nothing here", "nothing here"),
            (r#"{"password":"hunter2","name":"Ana"}"#, r#"{"password":"***","name":"Ana"}"#),
            (r#"{"accessToken": "EAAG", "n": 1}"#, r#"{"accessToken": "***", "n": 1}"#),
            ("GET /api/events?after=3&token=eyJhbGci&x=1", "GET /api/events?after=3&token=***&x=1"),
            ("Authorization: Bearer eyJhbGci.x.y next", "Authorization: Bearer *** next"),
            ("sent bearer abc.def", "sent bearer ***"),
            (r#"{"message":"body {\"app_secret\":\"abc\",\"a\":1}"}"#, r#"{"message":"body {\"app_secret\":\"***\",\"a\":1}"}"#),
            ("x-api-key: 123", "x-api-key: ***"),
            ("api-key=123 refresh_token=456", "api-key=*** refresh_token=***"),
            ("tokens=3 tokenizer=x", "tokens=3 tokenizer=x"),
            ("password=", "password="),
        ];
        for (line, masked) in rows {
            assert_eq!(mask(line), masked);
        }
    }

    proptest! {
        #[test]
        fn a_seeded_secret_never_shows(before in "[ -~]{0,40}", secret in "s3cr3t[a-zA-Z0-9_.-]{8,40}", name in prop::sample::select(SECRET)) {
            for line in [format!("{before} {name}={secret} after"), format!("{before}{{\"{name}\":\"{secret}\"}}")] {
                prop_assert!(!mask(&line).contains(&secret), "{}", mask(&line));
            }
        }
    }
}
