//! The real tools: where they are, and running them with a time limit.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where administration tools are, also for users whose `PATH` does not say so.
const FOLDERS: [&str; 6] = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin"];

/// How much of the beginning, and as much of the end, of an output is kept to be judged.
const KEPT: usize = 256 << 10;

/// As much of the beginning and of the end goes into evidence.
const EVIDENCE: usize = 4 << 10;

/// How often it is looked whether a tool has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// What a tool was asked, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its name: `e2fsck`.
    pub tool: String,
    /// What it says of its version.
    pub version: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How it ended: `exit status 4`.
    pub ended: String,
    /// What it wrote, cut in the middle if it is long.
    pub output: String,
}

/// Where tools are looked for.
#[derive(Clone, Debug)]
pub struct Tools {
    folders: Vec<PathBuf>,
}

impl Default for Tools {
    /// The usual folders for system tools.
    fn default() -> Self {
        Self { folders: FOLDERS.iter().map(PathBuf::from).collect() }
    }
}

/// A tool that is there.
#[derive(Debug)]
pub(super) struct Tool {
    name: &'static str,
    path: PathBuf,
    version: String,
}

/// How a tool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Exited(i32),
    Signalled(i32),
    TimedOut,
}

/// A tool that ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) ended: Ended,
    pub(super) stdout: Kept,
    pub(super) stderr: Kept,
}

impl Ran {
    /// All that it wrote: its output, then its complaints.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.stdout.text(), self.stderr.text())
    }

    /// Whether all of what it wrote was kept.
    pub(super) const fn whole(&self) -> bool {
        self.stdout.dropped == 0 && self.stderr.dropped == 0
    }
}

/// The beginning and the end of an output.
#[derive(Debug, Default)]
pub(super) struct Kept {
    first: Vec<u8>,
    last: Vec<u8>,
    dropped: usize,
}

impl Kept {
    fn add(&mut self, mut bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.first.len()).min(bytes.len());
        if let Some((begin, rest)) = bytes.split_at_checked(room) {
            self.first.extend_from_slice(begin);
            bytes = rest;
        }
        self.last.extend_from_slice(bytes);
        if self.last.len() > 2 * KEPT {
            let surplus = self.last.len() - KEPT;
            self.last.drain(..surplus);
            self.dropped += surplus;
        }
    }

    pub(super) fn text(&self) -> String {
        let (first, last) = (String::from_utf8_lossy(&self.first), String::from_utf8_lossy(&self.last));
        if self.dropped == 0 { format!("{first}{last}") } else { format!("{first}\n…\n{last}") }
    }
}

impl Tools {
    /// Look in these folders before the usual ones: those of `PATH`, where tools are elsewhere.
    pub fn also_in(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.folders.splice(0..0, folders);
        self
    }

    /// Look in these folders only.
    pub fn only_in(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { folders: folders.into_iter().collect() }
    }

    /// The tool of this name, if it is there and says its version.
    pub(super) fn find(&self, name: &'static str) -> Option<Tool> {
        let path = self.folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())?;
        let mut tool = Tool { name, path, version: String::new() };
        let ran = tool.run(&["-V"], Path::new("/"), Duration::from_secs(20), &mut |_| {}).ok()?;
        tool.version = ran.text().lines().map(str::trim).find(|line| !line.is_empty())?.chars().take(100).collect();
        Some(tool)
    }
}

impl Tool {
    /// Run it to its end in a folder, in an environment of its own. `sink` gets its standard output as well.
    pub(super) fn run(
        &self,
        arguments: &[&str],
        folder: &Path,
        limit: Duration,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> io::Result<Ran> {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(folder).env_clear();
        // What the machine's configuration changes must not change a verdict.
        command.env("LC_ALL", "C").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("E2FSCK_CONFIG", "/dev/null");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (ended, stdout, stderr) = thread::scope(|scope| {
            let out = scope.spawn(move || keep(stdout, sink));
            let err = scope.spawn(move || keep(stderr, &mut |_| {}));
            (watch(&mut child, limit), out.join().unwrap_or_default(), err.join().unwrap_or_default())
        });
        Ok(Ran { ended: ended?, stdout, stderr })
    }

    /// What it was asked and what it said, to be recorded.
    pub(super) fn evidence(&self, arguments: &[&str], ran: &Ran) -> Evidence {
        let text = ran.text();
        let text = text.trim();
        let output = if text.len() <= 2 * EVIDENCE {
            text.to_owned()
        } else {
            let first = text.get(..text.floor_char_boundary(EVIDENCE)).unwrap_or_default();
            let last = text.get(text.ceil_char_boundary(text.len() - EVIDENCE)..).unwrap_or_default();
            format!("{first}\n…\n{last}")
        };
        Evidence {
            tool: self.name.into(),
            version: self.version.clone(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            ended: match ran.ended {
                Ended::Exited(status) => format!("exit status {status}"),
                Ended::Signalled(signal) => format!("signal {signal}"),
                Ended::TimedOut => "stopped at the time limit".into(),
            },
            output,
        }
    }
}

fn keep(pipe: Option<impl Read>, sink: &mut dyn FnMut(&[u8])) -> Kept {
    let mut kept = Kept::default();
    let Some(mut pipe) = pipe else { return kept };
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match pipe.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(read) if read > 0 => read,
            _ => return kept,
        };
        let bytes = buffer.get(..read).unwrap_or_default();
        sink(bytes);
        kept.add(bytes);
    }
}

fn watch(child: &mut Child, limit: Duration) -> io::Result<Ended> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            let signal = status.signal().unwrap_or_default();
            return Ok(status.code().map_or(Ended::Signalled(signal), Ended::Exited));
        }
        if waited >= limit {
            // It may have ended just now, and then there is nothing to kill.
            let _ = child.kill();
            child.wait()?;
            return Ok(Ended::TimedOut);
        }
        thread::sleep(PAUSE);
        waited += PAUSE;
    }
}
