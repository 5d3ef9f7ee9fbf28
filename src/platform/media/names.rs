//! Names that strangers give their files, made harmless.

use std::fmt::Write;

/// Longest name kept, in characters.
const NAME_CHARS_MAX: usize = 120;
/// Names that mean devices where files are saved to Windows.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// The name without folders, control characters, or marks that show it other than it is (`evil\u{202e}gpj.exe` shows as
/// `evilexe.jpg`); `None` where nothing is left.
pub fn clean_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = last.chars().filter(|c| !c.is_control() && !crate::base::text::is_invisible(*c));
    let kept: String = kept.map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c }).collect();
    let kept = kept.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let stem = kept.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
    let kept = if DEVICES.contains(&stem.as_str()) || numbered { format!("_{kept}") } else { kept.to_owned() };
    let count = kept.chars().count();
    let short = match (count > NAME_CHARS_MAX, ending_of(&kept)) {
        (false, _) => kept,
        // The ending says what it is: the middle goes.
        (true, Some(ending)) => {
            let room = NAME_CHARS_MAX.saturating_sub(ending.chars().count() + 1);
            format!("{}.{ending}", kept.chars().take(room).collect::<String>())
        }
        (true, None) => kept.chars().take(NAME_CHARS_MAX).collect(),
    };
    (!short.is_empty()).then_some(short)
}

/// What follows the last dot, in lower case; at most ten letters and digits.
pub fn ending_of(name: &str) -> Option<String> {
    let (stem, ending) = name.trim_end_matches(|c: char| c.is_whitespace() || c == '.').rsplit_once('.')?;
    let plain = (1..=10).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && !stem.is_empty()).then(|| ending.to_ascii_lowercase())
}

/// A `Content-Disposition` with the name in both forms of RFC 6266 and RFC 5987.
pub fn disposition(inline: bool, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '%') { c } else { '_' })
        .collect();
    let mut out = format!("{}; filename=\"{plain}\"", if inline { "inline" } else { "attachment" });
    if plain != name {
        out.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // attr-char of RFC 5987.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                out.push(byte as char);
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_is_dangerous_and_keep_the_rest() {
        for (given, kept) in [
            ("foto.jpg", Some("foto.jpg")),
            ("Relatório 2026 – São Paulo.pdf", Some("Relatório 2026 – São Paulo.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Windows\\system32\\cmd.exe", Some("cmd.exe")),
            ("a\0b\r\nSet-Cookie: x.png", Some("abSet-Cookie_ x.png")),
            ("evil\u{202e}gpj.exe", Some("evilgpj.exe")),
            ("...hidden", Some("hidden")),
            ("NUL.txt", Some("_NUL.txt")),
            ("com1.log", Some("_com1.log")),
            ("communication.log", Some("communication.log")),
            ("a/", None),
            ("..", None),
            ("", None),
            ("\u{200b}\u{202e}", None),
        ] {
            assert_eq!(clean_name(given).as_deref(), kept, "{given:?}");
        }
        let long = clean_name(&format!("{}.pdf", "x".repeat(500))).unwrap();
        assert!(long.ends_with(".pdf") && long.chars().count() == NAME_CHARS_MAX);
    }

    #[test]
    fn a_name_travels_in_a_header() {
        assert_eq!(disposition(true, "foto.jpg"), "inline; filename=\"foto.jpg\"");
        assert_eq!(
            disposition(false, "São \"x\".pdf"),
            "attachment; filename=\"S_o _x_.pdf\"; filename*=UTF-8''S%C3%A3o%20%22x%22.pdf"
        );
    }
}
