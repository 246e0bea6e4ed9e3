//! The command itself: started without a shell, watched, and killed when it takes too long.

use std::io::{self, IsTerminal as _, Read, Write};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::sink::{self, Written};
use crate::cli::args::RunArgs;

/// What is kept of each of the command's outputs.
const KEPT: usize = 8 << 20;

/// How often it is looked whether the command has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It took longer than it may.
    TimedOut,
}

impl Ended {
    /// Its exit status, where it had one.
    pub(super) const fn exit_status(self) -> Option<i32> {
        match self {
            Self::Exited(status) => Some(status),
            _ => None,
        }
    }

    /// The signal that ended it, where one did.
    pub(super) const fn signal(self) -> Option<i32> {
        match self {
            Self::Signalled(signal) => Some(signal),
            _ => None,
        }
    }
}

/// A command that ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) ended: Ended,
    /// The end of its standard output, where a reader wants it.
    pub(super) stdout: Vec<u8>,
    /// The end of its standard error.
    pub(super) stderr: Vec<u8>,
    /// The artefact, where its output is one.
    pub(super) written: Option<Written>,
}

impl Finished {
    /// The last lines of its complaints, without the empty ones.
    pub(super) fn stderr_lines(&self, most: usize) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let skipped = lines.len().saturating_sub(most);
        lines.into_iter().skip(skipped).map(|line| line.chars().take(500).collect()).collect()
    }
}

/// Run it to its end.
///
/// # Errors
/// Why there is nothing to judge: the file of `--out` cannot be opened, and a backup that goes nowhere is
/// not begun; or the command cannot be started, or was lost sight of.
pub(super) fn run(args: &RunArgs, keep_stdout: bool) -> Result<Finished, String> {
    let (program, rest) = args.command.split_first().ok_or("no command is given")?;
    let captures = args.out.is_some() || keep_stdout;
    let open = |out: &Path| {
        sink::open(out, args.compress.is_some(), args.expect).map_err(|error| {
            let part = sink::with_ending(out, "part");
            format!("the command was not run: its output cannot be kept in `{}`: {error}", part.display())
        })
    };
    let sink = args.out.as_deref().map(open).transpose()?;
    let mut command = Command::new(program);
    command.args(rest).stdout(if captures { Stdio::piped() } else { Stdio::inherit() }).stderr(Stdio::piped());
    // What a script starts must end with it, so it all becomes one group; at a terminal that would take
    // the terminal away from a command that asks for a password.
    let grouped = !io::stdin().is_terminal();
    if grouped {
        command.process_group(0);
    }
    let signals = Signals::catch();
    let mut child = command.spawn().map_err(|error| {
        // Nothing was written: it would be taken for what a run left behind.
        if let Some(out) = &args.out {
            let _ = std::fs::remove_file(sink::with_ending(out, "part"));
        }
        format!("the command could not be run: {error}")
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let out = thread::spawn(move || match (stdout, sink) {
        (Some(mut pipe), Some(sink)) => (Vec::new(), Some(sink.fill(&mut pipe))),
        (Some(mut pipe), None) => (tee(&mut pipe, &mut io::stdout()), None),
        (None, _) => (Vec::new(), None),
    });
    let err = thread::spawn(move || stderr.map(|mut pipe| tee(&mut pipe, &mut io::stderr())).unwrap_or_default());
    let ended = watch(&mut child, grouped, args.timeout, &signals)
        .map_err(|error| format!("the command was lost sight of: {error}"))?;
    let (stdout, written) = out.join().unwrap_or_default();
    Ok(Finished { ended, stdout, stderr: err.join().unwrap_or_default(), written })
}

/// Pass everything on, and keep the end of it. A reader of ours that has gone does not stop the command.
fn tee(from: &mut dyn Read, to: &mut dyn Write) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = vec![0_u8; 1 << 16];
    while let Ok(read) = from.read(&mut buffer) {
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        let _ = to.write_all(bytes).and_then(|()| to.flush());
        kept.extend_from_slice(bytes);
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    kept
}

fn watch(child: &mut Child, grouped: bool, timeout: Option<Duration>, signals: &Signals) -> io::Result<Ended> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(match (status.code(), status.signal()) {
                (Some(code), _) => Ended::Exited(code),
                (None, signal) => Ended::Signalled(signal.unwrap_or_default()),
            });
        }
        if timeout.is_some_and(|timeout| waited >= timeout) {
            pass_on(child, grouped, Signal::KILL);
            child.wait()?;
            return Ok(Ended::TimedOut);
        }
        // A signal to us is meant for the command: it ends, and what became of it is recorded.
        if let Some(signal) = signals.take() {
            pass_on(child, grouped, signal);
        }
        thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

/// Send a signal to the command and, where it has a group of its own, to all that it started. A command
/// that has ended already needs none.
fn pass_on(child: &Child, grouped: bool, signal: Signal) {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
    let _ = if grouped { kill_process_group(pid, signal) } else { kill_process(pid, signal) };
}

/// Signals that would end us before the end of the command is recorded.
struct Signals(Arc<AtomicUsize>);

impl Signals {
    fn catch() -> Self {
        let caught = Arc::new(AtomicUsize::new(0));
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            let number = usize::try_from(signal).unwrap_or_default();
            // Where a handler cannot be set, the signal does what it always does.
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&caught), number);
        }
        Self(caught)
    }

    fn take(&self) -> Option<Signal> {
        let number = i32::try_from(self.0.swap(0, Ordering::SeqCst)).ok()?;
        Signal::from_named_raw(number)
    }
}
