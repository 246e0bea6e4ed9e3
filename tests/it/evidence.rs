//! Evidence bundles by the built program, checked with the system's own unzip, sha256sum and openssl as well.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn lastgood_with(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    command.args(args).current_dir(folder).env_clear().env("HOME", folder).envs(variables.iter().copied());
    command.output().unwrap()
}

/// What is done to the files of a bundle.
type Change<'c> = &'c dyn Fn(&mut Vec<(String, Vec<u8>)>);

/// Exit code, and what was said on both streams.
fn lastgood(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = lastgood_with(folder, &[], args);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn sh(folder: &Path, script: &str) -> String {
    let output = Command::new("sh").args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const MADE: [&str; 4] = ["scan", "--demo", "--bundle", "one.zip"];

fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = lastgood(folder.path(), &MADE);
    assert!(code == 3 && said.contains("bundle written to one.zip; its root is "), "{said}");
    folder
}

fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let all = 0..archive.len();
    all.map(|index| {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    })
    .collect()
}

fn write(path: &Path, files: &[(String, Vec<u8>)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_bundle_is_the_same_to_the_byte_and_verifies() {
    let folder = made();
    let here = folder.path();
    let (_, said) = lastgood(here, &["scan", "--demo", "--bundle", "two.zip"]);
    assert_eq!(std::fs::read(here.join("one.zip")).unwrap(), std::fs::read(here.join("two.zip")).unwrap(), "{said}");
    let (code, said) = lastgood(here, &["verify", "one.zip"]);
    assert!(code == 0 && !said.contains("WRONG"), "{said}");
    for sentence in ["there are no others", "judged again, to the same bytes", "it is the first of its chain"] {
        assert!(said.contains(sentence), "{said}");
    }
    let names: Vec<String> = files(&here.join("one.zip")).into_iter().map(|(name, _)| name).collect();
    for name in ["inventory.json", "assessment.json", "README.txt", "reports/report.html", "policies/0001-"] {
        assert!(names.iter().any(|known| known.starts_with(name)), "{name}: {names:?}");
    }
}

#[test]
fn a_bundle_holds_the_period_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let asked = ["--history", "h.db", "--period", "2026-11", "--bundle", "p.zip", "--format", "json=period.json"];
    let (code, said) = lastgood(here, &[&["scan", "--demo"], &asked[..]].concat());
    assert_eq!(code, 3, "{said}");
    let files = files(&here.join("p.zip"));
    let file = |name: &str| files.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.clone());
    assert_eq!(file("period/period.json").unwrap(), std::fs::read(here.join("period.json")).unwrap());
    assert!(file("period/period.html").is_some() && file("reports/report.html").is_some());
    let (code, said) = lastgood(here, &["verify", "p.zip"]);
    assert!(code == 0 && said.contains("judged again, to the same bytes"), "{said}");
    let mut bad = files;
    let at = bad.iter().position(|(name, _)| name == "period/period.html").unwrap();
    bad[at].1[100] ^= 1;
    write(&here.join("bad.zip"), &bad);
    let (code, said) = lastgood(here, &["verify", "bad.zip"]);
    assert!(code == 3 && said.contains("`period/period.html` was changed"), "{said}");
}

/// The first steps of an auditor need none of our software.
#[test]
fn the_system_s_own_tools_check_it() {
    let folder = made();
    let unpack = "python3 -c \"import zipfile; z = zipfile.ZipFile('one.zip'); assert z.testzip() is None; z.extractall('out')\"";
    sh(folder.path(), unpack);
    let said = sh(folder.path(), "cd out && sha256sum -c SHA256SUMS");
    let lines = std::fs::read_to_string(folder.path().join("out/SHA256SUMS")).unwrap().lines().count();
    assert_eq!(said.matches(": OK").count(), lines);
    assert!(lines > 10, "{said}");
}

/// One byte of any file, whichever it is: it is named.
#[test]
fn one_changed_byte_names_the_file() {
    let folder = made();
    let here = folder.path();
    let good = files(&here.join("one.zip"));
    for at in 0..good.len() {
        let mut bad = good.clone();
        let name = bad[at].0.clone();
        let middle = bad[at].1.len() / 2;
        bad[at].1[middle] ^= 1;
        write(&here.join("bad.zip"), &bad);
        let (code, said) = lastgood(here, &["verify", "bad.zip"]);
        match name.as_str() {
            // What the manifest says is told to be wrong by everything else, or it cannot be read any more.
            "manifest.json" => assert!([2, 3].contains(&code), "{said}"),
            "SHA256SUMS" => assert!(code == 3 && said.contains("does not say the same"), "{said}"),
            name => assert!(code == 3 && said.contains(&format!("`{name}` was changed")), "{name}: {said}"),
        }
    }
}

