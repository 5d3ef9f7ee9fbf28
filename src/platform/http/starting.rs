//! What answers while older data is brought up to this version: that this is being done, and how far it is.

use super::health::{Health, not_ready};
use crate::platform::store::{MigrationProgress, Progress};
use axum::{
    Router,
    http::{Method, Uri},
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;
use tokio::{net::TcpListener, sync::watch};

/// Does `work` on a thread of its own. From the first step of a migration that it tells of until it is done, the
/// plain port answers probes, and everybody else with 503 and the progress. Without a migration nothing is bound.
pub async fn while_migrating<T: Send + 'static>(
    plain: Option<SocketAddr>,
    work: impl FnOnce(Progress) -> T + Send + 'static,
) -> T {
    let (tell, mut told) = watch::channel(None);
    let progress = Progress::to(move |step| {
        tracing::info!(to = step.to, target = step.target, step = step.name, slices = step.slices, "bringing the data up");
        tell.send_replace(Some(step));
    });
    let mut working = tokio::task::spawn_blocking(move || work(progress));
    let begun = async {
        match told.changed().await {
            Ok(()) => {}
            // No migration: the work alone decides when this ends.
            Err(_) => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = &mut working => ended,
        () = begun => tokio::select! {
            ended = &mut working => ended,
            never = answer(plain, told.clone()) => match never {},
        },
    };
    // What went wrong inside goes on here, as if it had been called.
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn answer(plain: Option<SocketAddr>, told: watch::Receiver<Option<MigrationProgress>>) -> std::convert::Infallible {
    if let Some(address) = plain {
        let answers = Router::new().fallback(move |method: Method, uri: Uri| {
            let step = *told.borrow();
            async move { progress_of(step, &method, uri.path()) }
        });
        match TcpListener::bind(address).await {
            // It only ends with the work.
            Ok(listener) => drop(axum::serve(listener, answers).await),
            Err(error) => tracing::warn!(%error, %address, "nobody can be told how far the migration is"),
        }
    }
    std::future::pending().await
}

fn progress_of(step: Option<MigrationProgress>, method: &Method, path: &str) -> Response {
    if matches!(path, "/livez" | "/healthz") {
        return axum::Json(Health::ok()).into_response();
    }
    let text = step.map_or_else(String::new, |MigrationProgress { to, target, name, slices }| {
        format!("bringing the data to format {to} of {target}: {name}, {slices} slices done")
    });
    not_ready(&[("migration", text)]).respond(Some(method), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn probes_learn_how_far_a_migration_is_and_the_port_is_free_afterwards() {
        crate::platform::outbound::install_tls_provider();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        let starting = tokio::spawn(while_migrating(Some(address), move |progress| {
            progress.tell(MigrationProgress { to: 2, target: 3, name: "index messages", slices: 17 });
            may_go_on.recv().unwrap();
            7
        }));
        let http = reqwest::Client::new();
        let ask = async |path: &str| {
            for _ in 0..200 {
                match http.get(format!("http://{address}{path}")).send().await {
                    Ok(answer) => return (answer.status().as_u16(), answer.text().await.unwrap()),
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                }
            }
            panic!("nobody answers");
        };
        let (status, body) = ask("/readyz").await;
        assert_eq!(status, 503);
        assert!(body.contains("\"migration\"") && body.contains("index messages, 17 slices done"), "{body}");
        assert_eq!(ask("/api/v1/users").await.0, 503);
        assert_eq!(ask("/livez").await.0, 200);
        go_on.send(()).unwrap();
        assert_eq!(starting.await.unwrap(), 7);
        TcpListener::bind(address).await.unwrap();
        assert_eq!(while_migrating(Some(address), |_| 8).await, 8, "without a migration nothing is bound");
    }
}
