//! The `wavedeck` program: hands the command line to [`wavedeck::cli`] and exits with what it says.

fn main() -> std::process::ExitCode {
    wavedeck::cli::run()
}
