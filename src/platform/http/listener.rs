//! Ports: accepts connections, plain and TLS, hands requests to the site, stops gracefully.

use super::{
    context::{Peer, is_trusted},
    kit::{DRAIN, Kit},
    site::Site,
};
use crate::{
    base::{Error, Result},
    platform::telemetry,
};
use axum::{body::Body, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Sleep,
};
use tokio_rustls::TlsAcceptor;
use tower::Service;

/// More connections than this wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 10_000;

/// After an accept error (no more file handles, say) wait this long instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often counted figures are folded into histograms.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// The first byte of a TLS handshake record (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Where to listen.
#[derive(Debug, Clone, Default)]
pub struct Ports {
    /// Plain HTTP: only on loopback, behind a declared proxy, or beside `tls` as a signpost to it.
    pub plain: Option<SocketAddr>,
    /// HTTPS.
    pub tls: Option<SocketAddr>,
}

/// Bound ports, not yet serving.
pub struct Server {
    plain: Option<TcpListener>,
    tls: Option<(TcpListener, TlsAcceptor)>,
    kit: Kit,
}

impl Server {
    /// Binds the ports. `tls` is how HTTPS is spoken; see [`super::tls`].
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the setting and the remedy: a port in use, plain HTTP open to a network.
    pub async fn bind(ports: &Ports, tls: Option<Arc<rustls::ServerConfig>>, kit: &Kit) -> Result<Self> {
        if let Some(plain) = ports.plain.filter(|_| ports.tls.is_none()) {
            check_plain(plain, kit)?;
        }
        let plain = match ports.plain {
            Some(address) => {
                let setting = if ports.tls.is_some() { "tls.http_listen" } else { "listen" };
                Some(listen(setting, address).await?)
            }
            None => None,
        };
        let tls = match (ports.tls, tls) {
            (Some(address), Some(config)) => Some((listen("listen", address).await?, TlsAcceptor::from(config))),
            (Some(_), None) => {
                let remedy = "give tls.certificate and tls.key, tls.lan_name, or tls.acme_domain";
                return Err(Error::invalid("tls", "required", remedy));
            }
            (None, _) => None,
        };
        if plain.is_none() && tls.is_none() {
            return Err(Error::invalid("listen", "required", "give an address such as 127.0.0.1:8080"));
        }
        let server = Self { plain, tls, kit: kit.clone() };
        if let Some(address) = server.tls_address() {
            kit.set_https_port(address.port());
        }
        Ok(server)
    }

    /// Where plain HTTP is spoken, with the port the system chose if 0 was asked for.
    pub fn plain_address(&self) -> Option<SocketAddr> {
        self.plain.as_ref().and_then(|listener| listener.local_addr().ok())
    }
    /// Where HTTPS is spoken.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls.as_ref().and_then(|(listener, _)| listener.local_addr().ok())
    }
    /// The address for the `ready` line.
    pub fn url(&self) -> String {
        match (self.tls_address(), self.plain_address()) {
            (Some(address), _) => format!("https://{address}"),
            (None, Some(address)) => format!("http://{address}"),
            (None, None) => String::new(),
        }
    }

    /// Serves until [`Kit::stop`]; then takes no more connections, lets running requests and sockets end,
    /// and gives up on those that have not after [`DRAIN`].
    pub async fn run(self, site: Site) {
        let graceful = GracefulShutdown::new();
        let door = Arc::new(Door { site, kit: self.kit.clone() });
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut stop = self.kit.shutdown();
        let mut fold = tokio::time::interval(FOLD_EVERY);
        let mut held: Option<OwnedSemaphorePermit> = None;
        loop {
            // A place first: a connection without one would hold a socket and memory while it waits, uncounted.
            let place = match held.take() {
                Some(place) => place,
                None => tokio::select! {
                    _ = stop.wait_for(|stopping| *stopping) => break,
                    _ = fold.tick() => { telemetry::fold_metrics(); continue }
                    place = places.clone().acquire_owned() => match place {
                        Ok(place) => place,
                        Err(_) => break,
                    },
                },
            };
            let (accepted, tls) = tokio::select! {
                _ = stop.wait_for(|stopping| *stopping) => break,
                _ = fold.tick() => {
                    telemetry::fold_metrics();
                    held = Some(place);
                    continue
                }
                accepted = accept(self.plain.as_ref()) => (accepted, None),
                accepted = accept(self.tls.as_ref().map(|(listener, _)| listener)) => {
                    (accepted, self.tls.as_ref().map(|(_, acceptor)| acceptor.clone()))
                }
            };
            match accepted {
                Ok((stream, address)) => door.clone().open(place, stream, address, tls, &graceful),
                Err(error) => {
                    held = Some(place);
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        let Self { plain, tls, kit } = self;
        drop((plain, tls));
        let drained = async {
            graceful.shutdown().await;
            kit.all_gone().await;
        };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::warn!("connections were still open after the drain time and are cut");
        }
    }
}

/// Plain HTTP may be heard only by this machine or by a declared proxy.
fn check_plain(address: SocketAddr, kit: &Kit) -> Result<()> {
    if address.ip().is_loopback() || !kit.settings().trusted_proxies.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(
        "listen",
        "insecure",
        format!(
            "plain HTTP on {address} could be read by anybody on the network: listen on 127.0.0.1, name your reverse proxy in \
             trusted_proxies, or switch on HTTPS with tls.certificate and tls.key, tls.lan_name, or tls.acme_domain"
        ),
    ))
}

