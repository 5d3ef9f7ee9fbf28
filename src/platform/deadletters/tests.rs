use super::*;
use crate::platform::store::{View, testing::World};
use std::sync::Arc;

fn letter(kind: &'static str) -> NewDeadLetter {
    NewDeadLetter {
        kind,
        code: "refused".into(),
        reason: "the other side said no".into(),
        subject: None,
        raw: b"{}".to_vec(),
        retry: json!({"attempts": 5}),
    }
}

fn open_count(view: &View) -> i64 {
    view.counter("deadletters.open", ()).unwrap()
}

#[tokio::test]
async fn a_letter_is_decided_on_once() {
    let world = World::new().await;
    let mut letters = DeadLetters::new();
    letters.on_retry("inbound", |tx, letter| {
        if letter.raw == b"{}" { tx.start_job("again", json!({})).map(|_| ()) } else { Err(Error::conflict("broken", "no")) }
    });
    let letters = Arc::new(letters);
    let (first, second, third) = world
        .write(|tx| Ok((tx.bury(letter("inbound"))?, tx.bury(letter("inbound"))?, tx.bury(letter("strange"))?)))
        .await
        .unwrap();
    assert_eq!(world.store.view(world.tenant, |v| Ok(open_count(v))).unwrap(), 3);
    let retry = |id| {
        let letters = letters.clone();
        world.write(move |tx| letters.retry(tx, id))
    };
    let retried = retry(first).await.unwrap();
    assert_eq!((retried.state, retried.attempts), (DeadLetterState::Retried, 5));
    assert_eq!(retry(first).await.unwrap_err().code(), "already_decided");
    assert_eq!(retry(third).await.unwrap_err().code(), "not_retryable");
    assert_eq!(world.write(move |tx| discard(tx, second)).await.unwrap().state, DeadLetterState::Discarded);
    assert_eq!(world.write(move |tx| discard(tx, second)).await.unwrap_err().code(), "already_decided");
    let view = world.store.read(world.tenant).unwrap();
    assert_eq!(open_count(&view), 1);
    let open: Vec<DeadLetterId> = list(&view, None, None, 10).unwrap().into_iter().map(|(letter, _)| letter.id).collect();
    assert_eq!(open, [third]);
    assert_eq!(list(&view, Some("inbound"), None, 10).unwrap().len(), 2);
}
