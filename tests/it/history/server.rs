//! A PostgreSQL server of our own, in a folder that goes away. A test that needs it fails where it is missing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub(super) struct Server {
    folder: tempfile::TempDir,
    is_root: bool,
}

fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin").join(name)).collect();
    found.retain(|path| path.exists());
    found.sort();
    found.pop().unwrap_or_else(|| panic!("PostgreSQL is missing: `tests/run` installs it (apt-get install postgresql)"))
}

impl Server {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root, and its own user must get in.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let user = Command::new("id").arg("-u").output().unwrap();
        let server = Self { folder, is_root: user.stdout.starts_with(b"0\n") };
        server.run(&["initdb", "-D", "pg", "-A", "trust", "-U", "lastgood", "-E", "UTF8", "--no-sync"]);
        let options = format!("-c listen_addresses='' -c fsync=off -k {}", server.folder.path().display());
        server.run(&["pg_ctl", "-D", "pg", "-w", "-l", "log", "-o", &options, "start"]);
        server
    }

    fn run(&self, words: &[&str]) {
        let program = program(words[0]);
        let mut command = if self.is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The server inherits what it is given: with a pipe, nobody would ever see its end.
        let log = std::fs::File::create(self.folder.path().join("out")).unwrap();
        command.args(&words[1..]).current_dir(self.folder.path()).stdin(Stdio::null());
        let status = command.stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
        let said = || std::fs::read_to_string(self.folder.path().join("out")).unwrap();
        assert!(status.success(), "{words:?}: {}", said());
    }

    pub(super) fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://lastgood:secret-word@{folder}/postgres")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run(&["pg_ctl", "-D", "pg", "-m", "immediate", "stop"]);
    }
}
