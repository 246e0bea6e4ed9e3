//! Notifications: what is worth telling, and how it is told by the built program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use lastgood::demo;
use lastgood::evaluate::evaluate;
use lastgood::model::assessment::Assessment;
use lastgood::model::outcome::{Outcome, Severity};
use lastgood::notify::{Message, State};
use lastgood::policy::{SourceFile, builtin, load};
use serde_json::Value;

fn assessment() -> Assessment {
    let mut files = builtin::default().unwrap().sources();
    files.push(SourceFile { name: "demo/waivers.toml".into(), text: demo::WAIVERS.into() });
    let policy = load(&files).unwrap_or_else(|problems| panic!("{problems:?}"));
    evaluate(&policy, &demo::inventory(), demo::as_of())
}

/// The demo without gaps, whole.
fn whole() -> Assessment {
    let mut assessment = assessment();
    assessment.inventory.gaps.clear();
    assessment.inventory.complete = true;
    assessment
}

fn state(assessment: &Assessment, before: Option<&State>) -> State {
    State::of(assessment, before, Severity::Info)
}

fn message(assessment: &Assessment, before: &State) -> Option<Value> {
    let message = Message::of(assessment, Some(before), Severity::Info)?;
    let value = serde_json::to_value(&message).unwrap();
    assert_valid(&value);
    Some(value)
}

fn assert_valid(value: &Value) {
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string("docs/schemas/notification.schema.json").unwrap()).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(value["text"].as_str().unwrap().starts_with("lastgood: "));
}

/// The first verdict of a rule in force that fails, and its place.
fn a_failure(assessment: &Assessment) -> usize {
    assessment.verdicts.iter().position(|v| v.outcome == Outcome::Fail && v.rule.id == "kept-35-days").unwrap()
}

#[test]
fn the_first_time_everything_is_new_and_the_second_time_nothing() {
    let assessment = assessment();
    let first = Message::of(&assessment, None, Severity::Info).unwrap();
    let value = serde_json::to_value(&first).unwrap();
    assert_valid(&value);
    assert!(value["new_failures"]["total"].as_u64().unwrap() > 20);
    assert_eq!(value["new_failures"]["listed"].as_array().unwrap().len(), 20);
    assert_eq!(value["unseen"]["new_gaps"]["total"], assessment.inventory.gaps.len());
    assert!(first.text().contains("more\n") && first.text().contains("NOT COMPLIANT"), "{}", first.text());
    assert!(first.subject().is_ascii() && first.subject().len() <= 100);
    assert_eq!(message(&assessment, &state(&assessment, None)), None);
}

#[test]
fn a_repair_is_told_and_another_end_is_told_apart() {
    let before = state(&whole(), None);
    let mut now = whole();
    let at = a_failure(&now);
    let fingerprint = now.verdicts[at].fingerprint();
    now.verdicts[at].outcome = Outcome::Pass;
    let value = message(&now, &before).unwrap();
    assert_eq!((&value["repaired"]["total"], &value["ended"]["total"]), (&1.into(), &0.into()));
    assert_eq!(value["repaired"]["listed"][0]["fingerprint"], fingerprint.as_str());
    assert_eq!(value["new_failures"]["total"], 0);
    now.verdicts[at].outcome = Outcome::Waived;
    let value = message(&now, &before).unwrap();
    assert_eq!((&value["repaired"]["total"], &value["ended"]["listed"][0]["now"]), (&0.into(), &"waived".into()));
    now.verdicts.remove(at);
    let value = message(&now, &before).unwrap();
    assert_eq!((&value["repaired"]["total"], &value["ended"]["listed"][0]["now"]), (&0.into(), &"not judged".into()));
}

