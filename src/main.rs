//! The command line; everything is in the library.

/// A scan, a gate and a period make millions of small things and keep most of them: this allocator takes a fifth of the
/// time off that of the system, and much more off that of musl.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    lastgood::cli::run()
}
