//! One socket's life: prove who you are, be told what you missed, then live until the session ends.

use super::{
    ephemeral::Doing,
    frame::{self, CLOSE_POLICY, CLOSE_RESTART, CLOSE_SIGNED_OUT, CLOSE_TOO_MANY, Resync, Said},
    hub::{Hub, Seat},
    queue::Closing,
};
use crate::{
    base::{Actor, Error, Origin, Result},
    platform::http::Stay,
};
use axum::{
    extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    response::Response,
};
use futures_util::SinkExt;
use std::{sync::Arc, time::Duration};

/// A client that has not said who it is by then is sent away.
const AUTH_WITHIN: Duration = Duration::from_secs(5);
/// Proxies cut idle connections after 30 to 60 s; nginx after 60.
const PING_EVERY: Duration = Duration::from_secs(25);
/// A client that takes nothing for so long is gone, or as good as gone.
const SEND_WITHIN: Duration = Duration::from_secs(20);
/// A token and little else.
const MESSAGE_BYTES_MAX: usize = 8 << 10;
/// The default of 128 KiB would be most of what an idle agent costs.
const READ_BUFFER_BYTES: usize = 2 << 10;
/// Frames gather up to here before they are written in one go.
const WRITE_BUFFER_BYTES: usize = 16 << 10;
/// Frames a client may send between two pings; a person typing sends one in three seconds.
const SAID_MAX: u32 = 200;

/// Finds out who holds a token.
pub type Admit = Arc<dyn Fn(&str, &Origin) -> Result<Actor> + Send + Sync>;

/// From where a client wants to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// The last sequence it knows all of; none: from now on.
    pub after: Option<u64>,
    /// The epoch that sequence belongs to, as `hello` named it.
    pub epoch: Option<String>,
}

/// Answers the upgrade and serves the socket. `known` is the actor where the request itself proved one;
/// else the first frame must, by `admit`. `stay` has the stop wait until the socket has said good-bye.
pub fn serve(
    hub: Hub,
    upgrade: WebSocketUpgrade,
    known: Option<Actor>,
    origin: Origin,
    resume: Resume,
    admit: Admit,
    stay: Stay,
) -> Response {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(super::QUEUE_BYTES_MAX * 4)
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |mut socket| async move {
            let _stay = stay;
            // Boxed: what only the first second needs must not lie in every idle socket's memory.
            let opened = Box::pin(open(&hub, &mut socket, known, origin, resume, admit)).await;
            let ended = match opened {
                Ok(seat) => {
                    let ended = live(&hub, &mut socket, &seat).await;
                    drop(seat);
                    ended
                }
                Err(ended) => ended,
            };
            if let Ended::Close(closing) = ended {
                let frame = CloseFrame { code: closing.code, reason: closing.reason.into() };
                let farewell = async {
                    socket.send(Message::Close(Some(frame))).await.ok()?;
                    // Until the other side has answered the close, or sends nothing more.
                    while socket.recv().await?.is_ok() {}
                    Some(())
                };
                let _ = tokio::time::timeout(Duration::from_secs(2), farewell).await;
            }
        })
}

/// How a socket's life ends.
enum Ended {
    /// The other side is gone.
    Gone,
    /// We say why.
    Close(Closing),
}

fn close(code: u16, reason: impl Into<String>) -> Ended {
    Ended::Close(Closing { code, reason: reason.into() })
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        match &error {
            Error::Unauthenticated(code) => close(CLOSE_SIGNED_OUT, *code),
            Error::Forbidden(_) | Error::NotFound(_) => close(CLOSE_SIGNED_OUT, error.code()),
            Error::Quota { .. } => close(CLOSE_TOO_MANY, error.code()),
            _ => {
                tracing::warn!(%error, "a realtime socket could not be served");
                close(CLOSE_RESTART, "try again")
            }
        }
    }
}