/// Absence of evidence is no repair.
#[test]
fn a_failure_that_is_out_of_sight_has_not_ended() {
    let before = state(&whole(), None);
    let at = a_failure(&whole());
    let mut unknown = whole();
    unknown.verdicts[at].outcome = Outcome::Unknown;
    let value = message(&unknown, &before).unwrap();
    assert_eq!((&value["repaired"]["total"], &value["ended"]["total"]), (&0.into(), &0.into()));
    assert_eq!(value["unseen"]["new_unknown"]["total"], 1);
    let between = state(&unknown, Some(&before));
    assert_eq!(message(&whole(), &between), None, "it was told when it first failed");
    let mut repaired = whole();
    repaired.verdicts[at].outcome = Outcome::Pass;
    assert_eq!(message(&repaired, &between).unwrap()["repaired"]["total"], 1);
    // Gone from a list that is not whole.
    let mut gone = assessment();
    gone.verdicts.remove(at);
    let value = message(&gone, &before).unwrap();
    assert_eq!((&value["repaired"]["total"], &value["ended"]["total"]), (&0.into(), &0.into()));
    assert!(state(&gone, Some(&before)).failed.len() == before.failed.len());
}

#[test]
fn what_does_not_count_is_not_told() {
    let assessment = whole();
    let planned: Vec<&str> = assessment.clauses.iter().filter(|c| !c.in_force).map(|c| c.id.as_str()).collect();
    let waits = |rule: &str| {
        let verdict = assessment.verdicts.iter().find(|v| v.rule.id.as_str() == rule);
        verdict.is_some_and(|v| v.rule.clauses.iter().all(|clause| planned.contains(&clause.as_str())))
    };
    assert!(waits("second-tier"));
    let all = state(&assessment, None);
    assert!(all.failed.values().all(|known| known.rule != "second-tier"));
    let severe = State::of(&assessment, None, Severity::Critical);
    assert!(severe.failed.len() < all.failed.len());
}

#[test]
fn a_new_gap_is_told_once() {
    let before = state(&whole(), None);
    let value = message(&assessment(), &before).unwrap();
    assert_eq!(value["unseen"]["new_gaps"]["total"], 4);
    assert_eq!(value["unseen"]["new_gaps"]["listed"][0]["status"], "denied");
    assert_eq!(message(&assessment(), &state(&assessment(), Some(&before))), None);
}

#[test]
fn no_audit_is_told_once() {
    let policy = assessment().policy;
    let told = Message::no_audit(&policy, "no credentials", None).unwrap();
    let value = serde_json::to_value(&told).unwrap();
    assert_valid(&value);
    assert_eq!((&value["standing"], &value["run"]), (&"NO AUDIT".into(), &Value::Null));
    let before = State { no_audit: true, ..State::empty("infrastructure-backups") };
    assert_eq!(Message::no_audit(&policy, "no credentials", Some(&before)), None);
}

// The built program.

fn lastgood(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    command.args(["scan", "--demo", "--format", "csv=v.csv"]).args(args).current_dir(folder).env_clear();
    command.env("PATH", "/usr/bin:/bin").output().unwrap()
}

/// The result is what it is without notifications; standard error is returned.
fn scan(folder: &Path, args: &[&str]) -> String {
    let _ = std::fs::remove_file(folder.join("v.csv"));
    let output = lastgood(folder, args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(output.stdout.is_empty() && folder.join("v.csv").exists(), "{stderr}");
    stderr
}

/// Answers one request per status, then no more; what was posted comes out of the channel.
fn listener(statuses: &'static [u16]) -> (u16, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (stream, _) = listener.accept().unwrap();
            sender.send(answer(stream, *status)).unwrap();
        }
    });
    (port, receiver)
}

