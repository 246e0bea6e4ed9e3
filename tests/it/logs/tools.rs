//! Real tools, end to end: a good backup, one that fails and a restore, each through `log run`, then a scan
//! that judges what the log says. `tests/run` installs the tools and runs these; a plain test run shows them
//! as not run.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder with something to back up, a register of applications, and a log.
struct Site {
    folder: tempfile::TempDir,
    component: &'static str,
}

impl Site {
    fn new(component: &'static str, kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        // PostgreSQL refuses to run as root, and its own user must get in.
        std::fs::set_permissions(here, std::fs::Permissions::from_mode(0o777)).unwrap();
        for name in ["data/conf", "logs"] {
            std::fs::create_dir_all(here.join(name)).unwrap();
        }
        std::fs::write(here.join("data/conf/app.conf"), "listen = 80\n").unwrap();
        std::fs::write(
            here.join("data/big.bin"),
            (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(),
        )
        .unwrap();
        let register = format!(
            "[[application]]\nid = \"shop\"\ncriticality = \"critical\"\n[[application.component]]\nname = \"{component}\"\nkind = \"{kind}\"\n"
        );
        std::fs::write(here.join("applications.toml"), register).unwrap();
        let policy = "[policy]\nid = \"p\"\ntitle = \"t\"\nversion = \"1\"\n\
            [[rule]]\nid = \"daily\"\ncheck = \"cadence\"\nwith = { every = \"1d\", lookback = \"3d\" }\n\
            [[rule]]\nid = \"health\"\ncheck = \"backup-health\"\nwith = { lookback = \"3d\" }\n";
        std::fs::write(here.join("policy.toml"), policy).unwrap();
        let empty = lastgood::model::inventory::Inventory::empty(chrono::Utc::now(), "test");
        std::fs::write(here.join("inventory.json"), serde_json::to_string(&empty).unwrap()).unwrap();
        Self { folder, component }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn lastgood(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
        command.args(args).current_dir(self.folder.path());
        command.env("HOME", self.folder.path()).env("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes");
        command.output().unwrap()
    }

    /// A shell script in the folder; it must succeed.
    fn sh(&self, script: &str) -> String {
        let output = Command::new("sh")
            .args(["-ec", script])
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{script}\n{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// `log run` of a command: its status, and what was recorded.
    fn run(&self, options: &[&str], command: &[&str]) -> (i32, Value) {
        let resource = format!("component:shop/{}", self.component);
        let log = ["log", "run", "--log", "logs/backup.jsonl", "--resource", &resource];
        let output = self.lastgood(&[&log, options, &["--"], command].concat());
        let status = output.status.code().unwrap_or_else(|| panic!("killed: {output:?}"));
        let text = std::fs::read_to_string(self.path("logs/backup.jsonl")).unwrap_or_else(|_| panic!("{output:?}"));
        let mut last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["type"], "finished", "{output:?}");
        (status, last["activity"].take())
    }

    /// The verdict of a rule on the component, an hour from now.
    fn verdict(&self, rule: &str) -> Value {
        let later =
            (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let args = [
            "scan",
            "--policies",
            "policy.toml",
            "--inventory",
            "inventory.json",
            "--format",
            "json",
            "--logs",
            "logs",
            "--as-of",
            &later,
        ];
        let output = self.lastgood(&args);
        let assessment: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let arn = format!("component:shop/{}", self.component);
        let found =
            assessment["verdicts"].as_array().unwrap().iter().find(|v| v["rule"] == rule && v["resource"] == arn);
        found.cloned().unwrap_or_else(|| panic!("{assessment}"))
    }

    /// After a good backup and a failed one: the good one is the last good copy, and the failure is seen.
    fn judge(&self, good: &Value, failed: &Value) {
        assert_eq!(good["outcome"], "succeeded", "{good}");
        assert!(["failed", "partial"].contains(&failed["outcome"].as_str().unwrap()), "{failed}");
        assert!(failed["message"].is_string(), "it says why: {failed}");
        let cadence = self.verdict("daily");
        assert!(cadence["observed"]["last_good"].is_string(), "{cadence}");
        let last_good = cadence["observed"]["last_good"].as_str().unwrap();
        let began = good["started_at"].as_str().unwrap();
        assert!(last_good[..16] <= began[..16], "the failed one is newer and counts for nothing: {cadence}");
        let health = self.verdict("health");
        assert_eq!(health["outcome"], "fail", "{health}");
    }

    fn same(&self, left: &str, right: &str) {
        self.sh(&format!("diff -r '{left}' '{right}'"));
    }
}

#[test]
#[ignore = "needs restic"]
fn restic_backs_up_fails_and_restores() {
    let site = Site::new("files", "files");
    site.sh("echo pw > pw; restic -q -r repo -p pw init");
    let backup = ["restic", "--no-cache", "-r", "repo", "-p", "pw", "backup", "--json", "data"];
    let (status, good) = site.run(&["--native", "restic"], &backup);
    assert_eq!((status, good["size"].as_u64()), (0, Some(200_012)), "{good}");
    let missing = ["restic", "--no-cache", "-r", "repo", "-p", "pw", "backup", "--json", "gone"];
    let (status, failed) = site.run(&["--native", "restic"], &missing);
    assert_ne!(status, 0);
    site.judge(&good, &failed);
    let restore = ["restic", "--no-cache", "-r", "repo", "-p", "pw", "restore", "latest", "--target", "back"];
    let (status, restored) = site.run(&["--kind", "restore"], &restore);
    assert_eq!((status, &restored["kind"], &restored["outcome"]), (0, &"restore".into(), &"succeeded".into()));
    site.same("data", "back/data");
    // Its list of snapshots, as a declared source.
    site.sh("restic --no-cache -r repo -p pw snapshots --json > logs/snapshots.json");
    std::fs::write(
        site.path("logs/logs.toml"),
        "[[source]]\nfiles = [\"snapshots.json\"]\ntool = \"restic\"\nresource = \"component:shop/files\"\n",
    )
    .unwrap();
    assert!(site.verdict("daily")["observed"]["last_good"].is_string());
}

#[test]
#[ignore = "needs borg"]
fn borg_backs_up_fails_and_restores() {
    let site = Site::new("files", "files");
    site.sh("borg init -e none repo");
    let (status, good) =
        site.run(&["--native", "borg"], &["borg", "create", "--json", "--log-json", "repo::a", "data"]);
    assert_eq!(status, 0, "{good}");
    assert!(good["size"].as_u64().unwrap() >= 200_012, "{good}");
    let (status, failed) =
        site.run(&["--native", "borg"], &["borg", "create", "--json", "--log-json", "repo::b", "data", "gone"]);
    assert_eq!((status, &failed["outcome"]), (1, &"partial".into()), "{failed}");
    site.judge(&good, &failed);
    site.sh("mkdir back");
    let (status, restored) = site.run(&["--kind", "restore"], &["sh", "-c", "cd back && borg extract ../repo::a"]);
    assert_eq!((status, &restored["outcome"]), (0, &"succeeded".into()), "{restored}");
    site.same("data", "back/data");
    let (status, check) = site.run(
        &["--kind", "verification", "--native", "borg"],
        &["borg", "check", "--log-json", "--info", "--verify-data", "repo"],
    );
    assert_eq!(
        (status, &check["outcome"], &check["detail"]["depth"]),
        (0, &"succeeded".into(), &"full-read".into()),
        "{check}"
    );
}

#[test]
#[ignore = "needs rsync"]
fn rsync_backs_up_fails_and_restores() {
    let site = Site::new("files", "files");
    let (status, good) = site.run(&["--native", "rsync"], &["rsync", "-a", "--stats", "data/", "copy/"]);
    assert_eq!((status, good["size"].as_u64()), (0, Some(200_012)), "{good}");
    let (status, failed) = site.run(&["--native", "rsync"], &["rsync", "-a", "--stats", "gone/", "copy/"]);
    assert_eq!(status, 23, "{failed}");
    site.judge(&good, &failed);
    let (status, restored) =
        site.run(&["--kind", "restore", "--native", "rsync"], &["rsync", "-a", "--stats", "copy/", "back/"]);
    assert_eq!((status, &restored["outcome"]), (0, &"succeeded".into()), "{restored}");
    site.same("data", "back");
    let compare = ["rsync", "-anc", "--stats", "--itemize-changes", "data/", "back/"];
    let (_, equal) = site.run(&["--kind", "verification", "--native", "rsync"], &compare);
    assert_eq!(equal["outcome"], "succeeded", "{equal}");
    std::fs::write(site.path("back/conf/app.conf"), "listen = 81\n").unwrap();
    let (_, differs) = site.run(&["--kind", "verification", "--native", "rsync"], &compare);
    assert_eq!(differs["outcome"], "failed", "{differs}");
}

#[test]
#[ignore = "needs git"]
fn git_mirrors_fail_and_are_cloned_back() {
    let site = Site::new("code", "repository");
    site.sh("cd data && git init -q -b main . && git add . && git -c user.name=a -c user.email=a@b commit -qm one");
    let (status, good) = site.run(&["--native", "git"], &["git", "clone", "--mirror", "data", "mirror.git"]);
    assert_eq!(status, 0, "{good}");
    let (status, failed) = site.run(&["--native", "git"], &["git", "clone", "--mirror", "gone", "other.git"]);
    assert_ne!(status, 0);
    site.judge(&good, &failed);
    let (status, restored) = site.run(&["--kind", "restore"], &["git", "clone", "-q", "mirror.git", "back"]);
    assert_eq!((status, &restored["outcome"]), (0, &"succeeded".into()), "{restored}");
    site.sh("rm -rf data/.git back/.git");
    site.same("data", "back");
    let (_, checked) =
        site.run(&["--kind", "verification", "--native", "git"], &["git", "-C", "mirror.git", "fsck", "--full"]);
    assert_eq!(
        (&checked["outcome"], &checked["detail"]["depth"]),
        (&"succeeded".into(), &"full-read".into()),
        "{checked}"
    );
}

/// A server that is stopped when the test ends, however it ends.
struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for(what: &str, mut ready: impl FnMut() -> bool) {
    for _ in 0..150 {
        if ready() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    panic!("{what} did not come up");
}

#[test]
#[ignore = "needs mariadb"]
fn mariadb_is_dumped_fails_and_is_restored() {
    let site = Site::new("db", "mysql");
    let user = site.sh("id -un").trim().to_owned();
    site.sh(&format!("mariadb-install-db --no-defaults --datadir=\"$PWD/mysql\" --user={user} --auth-root-authentication-method=normal --skip-test-db > install.log 2>&1"));
    let socket = site.path("m.sock");
    let daemon = Command::new("mariadbd")
        .args(["--no-defaults", "--skip-networking", "--skip-grant-tables"])
        .arg(format!("--user={user}"))
        .arg(format!("--datadir={}", site.path("mysql").display()))
        .arg(format!("--socket={}", socket.display()))
        .stderr(std::fs::File::create(site.path("mariadbd.log")).unwrap())
        .spawn()
        .unwrap();
    let _server = Server(daemon);
    wait_for("mariadbd", || socket.exists());
    let at = format!("--socket={}", socket.display());
    site.sh(&format!("mariadb '{at}' -e 'create database crm; use crm; create table t (id int primary key, name text); insert into t values (1, \"a\"), (2, \"b\");'"));
    let dump = |database: &str| {
        site.run(
            &["--out", "crm.sql.gz", "--compress", "gzip", "--expect", "mysqldump", "--data-type", "mysql"],
            &["mariadb-dump", &at, "--single-transaction", database],
        )
    };
    let (status, good) = dump("crm");
    assert_eq!((status, &good["detail"]["artefacts"][0]["trailer"]), (0, &true.into()), "{good}");
    let before = std::fs::read(site.path("crm.sql.gz")).unwrap();
    let (status, failed) = dump("crn");
    assert_ne!(status, 0, "there is no such database");
    assert_eq!(std::fs::read(site.path("crm.sql.gz")).unwrap(), before, "the good dump stays");
    site.judge(&good, &failed);
    site.sh(&format!("mariadb '{at}' -e 'create database back'"));
    let script = format!("gunzip -c crm.sql.gz | mariadb '{at}' back");
    let (status, restored) = site.run(&["--kind", "restore", "--data-type", "mysql"], &["sh", "-c", &script]);
    assert_eq!((status, &restored["outcome"]), (0, &"succeeded".into()), "{restored}");
    assert_eq!(site.sh(&format!("mariadb '{at}' -N -e 'select count(*) from back.t'")).trim(), "2");
}

/// The newest PostgreSQL of the Debian packages.
fn postgres(program: &str) -> String {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.retain(|version| version.join("bin/initdb").exists());
    versions.sort();
    versions.pop().unwrap().join("bin").join(program).display().to_string()
}

#[test]
#[ignore = "needs pgbackrest"]
fn pgbackrest_backs_up_fails_and_restores() {
    let site = Site::new("db", "postgresql");
    let root = site.sh("id -u").trim() == "0";
    // PostgreSQL refuses to run as root.
    let user: &[&str] = if root { &["runuser", "-u", "postgres", "--"] } else { &[] };
    let as_user = |script: &str| {
        let here = site.folder.path();
        let mut words = user.to_vec();
        words.extend(["sh", "-ec", script]);
        let output = Command::new(words[0]).args(&words[1..]).current_dir(here).output().unwrap();
        assert!(output.status.success(), "{script}\n{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let here = site.folder.path().display().to_string();
    let config = format!(
        "[global]\nrepo1-path={here}/repo\nlog-path={here}\nlock-path={here}/lock\nspool-path={here}/spool\nstart-fast=y\n[demo]\npg1-path={here}/pg\npg1-socket-path={here}\npg1-port=54999\n"
    );
    std::fs::write(site.path("pgbackrest.conf"), config).unwrap();
    let pgbackrest = format!("pgbackrest --config={here}/pgbackrest.conf --stanza=demo --log-level-console=info");
    as_user(&format!("mkdir -p repo lock spool; {} -D pg -A trust > /dev/null", postgres("initdb")));
    as_user(&format!(
        "cat >> pg/postgresql.conf <<END\nlisten_addresses = ''\nport = 54999\nunix_socket_directories = '{here}'\nwal_level = replica\narchive_mode = on\narchive_command = 'pgbackrest --config={here}/pgbackrest.conf --stanza=demo archive-push %p'\nEND"
    ));
    let stop = Stop {
        script: format!("{} -D {here}/pg -m immediate stop", postgres("pg_ctl")),
        user: user.iter().map(|word| (*word).to_owned()).collect(),
    };
    as_user(&format!("{} -D pg -w -l pg.log start > /dev/null", postgres("pg_ctl")));
    as_user(&format!(
        "psql -q -h {here} -p 54999 -d postgres -c 'create table t (id int); insert into t values (1), (2);'"
    ));
    as_user(&format!("{pgbackrest} stanza-create > /dev/null"));
    let run = |options: &[&str], command: &str| {
        let words: Vec<&str> = user.iter().copied().chain(command.split(' ')).collect();
        site.run(options, &words)
    };
    let (status, good) = run(&["--data-type", "postgresql"], &format!("{pgbackrest} --type=full backup"));
    assert_eq!(status, 0, "{good}");
    let (status, failed) = run(
        &["--data-type", "postgresql"],
        &format!("pgbackrest --config={here}/pgbackrest.conf --stanza=gone backup"),
    );
    assert_ne!(status, 0, "{failed}");
    site.judge(&good, &failed);
    as_user(&format!("psql -q -h {here} -p 54999 -d postgres -c 'select pg_switch_wal()' > /dev/null"));
    // Its own list.
    let info = as_user(&format!("pgbackrest --config={here}/pgbackrest.conf --stanza=demo info --output=json"));
    std::fs::write(site.path("logs/info.json"), info).unwrap();
    std::fs::write(
        site.path("logs/logs.toml"),
        "[[source]]\nfiles = [\"info.json\"]\ntool = \"pgbackrest\"\nresource = \"component:shop/db\"\n",
    )
    .unwrap();
    assert!(site.verdict("daily")["observed"]["last_good"].is_string());
    drop(stop);
    let (status, restored) =
        run(&["--kind", "restore"], &format!("{pgbackrest} --pg1-path={here}/back --type=immediate restore"));
    assert_eq!((status, &restored["outcome"]), (0, &"succeeded".into()), "{restored}");
    assert!(site.sh("cat back/PG_VERSION").trim().parse::<f32>().is_ok());
}

struct Stop {
    script: String,
    user: Vec<String>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        let words: Vec<&str> = self.user.iter().map(String::as_str).chain(["sh", "-c", &self.script]).collect();
        let _ = Command::new(words[0]).args(&words[1..]).current_dir(Path::new("/")).output();
    }
}