async fn open(
    hub: &Hub,
    socket: &mut WebSocket,
    known: Option<Actor>,
    origin: Origin,
    resume: Resume,
    admit: Admit,
) -> Result<Seat, Ended> {
    let actor = match known {
        Some(actor) => actor,
        None => match tokio::time::timeout(AUTH_WITHIN, first_word(socket)).await {
            Err(_) => return Err(close(CLOSE_SIGNED_OUT, "no auth frame within 5 s")),
            Ok(None) => return Err(Ended::Gone),
            Ok(Some(Said::Auth { token })) => admit(&token, &origin)?,
            Ok(Some(_)) => return Err(close(CLOSE_SIGNED_OUT, "the first frame must be auth")),
        },
    };
    let inner = hub.inner();
    let mut reached = match hub.can_resume(&actor, &resume)? {
        Ok(None) => {
            let seat = hub.register(actor, None)?;
            send(socket, [frame::hello(seat.position, &inner.epoch, &inner.build)]).await?;
            return Ok(seat);
        }
        Err(why) => return start_anew(hub, socket, actor, why, true).await,
        Ok(Some(after)) => after,
    };
    send(socket, [frame::hello(reached, &inner.epoch, &inner.build)]).await?;
    // First catch up without a seat, so that a long replay never overflows the queue; then take a seat and
    // replay the little that happened meanwhile. The queue holds what comes behind the seat's position.
    loop {
        let slice = hub.missed(&actor, reached, inner.store.head())?;
        reached = slice.reached;
        send(socket, slice.frames.into_iter().map(|frame| frame.text)).await?;
        if let Some(why) = slice.resync {
            return start_anew(hub, socket, actor, why, false).await;
        }
        if slice.done {
            break;
        }
    }
    let seat = hub.register(actor, Some(reached))?;
    let actor = seat.slot.actor();
    while reached < seat.position {
        let slice = hub.missed(&actor, reached, seat.position)?;
        reached = slice.reached;
        send(socket, slice.frames.into_iter().map(|frame| frame.text)).await?;
        if let Some(why) = slice.resync {
            send(socket, [frame::resync(seat.position, why)]).await?;
            break;
        }
    }
    Ok(seat)
}

/// The client's past can't be told: it fetches anew, and frames behind the seat's position follow.
async fn start_anew(hub: &Hub, socket: &mut WebSocket, actor: Actor, why: Resync, greet: bool) -> Result<Seat, Ended> {
    let seat = hub.register(actor, None)?;
    if greet {
        send(socket, [frame::hello(seat.position, &hub.inner().epoch, &hub.inner().build)]).await?;
    }
    send(socket, [frame::resync(seat.position, why)]).await?;
    Ok(seat)
}

async fn first_word(socket: &mut WebSocket) -> Option<Said> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return Some(serde_json::from_str(&text).unwrap_or(Said::Unknown)),
            Message::Binary(_) => return Some(Said::Unknown),
            Message::Close(_) => return None,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

async fn live(hub: &Hub, socket: &mut WebSocket, seat: &Seat) -> Ended {
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ping.reset();
    let mut heard = true;
    let mut said = 0;
    loop {
        tokio::select! {
            biased;
            () = seat.slot.queue.woken() => {
                let batch = seat.slot.queue.take();
                if let Some(closing) = batch.closing {
                    return Ended::Close(closing);
                }
                // A client that takes nothing must not outlive its session by what is stuck on the way.
                tokio::select! {
                    sent = send(socket, batch.texts) => if let Err(ended) = sent { return ended },
                    closing = seat.slot.queue.closed() => return Ended::Close(closing),
                }
            }
            message = socket.recv() => {
                heard = true;
                let text = match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Ended::Gone,
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Binary(_))) => return close(CLOSE_POLICY, "frames are JSON text"),
                    // Pongs, and pings that the protocol layer answers.
                    Some(Ok(_)) => continue,
                };
                said += 1;
                if said > SAID_MAX {
                    return close(CLOSE_TOO_MANY, "too many frames");
                }
                match hear(hub, seat, &text) {
                    Ok(answers) => if let Err(ended) = send(socket, answers).await { return ended },
                    Err(error) => return error.into(),
                }
            }
            _ = ping.tick() => {
                if !heard {
                    return Ended::Gone;
                }
                (heard, said) = (false, 0);
                let message = Message::Ping(axum::body::Bytes::new());
                match tokio::time::timeout(SEND_WITHIN, socket.send(message)).await {
                    Ok(Ok(())) => {}
                    _ => return Ended::Gone,
                }
            }
        }
    }
}

fn hear(hub: &Hub, seat: &Seat, text: &str) -> Result<Vec<Utf8Bytes>> {
    let (subject, doing, on, is_private) = match serde_json::from_str(text) {
        Ok(Said::Typing { conversation_id, is_typing, is_private }) => (conversation_id, Doing::Typing, is_typing, is_private),
        Ok(Said::TicketTyping { ticket_id, is_typing }) => (ticket_id, Doing::Typing, is_typing, false),
        Ok(Said::Viewing { conversation_id, on }) => (conversation_id, Doing::Viewing, on, false),
        Ok(Said::Ping) => return Ok(vec![frame::pong()]),
        Ok(Said::Auth { .. } | Said::Unknown) | Err(_) => return Ok(Vec::new()),
    };
    let actor = seat.slot.actor();
    let Some(subject) = hub.subject_named(&actor, subject)? else { return Ok(Vec::new()) };
    hub.passes(&actor, subject, doing, on, !is_private)
}

/// Writes all of `texts` in as few writes as fit, and gives up on a client that takes none of it.
async fn send(socket: &mut WebSocket, texts: impl IntoIterator<Item = Utf8Bytes>) -> Result<(), Ended> {
    let writing = async {
        for text in texts {
            socket.feed(Message::Text(text)).await?;
        }
        socket.flush().await
    };
    match tokio::time::timeout(SEND_WITHIN, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Ended::Gone),
    }
}
