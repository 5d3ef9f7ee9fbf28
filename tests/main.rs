//! The one test binary.

mod scenarios {
    mod http;
}
