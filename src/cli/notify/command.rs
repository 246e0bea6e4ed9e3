//! A message on the standard input of a program, which has its time and no longer.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::Problem;

/// How often it is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// Run it once. What it writes goes nowhere: standard output is for reports. Its complaints are shown.
pub(super) fn run(words: &[String], json: &str, limit: Duration) -> Result<(), Problem> {
    let end = Instant::now() + limit;
    let (program, rest) = words.split_first().ok_or(Problem { message: "no program".into(), again: false })?;
    let mut child = Command::new(program)
        .args(rest)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| Problem { message: format!("it could not be started: {error}"), again: false })?;
    // A program that reads nothing must not hold us up, nor is it wrong.
    let input = child.stdin.take();
    let json = json.to_owned();
    let writer = thread::spawn(move || input.map(|mut input| input.write_all(json.as_bytes())));
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Ok(None) if Instant::now() < end => thread::sleep(PAUSE),
            Ok(None) => {
                kill(&mut child);
                let message = format!("it took longer than {} ms and was ended", limit.as_millis());
                break Err(Problem { message, again: false });
            }
            Err(error) => break Err(Problem { message: error.to_string(), again: false }),
        }
    };
    let status = ended?;
    drop(writer);
    match (status.success(), status.code()) {
        (true, _) => Ok(()),
        (false, Some(code)) => Err(Problem { message: format!("it exited with {code}"), again: true }),
        (false, None) => Err(Problem { message: "it was ended by a signal".into(), again: true }),
    }
}

/// End it with everything that it started.
fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}
