//! The command line: arguments in, reports and an exit code out. The only place that reads the clock,
//! the environment and the terminal.

mod apply;
mod args;
mod attest;
mod collect;
mod evidence;
mod exit;
mod gate;
mod history;
mod load;
mod log;
mod notify;
mod output;
mod period;
mod plan;
mod policy;
#[cfg(feature = "aws")]
mod progress;
mod records;
mod recovery;
mod report;
mod scan;
mod sweep;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use args::Cli;
use args::Command;
pub use exit::Exit;

/// What ended a command early: the message, what to do, and the exit code.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    error: anyhow::Error,
    help: Option<String>,
}

type Outcome = Result<Exit, Failure>;

impl Failure {
    /// The tool failed.
    fn new(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Failed, error: error.into(), help: None }
    }

    /// The user asked for something that cannot be.
    fn usage(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Usage, error: anyhow::anyhow!("{message}"), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<crate::sources::inventory::FileError> for Failure {
    fn from(error: crate::sources::inventory::FileError) -> Self {
        let help = error.help();
        Self::new(error).help(help)
    }
}

/// Run the program.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    let outcome = match cli.command {
        Command::Scan(args) => scan::run(&args),
        Command::Gate(args) => gate::run(&args),
        Command::Collect(args) => collect::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Recovery(args) => recovery::run(&args),
        Command::Log(command) => log::run(&command),
        Command::Attest(args) => attest::run(&args),
        Command::Verify(args) => evidence::verify_bundle(&args),
        Command::Evidence(command) => evidence::run(&command),
        Command::History(command) => history::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Completions { shell } => completions(shell),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            complain(&failure);
            if failure.exit == Exit::Failed {
                remark("no audit was performed");
            }
            failure.exit.into()
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lastgood", &mut script);
    print(&script)?;
    Ok(Exit::Fine)
}

/// Print a failure on standard error: the chain of causes in one line, then the remedy.
fn complain(failure: &Failure) {
    let mut err = io::stderr().lock();
    let mut text = failure.error.to_string();
    // Some messages end with their cause already.
    for cause in failure.error.chain().skip(1).map(ToString::to_string) {
        if !text.ends_with(&cause) {
            text.push_str(&format!(": {cause}"));
        }
    }
    let _ = writeln!(err, "error: {text}");
    if let Some(help) = &failure.help {
        let _ = writeln!(err, "  help: {help}");
    }
}

/// A remark for people on standard error.
fn remark(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Write to standard output. A reader that has left (`| head`) is no failure.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    forgive_broken_pipe(out.write_all(bytes).and_then(|()| out.flush()))
}

fn forgive_broken_pipe(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(anyhow::Error::new(error).context("cannot write to standard output")))
        }
        _ => Ok(()),
    }
}