#[test]
fn files_that_are_missing_added_twice_or_longer_are_named() {
    let folder = made();
    let here = folder.path();
    let good = files(&here.join("one.zip"));
    let at = |name: &str| good.iter().position(|(known, _)| known == name).unwrap();
    let cases: [(&str, Change); 3] = [
        ("`inventory.json` is missing", &|all| drop(all.remove(at("inventory.json")))),
        ("`evil.txt` is not named by the manifest", &|all| all.push(("evil.txt".into(), b"x".to_vec()))),
        ("`README.txt` has not the", &|all| all[at("README.txt")].1.push(b'x')),
    ];
    for (sentence, change) in cases {
        let mut bad = good.clone();
        change(&mut bad);
        write(&here.join("bad.zip"), &bad);
        let (code, said) = lastgood(here, &["verify", "bad.zip"]);
        assert!(code == 3 && said.contains(sentence), "{sentence}: {said}");
    }
    for (name, bytes) in [("no.zip", b"PK no zip".to_vec()), ("empty.zip", Vec::new())] {
        std::fs::write(here.join(name), bytes).unwrap();
        let (code, said) = lastgood(here, &["verify", name]);
        assert!(code == 2 && said.contains("is no evidence bundle"), "{said}");
    }
    assert_eq!(lastgood(here, &["verify", "nowhere.zip"]).0, 2);
}

/// Whoever changes a verdict and works out every checksum anew is found by the judgement.
#[test]
fn a_judgement_that_was_made_up_is_found() {
    use sha2::Digest as _;
    let folder = made();
    let here = folder.path();
    let mut all = files(&here.join("one.zip"));
    let sum = |bytes: &[u8]| sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let at = all.iter().position(|(name, _)| name == "assessment.json").unwrap();
    let was = sum(&all[at].1);
    let forged =
        String::from_utf8(all[at].1.clone()).unwrap().replacen("\"outcome\": \"fail\"", "\"outcome\": \"pass\"", 1);
    assert_ne!(forged.as_bytes(), all[at].1, "there is a failure to hide");
    let now = sum(forged.as_bytes());
    all[at].1 = forged.into_bytes();
    for name in ["manifest.json", "SHA256SUMS"] {
        let at = all.iter().position(|(known, _)| known == name).unwrap();
        all[at].1 = String::from_utf8(all[at].1.clone()).unwrap().replace(&was, &now).into_bytes();
    }
    let manifest = all.iter().find(|(name, _)| name == "manifest.json").unwrap().1.clone();
    let sums = all.iter().position(|(known, _)| known == "SHA256SUMS").unwrap();
    let text = String::from_utf8(all[sums].1.clone()).unwrap();
    let fixed = text.lines().map(|line| match line.ends_with("  manifest.json") {
        true => format!("{}  manifest.json\n", sum(&manifest)),
        false => format!("{line}\n"),
    });
    all[sums].1 = fixed.collect::<String>().into_bytes();
    write(&here.join("bad.zip"), &all);
    let (code, said) = lastgood(here, &["verify", "bad.zip"]);
    assert!(code == 3 && said.contains("`assessment.json` is not what this judgement gives"), "{said}");
    assert!(said.contains("Merkle root    WRONG"), "{said}");
}

#[test]
fn a_chain_of_bundles_shows_one_that_was_taken_out() {
    let folder = made();
    let here = folder.path();
    let of = |name: &str, as_of: &str, before: &str| {
        let args = ["scan", "--demo", "--as-of", as_of, "--bundle", name, "--previous", before];
        assert_eq!(lastgood(here, &args).0, 3);
    };
    of("two.zip", "2027-01-01T00:00:00Z", "one.zip");
    of("three.zip", "2027-01-02T00:00:00Z", "two.zip");
    let (code, said) = lastgood(here, &["verify", "three.zip", "--previous", "two.zip"]);
    assert!(code == 0 && said.contains("it is that of run"), "{said}");
    let (code, said) = lastgood(here, &["verify", "three.zip"]);
    assert!(code == 4 && said.contains("give it with `--previous`"), "{said}");
    let (code, said) = lastgood(here, &["verify", "three.zip", "--previous", "one.zip"]);
    assert!(code == 3 && said.contains("the one that is given is of run"), "{said}");
}

