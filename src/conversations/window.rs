//! What may be sent now, and why not: one pure function for composer, bots, automations and campaigns.

use super::model::{Conversation, MessageKind};
use crate::{base::Timestamp, contacts::Purpose};
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

/// All that decides whether something may be sent.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What the channel lets us send.
    pub window: &'a SendWindow,
    /// Blocked by us?
    pub is_blocked: bool,
    /// What they don't want over this channel.
    pub opted_out: OptedOut,
    /// Their last message.
    pub last_inbound_at: Option<Timestamp>,
    /// What it is.
    pub kind: MessageKind,
    /// What for.
    pub purpose: Purpose,
}

/// May this go out at `now`? A block by us ends it; then what they want; then what the channel lets through.
pub fn may_send(ask: &Ask<'_>, now: Timestamp) -> Verdict {
    let no = |reason: &str| Verdict::No { reason: reason.to_owned() };
    if ask.is_blocked {
        return no("contact_blocked");
    }
    if ask.purpose == Purpose::Marketing && ask.opted_out.marketing.is_some() {
        return no("opted_out_of_marketing");
    }
    // Who said stop and wrote again afterwards wants an answer.
    if ask.opted_out.service.is_some_and(|at| ask.last_inbound_at.is_none_or(|last| last <= at)) {
        return no("opted_out");
    }
    let window = ask.window;
    let closed = window.is_closed(now);
    let allowed = if closed { &window.kinds_after } else { &window.kinds };
    if allowed.contains(&ask.kind) || (!closed && allowed.is_empty()) {
        return Verdict::Yes;
    }
    let reason = if closed { "window_closed" } else { "kind_not_allowed" };
    let reason = window.reason.clone().filter(|_| !closed).unwrap_or_else(|| reason.to_owned());
    if allowed.contains(&MessageKind::Template) { Verdict::TemplateOnly { reason } } else { Verdict::No { reason } }
}

impl Conversation {
    /// May a message of `kind` for `purpose` go out here at `now`?
    pub fn may_send(&self, kind: MessageKind, purpose: Purpose, now: Timestamp) -> Verdict {
        self.may_send_to((self.contact.is_blocked, self.contact.opted_out), kind, purpose, now)
    }

    /// As [`Conversation::may_send`], by what stands with the contact itself: whether they are blocked, and what they asked
    /// not to receive. The conversation's copy of it follows a moment later.
    pub fn may_send_to(
        &self,
        (is_blocked, opted_out): (bool, OptedOut),
        kind: MessageKind,
        purpose: Purpose,
        now: Timestamp,
    ) -> Verdict {
        let last_inbound_at = self.last_inbound_at;
        may_send(&Ask { window: &self.window, is_blocked, opted_out, last_inbound_at, kind, purpose }, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(reason: &str) -> Verdict {
        Verdict::No { reason: reason.into() }
    }

    fn whatsapp() -> SendWindow {
        SendWindow {
            kinds: vec![],
            until: Some(Timestamp(1_000)),
            kinds_after: vec![MessageKind::Template],
            reason: Some("customer_service_window".into()),
        }
    }

    #[test]
    fn windows_decide_by_time_and_kind() {
        let template = |reason: &str| Verdict::TemplateOnly { reason: reason.into() };
        let rows = [
            (SendWindow::open(), false, MessageKind::Text, 5_000, Verdict::Yes),
            (SendWindow::open(), true, MessageKind::Text, 0, no("contact_blocked")),
            (whatsapp(), false, MessageKind::Text, 999, Verdict::Yes),
            (whatsapp(), false, MessageKind::Text, 1_000, template("window_closed")),
            (whatsapp(), false, MessageKind::Template, 1_000, Verdict::Yes),
            (whatsapp(), true, MessageKind::Template, 999, no("contact_blocked")),
            (
                SendWindow { kinds: vec![MessageKind::Text], ..SendWindow::default() },
                false,
                MessageKind::Image,
                0,
                no("kind_not_allowed"),
            ),
            (SendWindow { until: Some(Timestamp(0)), ..SendWindow::default() }, false, MessageKind::Text, 1, no("window_closed")),
        ];
        for (window, is_blocked, kind, now, expected) in rows {
            let (opted_out, last_inbound_at) = (OptedOut::default(), None);
            let ask = Ask { window: &window, is_blocked, opted_out, last_inbound_at, kind, purpose: Purpose::Service };
            assert_eq!(may_send(&ask, Timestamp(now)), expected, "{window:?} {kind:?} at {now}");
        }
    }

    #[test]
    fn what_people_want_decides_before_the_window() {
        let (said, later) = (Some(Timestamp(500)), Some(Timestamp(501)));
        let rows = [
            (None, None, said, Purpose::Marketing, Verdict::Yes),
            (None, said, said, Purpose::Marketing, no("opted_out_of_marketing")),
            (None, said, later, Purpose::Marketing, no("opted_out_of_marketing")),
            (None, said, said, Purpose::Service, Verdict::Yes),
            (said, said, said, Purpose::Service, no("opted_out")),
            (said, None, None, Purpose::Service, no("opted_out")),
            (said, said, later, Purpose::Service, Verdict::Yes),
        ];
        let window = whatsapp();
        for (service, marketing, last_inbound_at, purpose, expected) in rows {
            let opted_out = OptedOut { service, marketing };
            let ask =
                Ask { window: &window, is_blocked: false, opted_out, last_inbound_at, kind: MessageKind::Template, purpose };
            assert_eq!(may_send(&ask, Timestamp(2_000)), expected, "{opted_out:?} {last_inbound_at:?} {purpose:?}");
        }
    }
}
