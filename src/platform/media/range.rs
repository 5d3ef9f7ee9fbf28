//! `Range` (RFC 9110, section 14): one part of a file at a time.

/// What a request asks for of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    All,
    /// From the first to the last byte named, both included.
    Part(u64, u64),
    /// Something that is not in it.
    Nothing,
}

/// Reads a `Range` header over a file of `size` bytes. What is not understood, and several parts at once, count as no wish.
pub fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let Some(parts) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else { return Wanted::All };
    let Some((from, to)) = parts.split_once('-').filter(|_| !parts.contains(',')) else { return Wanted::All };
    let (from, to) = (from.trim(), to.trim());
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    match (from.is_empty(), to.is_empty(), number(from), number(to)) {
        (true, false, _, Some(0)) => Wanted::Nothing,
        (true, false, _, Some(last)) if size > 0 => Wanted::Part(size.saturating_sub(last), size - 1),
        (false, true, Some(from), _) if from < size => Wanted::Part(from, size - 1),
        (false, false, Some(from), Some(to)) if from > to => Wanted::All,
        (false, false, Some(from), Some(to)) if from < size => Wanted::Part(from, to.min(size - 1)),
        (true, false, _, Some(_)) | (false, _, Some(_), Some(_) | None) => Wanted::Nothing,
        _ => Wanted::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (header, size, expected) in [
            (None, 10, Wanted::All),
            (Some("bytes=0-"), 10, Wanted::Part(0, 9)),
            (Some("bytes=0-0"), 10, Wanted::Part(0, 0)),
            (Some("bytes=3-5"), 10, Wanted::Part(3, 5)),
            (Some("bytes=3-500"), 10, Wanted::Part(3, 9)),
            (Some("bytes=9-"), 10, Wanted::Part(9, 9)),
            (Some("bytes=-4"), 10, Wanted::Part(6, 9)),
            (Some("bytes=-40"), 10, Wanted::Part(0, 9)),
            (Some("bytes=10-"), 10, Wanted::Nothing),
            (Some("bytes=99999999999999999999999-"), 10, Wanted::Nothing),
            (Some("bytes=-0"), 10, Wanted::Nothing),
            (Some("bytes=0-"), 0, Wanted::Nothing),
            (Some("bytes=-4"), 0, Wanted::Nothing),
            (Some("bytes=5-3"), 10, Wanted::All),
            (Some("bytes=-"), 10, Wanted::All),
            (Some("bytes=a-b"), 10, Wanted::All),
            (Some("bytes=0-1,3-4"), 10, Wanted::All),
            (Some("lines=0-1"), 10, Wanted::All),
        ] {
            assert_eq!(wanted(header, size), expected, "{header:?} of {size}");
        }
    }
}