/// Keys of OpenSSL sign and verify; and OpenSSL verifies what was signed here.
#[test]
fn signatures_are_those_of_openssl_keys() {
    let folder = made();
    let here = folder.path();
    sh(here, "openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out pub.pem");
    sh(here, "openssl genpkey -algorithm ed25519 -out other.pem && openssl pkey -in other.pem -pubout -out wrong.pem");
    let (code, said) = lastgood(here, &["scan", "--demo", "--bundle", "signed.zip", "--sign-key", "key.pem"]);
    assert!(code == 3 && said.contains("signed by the key "), "{said}");
    let (code, said) = lastgood(here, &["verify", "signed.zip", "--key", "pub.pem"]);
    assert!(code == 0 && said.contains("it is that of the key"), "{said}");
    let (code, said) = lastgood(here, &["verify", "signed.zip"]);
    assert!(code == 4 && said.contains("give the public key"), "{said}");
    let (code, said) = lastgood(here, &["verify", "signed.zip", "--key", "wrong.pem"]);
    assert!(code == 3 && said.contains("no signature is of the given key"), "{said}");
    let (code, said) = lastgood(here, &["verify", "one.zip", "--key", "pub.pem"]);
    assert!(code == 3 && said.contains("it is not signed, and a key is given"), "{said}");
    // A signature of another bundle is none of this.
    let signed = files(&here.join("signed.zip"));
    let envelope = signed.iter().find(|(name, _)| name == "manifest.dsse.json").unwrap().clone();
    assert_eq!(lastgood(here, &["scan", "--demo", "--as-of", "2027-01-01", "--bundle", "later.zip"]).0, 3);
    let mut later = files(&here.join("later.zip"));
    later.push(envelope.clone());
    write(&here.join("later.zip"), &later);
    let (code, said) = lastgood(here, &["verify", "later.zip", "--key", "pub.pem"]);
    assert!(code == 3 && said.contains("another manifest was signed"), "{said}");
    // The key from the environment gives the same.
    let pem = std::fs::read_to_string(here.join("key.pem")).unwrap();
    let variables = [("LASTGOOD_SIGNING_KEY", pem.as_str())];
    lastgood_with(here, &variables, &["scan", "--demo", "--bundle", "env.zip"]);
    assert_eq!(std::fs::read(here.join("env.zip")).unwrap(), std::fs::read(here.join("signed.zip")).unwrap());
    // And by hand: DSSE's encoding, and OpenSSL.
    let envelope: Value = serde_json::from_slice(&envelope.1).unwrap();
    let decode = |text: &str, name: &str| sh(here, &format!("printf %s '{text}' | base64 -d > {name}"));
    decode(envelope["payload"].as_str().unwrap(), "payload");
    decode(envelope["signatures"][0]["sig"].as_str().unwrap(), "sig");
    let kind = envelope["payloadType"].as_str().unwrap();
    let payload = std::fs::read(here.join("payload")).unwrap();
    let mut message = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    message.extend_from_slice(&payload);
    std::fs::write(here.join("message"), message).unwrap();
    let said = sh(here, "openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in message -sigfile sig");
    assert!(said.contains("Verified Successfully"), "{said}");
    for (text, what) in
        [("no key", "signing"), ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "signing")]
    {
        std::fs::write(here.join("bad.pem"), text).unwrap();
        let (code, said) = lastgood(here, &["scan", "--demo", "--bundle", "x.zip", "--sign-key", "bad.pem"]);
        assert!(code == 2 && said.contains(&format!("the {what} key is not understood")), "{said}");
        assert!(!here.join("x.zip").exists());
    }
}

/// What the tool draws, an auditor draws with a script of theirs.
#[test]
fn a_sample_can_be_drawn_again_by_anybody() {
    let folder = made();
    let here = folder.path();
    let (code, said) = lastgood(here, &["evidence", "sample", "one.zip", "--seed", "4711", "--n", "5"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(lastgood(here, &["evidence", "sample", "one.zip", "--seed", "4711", "--n", "5"]).1, said);
    assert_ne!(lastgood(here, &["evidence", "sample", "one.zip", "--seed", "4712", "--n", "5"]).1, said);
    let script = "python3 -c \"
import hashlib, json, zipfile
found = json.loads(zipfile.ZipFile('one.zip').read('assessment.json'))['verdicts']
names = [v['rule'] + ' ' + v['resource'] for v in found]
drawn = sorted((hashlib.sha256(('4711\\n' + n).encode()).hexdigest(), n) for n in names)
print('\\n'.join(d[:12] + ' ' + n for d, n in drawn[:5]))\"";
    for line in sh(here, script).lines() {
        let (digest, name) = line.split_once(' ').unwrap();
        let (rule, resource) = name.split_once(' ').unwrap();
        let drawn = said.lines().find(|line| line.starts_with(digest)).unwrap_or_else(|| panic!("{line}: {said}"));
        assert!(drawn.contains(rule) && drawn.contains(resource), "{drawn}");
    }
    let (code, said) = lastgood(here, &["evidence", "sample", "one.zip", "--seed", "1", "--rule", "dayly-backup"]);
    assert!(code == 2 && said.contains("no verdict is of the rule `dayly-backup`"), "{said}");
}

/// Registers and logs lie in it as they were, and what they say is judged again from the inventory.
#[test]
fn records_are_kept_as_they_lay_there() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::create_dir(here.join("logs")).unwrap();
    let (code, said) = lastgood(
        here,
        &[
            "log",
            "record",
            "--log",
            "logs/backup.jsonl",
            "--kind",
            "backup",
            "--resource",
            "component:shop/db",
            "--outcome",
            "succeeded",
        ],
    );
    assert_eq!(code, 0, "{said}");
    let args = ["scan", "--demo", "--logs", "logs", "--bundle", "one.zip"];
    let (_, said) = lastgood(here, &args);
    let all = files(&here.join("one.zip"));
    let (_, kept) =
        all.iter().find(|(name, _)| name == "records/logs/0001-backup.jsonl").unwrap_or_else(|| panic!("{said}"));
    assert_eq!(*kept, std::fs::read(here.join("logs/backup.jsonl")).unwrap());
    let (code, said) = lastgood(here, &["verify", "one.zip"]);
    assert!(code == 0, "{said}");
}
