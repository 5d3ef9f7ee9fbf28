//! The second wall before the log: values beside names that sound secret are starred out.

use std::borrow::Cow;

/// Ends of names whose values never appear, compared without case, `-` and `_`: `client_secret` and `auth-token` too.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "cookie",
    "apikey",
    "accesskey",
    "secretkey",
    "signingkey",
    "privatekey",
    "hmackey",
    "setupcode",
];
/// Names too short to be looked for at the end of others.
const SECRET_ALONE: &[&str] = &["otp", "pin"];
/// Schemes of `Authorization` whose credentials are one word; those of others go to the end of the line.
const ONE_WORD: &[&str] = &["bearer", "basic", "token"];

/// How far a secret's value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// One word.
    Word,
    /// A scheme and what follows.
    Authorization,
    /// To the end of the line: cookies are many.
    Line,
}

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
        let extent = match bytes[i] {
            b'=' | b':' => secret_named(&bytes[..i]),
            b' ' if bytes[..i].last_chunk::<6>().is_some_and(|word| word.eq_ignore_ascii_case(b"bearer")) => Some(Extent::Word),
            _ => None,
        };
        if let Some(extent) = extent {
            let (start, end) = value_after(bytes, i + 1, extent);
            if end > start {
                return Some((start, end));
            }
        }
        i += 1;
    }
    None
}

/// Does the text before a separator end with a secret's name?
fn secret_named(before: &[u8]) -> Option<Extent> {
    let before = before.strip_suffix(b"\\\"").or_else(|| before.strip_suffix(b"\"")).unwrap_or(before);
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let name: Vec<u8> = before.iter().rev().take(64).take_while(is_name).filter(|b| b.is_ascii_alphanumeric()).copied().collect();
    let name: Vec<u8> = name.into_iter().rev().map(|b| b.to_ascii_lowercase()).collect();
    let secret = SECRET.iter().any(|end| name.ends_with(end.as_bytes())) || SECRET_ALONE.iter().any(|n| n.as_bytes() == name);
    secret.then(|| match () {
        () if name.ends_with(b"cookie") => Extent::Line,
        () if name.ends_with(b"authorization") => Extent::Authorization,
        () => Extent::Word,
    })
}

/// The value that begins at `at`: a quoted string's inside, or as far as `extent` says.
fn value_after(bytes: &[u8], at: usize, extent: Extent) -> (usize, usize) {
    let mut start = at;
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    let rest = &bytes[start..];
    if rest.starts_with(b"\\\"") {
        return (start + 2, start + 2 + inside_inner_quotes(&rest[2..]));
    }
    if rest.starts_with(b"\"") {
        return (start + 1, start + 1 + inside_quotes(&rest[1..]));
    }
    let mut line = extent == Extent::Line;
    if extent == Extent::Authorization {
        let word = rest.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-').unwrap_or(rest.len());
        if word > 0 && rest.get(word) == Some(&b' ') {
            let one_word = ONE_WORD.iter().any(|scheme| rest[..word].eq_ignore_ascii_case(scheme.as_bytes()));
            line = !one_word;
            if one_word {
                start += word + 1;
            }
        }
    }
    let stop = |b: &u8| match b {
        b'\n' | b'\r' => true,
        b' ' | b'&' | b',' | b';' | b'}' | b')' | b'"' | b'\\' => !line,
        _ => false,
    };
    let length = bytes[start..].iter().position(stop).unwrap_or(bytes.len() - start);
    let length = if line { length.min(end_of_quoted(bytes, start)) } else { length };
    (start, start + length)
}

/// Length of a string up to the quote that ends it; a quote behind a backslash does not.
fn inside_quotes(bytes: &[u8]) -> usize {
    let mut i = 0;
    while i < bytes.len() && bytes[i] != b'"' {
        i += if bytes[i] == b'\\' { 2 } else { 1 };
    }
    i.min(bytes.len())
}

/// As [`inside_quotes`] for JSON within JSON, where the ending quote itself stands behind one backslash.
fn inside_inner_quotes(bytes: &[u8]) -> usize {
    let mut i = 0;
    while i < bytes.len() {
        match (bytes[i], bytes.get(i + 1)) {
            (b'\\', Some(b'"')) | (b'"', _) => return i,
            // A backslash of the inner text, and what it escapes.
            (b'\\', Some(b'\\')) => i += if bytes.get(i + 2) == Some(&b'\\') { 4 } else { 3 },
            _ => i += 1,
        }
    }
    bytes.len()
}

/// How far a value that goes to the end of the line goes where the line itself stands in a JSON string: to that
/// string's end.
fn end_of_quoted(bytes: &[u8], start: usize) -> usize {
    let (mut inside, mut i) = (false, 0);
    while i < start {
        match bytes[i] {
            b'\\' => i += 1,
            b'"' => inside = !inside,
            _ => {}
        }
        i += 1;
    }
    if inside { inside_quotes(&bytes[start..]) } else { bytes.len() - start }
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
            ("Authorization: Basic dXNlcjpwYXNz next", "Authorization: Basic *** next"),
            ("Proxy-Authorization: basic dXNlcjpwYXNz", "Proxy-Authorization: basic ***"),
            (r#"Authorization: Digest username="ana", response="6629fae"#, "Authorization: ***"),
            (r#"{"authorization":"Basic dXNlcjpwYXNz","n":1}"#, r#"{"authorization":"***","n":1}"#),
            ("Cookie: a=1; session=s3cret; b=2", "Cookie: ***"),
            ("Set-Cookie: session=s3cret; Path=/\nHost: x", "Set-Cookie: ***\nHost: x"),
            (r#"{"message":"got Cookie: a=1; b=2","n":1}"#, r#"{"message":"got Cookie: ***","n":1}"#),
            (r#"{"password":"hun\"ter2","n":1}"#, r#"{"password":"***","n":1}"#),
            (r#"{"password":"hunter2\\","n":1}"#, r#"{"password":"***","n":1}"#),
            (r#"{"body":"{\"password\":\"hun\\\"ter2\",\"n\":1}"}"#, r#"{"body":"{\"password\":\"***\",\"n\":1}"}"#),
            ("auth_token=1 client-secret=2 wa_access_token=3", "auth_token=*** client-secret=*** wa_access_token=***"),
            ("otp=123456 hotpot=1", "otp=*** hotpot=1"),
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
