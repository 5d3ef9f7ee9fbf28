//! What may be sent now, and why not: one pure function for composer, bots, automations and campaigns.

use super::model::MessageKind;
use crate::base::Timestamp;
use serde::{Deserialize, Serialize};

/// What a channel lets us send in a conversation, as its room wrote it there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SendWindow {
    /// Kinds that may go out while the window is open; empty: every kind.
    pub kinds: Vec<MessageKind>,
    /// When it closes; `None`: it never does.
    pub until: Option<Timestamp>,
    /// Kinds that may go out once it has closed.
    pub kinds_after: Vec<MessageKind>,
    /// Stable code saying why it is as it is, e.g. `customer_service_window`.
    pub reason: Option<String>,
}

/// What somebody does not want to receive any more over one channel, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OptedOut {
    /// Anything we begin; answers to what they wrote afterwards are welcome.
    pub service: Option<Timestamp>,
    /// Advertisements.
    pub marketing: Option<Timestamp>,
}

/// The answer to "may this be sent now?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Yes,
    /// Not this kind, but a template may go out.
    TemplateOnly {
        /// Why.
        reason: String,
    },
    /// No.
    No {
        /// Why.
        reason: String,
    },
}

impl SendWindow {
    /// Everything may go out at any time.
    pub fn open() -> Self {
        Self::default()
    }
    /// Is it closed at `now`?
    pub fn is_closed(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now >= until)
    }
}

/// May a message of `kind` go out at `now`? Consent joins here with campaigns; a block by us ends it.
pub fn may_send(window: &SendWindow, is_blocked: bool, kind: MessageKind, now: Timestamp) -> Verdict {
    if is_blocked {
        return Verdict::No { reason: "contact_blocked".to_owned() };
    }
    let closed = window.is_closed(now);
    let allowed = if closed { &window.kinds_after } else { &window.kinds };
    if allowed.contains(&kind) || (!closed && allowed.is_empty()) {
        return Verdict::Yes;
    }
    let reason = if closed { "window_closed" } else { "kind_not_allowed" };
    let reason = window.reason.clone().filter(|_| !closed).unwrap_or_else(|| reason.to_owned());
    if allowed.contains(&MessageKind::Template) { Verdict::TemplateOnly { reason } } else { Verdict::No { reason } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_decide_by_time_and_kind() {
        let whatsapp = SendWindow {
            kinds: vec![],
            until: Some(Timestamp(1_000)),
            kinds_after: vec![MessageKind::Template],
            reason: Some("customer_service_window".into()),
        };
        let no = |reason: &str| Verdict::No { reason: reason.into() };
        let template = |reason: &str| Verdict::TemplateOnly { reason: reason.into() };
        let rows = [
            (SendWindow::open(), false, MessageKind::Text, 5_000, Verdict::Yes),
            (SendWindow::open(), true, MessageKind::Text, 0, no("contact_blocked")),
            (whatsapp.clone(), false, MessageKind::Text, 999, Verdict::Yes),
            (whatsapp.clone(), false, MessageKind::Text, 1_000, template("window_closed")),
            (whatsapp.clone(), false, MessageKind::Template, 1_000, Verdict::Yes),
            (whatsapp, true, MessageKind::Template, 999, no("contact_blocked")),
            (
                SendWindow { kinds: vec![MessageKind::Text], ..SendWindow::default() },
                false,
                MessageKind::Image,
                0,
                no("kind_not_allowed"),
            ),
            (SendWindow { until: Some(Timestamp(0)), ..SendWindow::default() }, false, MessageKind::Text, 1, no("window_closed")),
        ];
        for (window, blocked, kind, now, expected) in rows {
            assert_eq!(may_send(&window, blocked, kind, Timestamp(now)), expected, "{window:?} {kind:?} at {now}");
        }
    }
}
