//! Parses the command line and hands over.

/// Many small allocations from many threads are what this program does all day.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lets the allocator give back what is free.
#[expect(unsafe_code, reason = "the allocator's own call, for which its crate has no safe form")]
fn give_back() {
    // SAFETY: a call without arguments that may be made on any thread at any time.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

fn main() -> std::process::ExitCode {
    // Huge pages hold two megabytes for whatever touches one byte of them: a third of what a small firm's box needs.
    // A system that refuses goes on with them.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    farol::platform::memory::given_back_by(give_back);
    farol::cli::run(std::env::args_os())
}