async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let (code, remedy) = match error.kind() {
            io::ErrorKind::AddrInUse => ("taken", "another program listens there; stop it or give another port".to_owned()),
            io::ErrorKind::PermissionDenied => {
                ("forbidden", "ports below 1024 need CAP_NET_BIND_SERVICE; give another port or use the service unit".to_owned())
            }
            io::ErrorKind::AddrNotAvailable => ("unknown", "this machine has no such address".to_owned()),
            _ => ("unavailable", error.to_string()),
        };
        Error::invalid(setting, code, format!("cannot listen on {address}: {remedy}"))
    })
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// What every connection is handed.
struct Door {
    site: Site,
    kit: Kit,
}

impl Door {
    fn open(
        self: Arc<Self>,
        place: OwnedSemaphorePermit,
        stream: TcpStream,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        graceful: &GracefulShutdown,
    ) {
        let watcher = graceful.watcher();
        tokio::spawn(async move {
            let _place = place;
            // A small answer must not wait for the next one.
            let _ = stream.set_nodelay(true);
            let timeouts = self.kit.settings().timeouts;
            let mut stream = Patient::new(stream, timeouts.socket);
            let Some(acceptor) = tls else {
                return self.serve(stream, Peer { address, tls: false }, watcher).await;
            };
            // Somebody who typed http:// at the HTTPS port is shown the way instead of a broken page.
            match tokio::time::timeout(timeouts.connect, first_byte(&stream.stream)).await {
                Ok(Some(TLS_HANDSHAKE)) => {}
                Ok(Some(_)) => return self.serve(stream, Peer { address, tls: false }, watcher).await,
                _ => return,
            }
            stream.moved = true;
            match tokio::time::timeout(timeouts.connect, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => self.serve(stream, Peer { address, tls: true }, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, %address, "a TLS handshake failed"),
                Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
            }
        });
    }

    async fn serve<S>(&self, stream: S, peer: Peer, watcher: hyper_util::server::graceful::Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let site = self.site.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut site = site.clone();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            async move { site.call(request).await }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        let timeouts = self.kit.settings().timeouts;
        builder.http1().timer(TokioTimer::new()).header_read_timeout(timeouts.connect).keep_alive(true);
        builder.http2().timer(TokioTimer::new()).keep_alive_interval(timeouts.socket / 4).keep_alive_timeout(timeouts.connect);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, address = %peer.address, "a connection ended badly");
        }
    }
}

async fn first_byte(stream: &TcpStream) -> Option<u8> {
    let mut byte = [0];
    match stream.peek(&mut byte).await {
        Ok(1) => Some(byte[0]),
        _ => None,
    }
}

/// A stream that gives up when nothing moves for too long.
struct Patient {
    stream: TcpStream,
    limit: Duration,
    moved: bool,
    alarm: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(stream: TcpStream, limit: Duration) -> Self {
        Self { stream, limit, moved: false, alarm: Box::pin(tokio::time::sleep(limit)) }
    }

    /// Notes whether something moved. The alarm is set again only when it rings, not at every byte.
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.moved = true;
            return outcome;
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            if !std::mem::take(&mut self.moved) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm.set(tokio::time::sleep(self.limit));
        }
        Poll::Pending
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.watch(cx, outcome)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, outcome)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, outcome)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// What a request over plain HTTP is told, if it should not go on: `https_port` is ours where HTTPS is spoken.
pub(super) fn plain_verdict(context: &super::RequestContext, path: &str, kit: &Kit) -> PlainVerdict {
    let open = path.starts_with("/.well-known/acme-challenge/")
        || path == "/trust"
        || path.starts_with("/trust/")
        || matches!(path, "/livez" | "/readyz" | "/healthz" | "/metrics");
    let proxied = is_trusted(&kit.settings().trusted_proxies, context.peer);
    if context.secure || open || proxied {
        return PlainVerdict::GoOn;
    }
    match kit.https_port() {
        Some(port) => PlainVerdict::Redirect(port),
        None if context.peer.is_loopback() => PlainVerdict::GoOn,
        None => PlainVerdict::Refuse,
    }
}

/// See [`plain_verdict`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PlainVerdict {
    /// As it is.
    GoOn,
    /// To HTTPS at this port.
    Redirect(u16),
    /// There is no HTTPS here and the wire is not trusted.
    Refuse,
}
