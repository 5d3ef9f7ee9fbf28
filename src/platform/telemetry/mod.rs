//! What the house says about itself: structured log lines on standard error, figures for Prometheus.
//!
//! Every line is one JSON object with time, level, module and, inside a request, its id, tenant and
//! user. Bodies, query strings and credentials are never logged; a mask over the finished line is
//! the second wall.

mod mask;

pub use mask::mask;

use crate::base::Error;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{
    io::{self, Write},
    sync::OnceLock,
};
use tracing_subscriber::{
    EnvFilter, Registry,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    reload,
    util::SubscriberInitExt,
};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For eyes.
    Text,
}

/// Upper bounds of the time histograms, in seconds: from a point read to the request's time-out.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The log's filter, once logging has started: there is one log in a process.
static LEVEL: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Puts other directives in force while the process runs, e.g. `debug` or `info,farol::channels=trace`. Does
/// nothing where logging was never started.
///
/// # Errors
/// [`Error::Invalid`] when the directives can't be read.
pub fn set_level(directives: &str) -> Result<(), Error> {
    let filter = filter(directives)?;
    let Some(level) = LEVEL.get() else { return Ok(()) };
    level.reload(filter).map_err(|e| Error::internal(format_args!("changing the log level: {e}")))
}

/// Starts logging for the whole process; once. `directives` are `ERROR`, `WARN`, `INFO`, `DEBUG` or finer.
///
/// # Errors
/// [`Error::Invalid`] when the directives can't be read; [`Error::Conflict`] when logging runs already.
pub fn start(directives: &str, format: LogFormat) -> Result<(), Error> {
    let (filter, handle) = reload::Layer::new(filter(directives)?);
    let lines = fmt::layer().with_writer(MaskedStderr);
    let started = match format {
        LogFormat::Json => Registry::default()
            .with(filter)
            .with(lines.json().flatten_event(true).with_current_span(true).with_span_list(false))
            .try_init(),
        LogFormat::Text => Registry::default().with(filter).with(lines.with_ansi(false)).try_init(),
    };
    started.map_err(|_| Error::conflict("already_logging", "logging was started before"))?;
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, message, "a panic was caught or ended its thread");
    }));
    let _ = LEVEL.set(handle);
    Ok(())
}

fn filter(directives: &str) -> Result<EnvFilter, Error> {
    EnvFilter::try_new(directives).map_err(|_| Error::invalid("log.level", "format", "give error, warn, info or debug"))
}

/// What runs in the background and has a histogram of its times, as (label, name): who reads `/metrics` finds each.
#[derive(Debug, Clone)]
pub struct Measured(pub Vec<(&'static str, &'static str)>);

/// Starts counting, once for the process; later calls do nothing.
pub fn start_metrics() {
    prometheus();
}

/// All figures in Prometheus' text format.
pub fn metrics_text() -> String {
    prometheus().map(PrometheusHandle::render).unwrap_or_default()
}

/// Folds what was counted since the last call into the histograms; call every few seconds.
pub fn fold_metrics() {
    if let Some(handle) = prometheus() {
        handle.run_upkeep();
    }
}

fn prometheus() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS);
        builder.and_then(PrometheusBuilder::install_recorder).ok()
    };
    HANDLE.get_or_init(install).as_ref()
}

/// Standard error, masked line by line.
#[derive(Clone, Copy)]
struct MaskedStderr;

impl<'a> MakeWriter<'a> for MaskedStderr {
    type Writer = MaskedLine;
    fn make_writer(&'a self) -> MaskedLine {
        MaskedLine(Vec::new())
    }
}

/// Gathers one event; written out, masked, when it is done.
struct MaskedLine(Vec<u8>);

impl Write for MaskedLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for MaskedLine {
    fn drop(&mut self) {
        let line = String::from_utf8_lossy(&self.0);
        // A log that can't be written is nothing to stop for.
        let _ = io::stderr().lock().write_all(mask(&line).as_bytes());
    }
}
