//! What the Cloud API's error codes mean for us: try again, wait, give up, or call the owner.

use crate::channels::{receiving::inbound::Failure, sending::outgoing::Class};
use serde_json::Value;

/// The class of an error code (Graph error codes of WhatsApp, v21 to v23).
pub fn of_code(code: i64) -> Class {
    match code {
        1 | 2 | 4 | 80007 | 131000 | 131016 | 131053 | 131057 | 133016 => Class::Retry,
        131056 => Class::Pair,
        130429 | 131048 => Class::Slow,
        131049 => Class::Capped,
        131047 => Class::WindowClosed,
        130472 | 131021 | 131026 | 131030 | 131050 | 131062 | 131063 | 131064 => Class::Recipient,
        100 | 131008 | 131009 | 131051 | 131052 | 132068 | 132069 => Class::Content,
        132000..=132999 => Class::Template,
        0 | 3 | 10 | 190 | 200..=299 | 368 | 130497 | 131031 | 131042 | 131045 => Class::Account,
        _ => Class::Unknown,
    }
}

/// The class of an answer that carries no code we know.
pub fn of_http(status: u16) -> Class {
    match status {
        408 | 429 | 500..=599 => Class::Retry,
        401 | 403 => Class::Account,
        _ => Class::Unknown,
    }
}

/// Provider's words may be long; a screen and a log line need one sentence.
const REASON_CHARS_MAX: usize = 300;

/// An error object as statuses (`errors[]`) and answers (`error`) carry it.
pub fn failure(error: &Value) -> (Class, Failure) {
    let code = error.get("code").and_then(integer);
    let class = code.map_or(Class::Unknown, of_code);
    let text = |path: &str| error.pointer(path).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let reason = text("/error_data/details").or(text("/message")).or(text("/title")).unwrap_or("the provider gave no reason");
    let failure = Failure {
        code: code.map_or_else(|| "unknown".to_owned(), |c| c.to_string()),
        reason: crate::base::text::shorten(reason, REASON_CHARS_MAX),
        next_step: class.next_step(),
        closes_window: class == Class::WindowClosed,
        account: class == Class::Account,
    };
    (class, failure)
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fall_into_the_classes_of_the_contract() {
        let table: &[(Class, &[i64])] = &[
            (Class::Retry, &[1, 2, 4, 80007, 131000, 131016, 131057, 133016, 131053]),
            (Class::Pair, &[131056]),
            (Class::Slow, &[131048, 130429]),
            (Class::Capped, &[131049]),
            (Class::WindowClosed, &[131047]),
            (Class::Recipient, &[131026, 131021, 131030, 131050, 130472, 131062, 131063, 131064]),
            (Class::Content, &[100, 131008, 131009, 131051, 131052, 132068, 132069]),
            (Class::Template, &[132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132999]),
            (Class::Account, &[0, 3, 10, 190, 200, 250, 299, 368, 131031, 130497, 131042, 131045]),
            (Class::Unknown, &[5, 199, 300, 999_999, -1]),
        ];
        for (class, codes) in table {
            for code in *codes {
                assert_eq!(of_code(*code), *class, "{code}");
            }
        }
    }

    #[test]
    fn a_failure_says_the_most_telling_words() {
        let (class, failure) = failure(&serde_json::json!({"code": "131047", "title": "Re-engagement message",
            "error_data": {"details": "More than 24 hours have passed"}}));
        assert_eq!(class, Class::WindowClosed);
        assert_eq!(failure.reason, "More than 24 hours have passed");
        assert_eq!((failure.next_step, failure.closes_window), ("send_template", true));
    }
}
