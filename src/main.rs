//! Parses the command line and hands over.

/// Many small allocations from many threads are what this program does all day.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    farol::cli::run(std::env::args_os())
}