fn answer(mut stream: TcpStream, status: u16) -> (String, String) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_webhook_is_posted_once_and_not_again_while_nothing_changes() {
    let folder = folder();
    let (port, posted) = listener(&[204]);
    let target = format!("webhook:http://127.0.0.1:{port}/hooks/s3cr3t?token=t0k3n");
    let args = ["--notify", &target, "--notify-state", "told.json"];
    let stderr = scan(folder.path(), &args);
    assert!(stderr.contains(&format!("told webhook:http://127.0.0.1:{port}/…")), "{stderr}");
    assert!(!stderr.contains("s3cr3t") && !stderr.contains("t0k3n"), "{stderr}");
    let (head, body) = posted.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(head.starts_with("POST /hooks/s3cr3t?token=t0k3n HTTP/1.1"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
    assert_valid(&serde_json::from_str(&body).unwrap());
    // The listener is gone: had something been sent, it would have failed.
    let stderr = scan(folder.path(), &args);
    assert!(stderr.contains("nothing changed") && !stderr.contains("warning"), "{stderr}");
}

#[test]
fn a_server_error_is_tried_again_and_a_refusal_is_not() {
    let folder = folder();
    let (port, posted) = listener(&[500, 200]);
    let target = format!("webhook:http://localhost:{port}/x");
    let stderr = scan(folder.path(), &["--notify", &target, "--notify-state", "told.json"]);
    assert!(stderr.contains("told webhook") && !stderr.contains("warning"), "{stderr}");
    assert_eq!(posted.iter().count(), 2);
    for status in [&[403_u16][..], &[302]] {
        let status: &'static [u16] = if status[0] == 403 { &[403] } else { &[302] };
        let (port, posted) = listener(status);
        let target = format!("webhook:http://localhost:{port}/x");
        let stderr = scan(folder.path(), &["--notify", &target, "--notify-state", "other.json"]);
        assert!(stderr.contains(&format!("was not told: the answer was {}\n", status[0])), "{stderr}");
        assert_eq!(posted.iter().count(), 1);
        assert!(!folder.path().join("other.json").exists(), "what was not told is not remembered as told");
    }
}

#[test]
fn who_does_not_answer_costs_bounded_time_and_no_result() {
    let folder = folder();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("webhook:http://127.0.0.1:{}/s3cr3t", silent.local_addr().unwrap().port());
    let args = ["--notify", &target, "--notify-state", "told.json", "--notify-timeout", "1s"];
    let before = Instant::now();
    let stderr = scan(folder.path(), &args);
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    assert!(stderr.contains("warning: webhook") && stderr.contains("no answer in time"), "{stderr}");
    drop(silent);
    let stderr = scan(folder.path(), &["--notify", &target, "--notify-state", "told.json", "--notify-timeout", "2s"]);
    assert!(stderr.contains("warning: webhook") && stderr.contains("attempts)"), "{stderr}");
    assert!(!stderr.contains("s3cr3t") && !folder.path().join("told.json").exists(), "{stderr}");
}

fn script(folder: &Path, name: &str, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("command:{}", path.display())
}

#[test]
fn a_command_gets_the_document_and_a_baseline_is_enough() {
    let folder = folder();
    let command = script(folder.path(), "tell", "echo noise; cat > \"$1\"");
    let saved = folder.path().join("before.json");
    let mut before = assessment();
    let at = a_failure(&before);
    before.verdicts[at].outcome = Outcome::Pass;
    std::fs::write(&saved, serde_json::to_vec(&before).unwrap()).unwrap();
    let out = folder.path().join("out.json");
    let target = format!("{command} {}", out.display());
    let stderr = scan(folder.path(), &["--notify", &target, "--baseline", "before.json"]);
    let value: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_valid(&value);
    assert_eq!(value["new_failures"]["total"], 1, "{stderr}");
    assert!(!stderr.contains("out.json"), "arguments may be secret: {stderr}");
    std::fs::remove_file(&out).unwrap();
    scan(folder.path(), &["--format", "json=same.json"]);
    let stderr = scan(folder.path(), &["--notify", &target, "--baseline", "same.json"]);
    assert!(!out.exists() && stderr.contains("nothing changed"), "{stderr}");
}

#[test]
fn a_command_that_fails_or_hangs_is_a_warning_and_the_others_are_told() {
    let folder = folder();
    let fails = script(folder.path(), "fails", "echo x >> tries; exit 7");
    let hangs = script(folder.path(), "hangs", "sleep 60 & wait");
    let works = script(folder.path(), "works", "cat > got.json");
    let before = Instant::now();
    let args = ["--notify", &fails, "--notify", &hangs, "--notify", &works, "--notify-state", "told.json"];
    let stderr = scan(folder.path(), &[&args[..], &["--notify-timeout", "4s"]].concat());
    assert!(before.elapsed() < Duration::from_secs(25), "{:?}", before.elapsed());
    assert!(stderr.contains("was not told: it exited with 7 (2 attempts)"), "{stderr}");
    assert_eq!(std::fs::read_to_string(folder.path().join("tries")).unwrap().lines().count(), 2);
    assert!(stderr.contains("hangs was not told: it took longer than"), "{stderr}");
    assert!(stderr.contains("told command:") && folder.path().join("got.json").exists(), "{stderr}");
    assert!(!folder.path().join("told.json").exists());
}

#[test]
fn bad_values_are_refused_before_the_scan() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.json"), "{}").unwrap();
    let other = State::empty("other");
    std::fs::write(folder.path().join("other.json"), serde_json::to_vec(&other).unwrap()).unwrap();
    let told = ["--notify-state", "told.json"];
    let with = |target: &'static str, rest: &[&'static str]| [&["--notify", target], rest].concat();
    for (args, message) in [
        (with("webhok:https://h/s3cr3t", &told), "did you mean `webhook:`?"),
        (with("s3cr3t", &told), "does not know the target"),
        (with("sns:nonsense", &told), "is not the ARN of a topic"),
        (with("webhook:http://example.com/s3cr3t", &told), "is not encrypted"),
        (with("webhook:ftp://example.com/s3cr3t", &told), "neither https nor http"),
        (with("webhook:https://u:s3cr3t@example.com/", &told), "holds a user"),
        (with("webhook:s3cr3t", &told), "the address of the webhook"),
        (with("command:", &told), "names no program"),
        (with("command:no-such-program-x", &told), "is not there"),
        (with("command:true", &[]), "--notify-state"),
        (with("command:true", &["--notify-state", "bad.json"]), "is not what `--notify-state` remembers"),
        (with("command:true", &["--notify-state", "none/told.json"]), "folder does not exist"),
        (with("command:true", &["--notify-state", "other.json"]), "of the policy `other`"),
        (with("command:true", &["--notify-state", "told.json", "--baseline", "b.json"]), "cannot be used with"),
        (with("command:true", &["--notify-state", "told.json", "--notify-timeout", "soon"]), "--notify-timeout"),
    ] {
        let output = lastgood(folder.path(), &args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(message), "{args:?}: {stderr}");
        assert!(!stderr.contains("s3cr3t"), "{args:?}: {stderr}");
        assert!(!folder.path().join("v.csv").exists(), "{args:?}: nothing is judged");
    }
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_topic_needs_a_build_that_talks_to_aws() {
    let folder = folder();
    let args = ["--notify", "sns:arn:aws:sns:eu-west-2:111122223333:backups", "--notify-state", "told.json"];
    let output = lastgood(folder.path(), &args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("cannot talk to AWS") && stderr.contains("feature `aws`"), "{stderr}");
}

/// A scan that got no answer at all: it judged nothing, and that is told once.
#[cfg(feature = "aws")]
#[test]
fn a_scan_that_ends_without_an_audit_is_told_by_the_built_program() {
    let folder = folder();
    let out = folder.path().join("out.json");
    let target = format!("{} {}", script(folder.path(), "tell", "cat > \"$1\""), out.display());
    let here = folder.path();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
        // A port at which nobody listens, and credentials that nobody asked for.
        command.args(["scan", "--region", "eu-west-2", "--endpoint-url", "http://127.0.0.1:9"]);
        command.args(["--notify", &target, "--notify-state", "told.json"]).current_dir(here).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", here).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "x").output().unwrap()
    };
    let output = run();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let value: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_valid(&value);
    assert_eq!((&value["standing"], &value["run"]), (&"NO AUDIT".into(), &Value::Null));
    assert!(!value["basis"].as_str().unwrap().is_empty(), "{value}");
    let kept: Value = serde_json::from_slice(&std::fs::read(here.join("told.json")).unwrap()).unwrap();
    assert_eq!(kept["no_audit"], true);
    std::fs::remove_file(&out).unwrap();
    assert_eq!(run().status.code(), Some(1));
    assert!(!out.exists(), "it was told already");
}
