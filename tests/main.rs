//! The one test binary.

mod scenarios {
    mod http;
    mod http_listener;
}
