//! No text makes the loader panic, and whatever it refuses it says where.

use lastgood::policy::diagnostic::{self, Style};
use lastgood::policy::{load_with, starter, testing};
use proptest::prelude::*;

use super::{file, stand_ins};

/// Load, and draw whatever comes of it.
fn survive(text: &str) {
    if let Err(problems) = load_with(&[file("p.toml", text)], stand_ins::CHECKS) {
        assert!(!problems.is_empty());
        assert!(!diagnostic::render(&problems, Style::Plain).is_empty());
        assert!(!diagnostic::render(&problems, Style::Coloured).is_empty());
        for problem in &problems {
            let _ = (problem.line(), problem.json());
        }
    }
}

fn everything() -> String {
    let lines = starter::TEXT.lines().map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n");
    lines.filter(|line| line.contains('=') || line.starts_with('[')).collect()
}

/// Pieces that are nearly policies get further than random text.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("[policy]\n".to_owned()),
        Just("[[rule]]\n".to_owned()),
        Just("[[waiver]]\n".to_owned()),
        Just("[[override]]\n".to_owned()),
        Just("[rule.scope.not]\n".to_owned()),
        (
            "(id|title|version|check|with|scope|rules|expires|extends|in_force|not|kinds)",
            "(\"[a-zé*:-]{0,9}\"|[0-9-]{1,12}|\\[\"[*a-z]{0,4}\"\\]|\\{ [a-z]{1,5} = [0-9] \\}|true|\"35d\"|2026-01-31)"
        )
            .prop_map(|(key, value)| format!("{key} = {value}\n")),
        "\\PC{0,12}\n",
    ]
}

const TESTS: &[&str] = &[
    "as_of = 2026-11-22T00:00:00Z\n",
    "as_of = \"now\"\n",
    "[inventory]\n",
    "[[test]]\n",
    "name = \"a\"\n",
    "name = 1\n",
    "inventory = { reads = [{ call = \"s3:*\" }] }\n",
    "inventory = { reads = [1, [], {}] }\n",
    "inventory = [\"a\"]\n",
    "expect = [{ rule = \"r\", outcome = \"pass\" }]\n",
    "expect = [{ rule = \"q\", resource = \"b\" }]\n",
    "expect = 5\n",
    "[[test.inventory.resources]]\n",
    "arn = \"arn:aws:s3:::b\"\n",
    "kind = \"s3-bucket\"\n",
    "created_at = \"now-9999999w\"\n",
    "tags = { a = \"now\" }\n",
    "detail.bucket = { versioning = \"never\" }\n",
    "[[test.expect]]\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text(text in "(?s).{0,200}") {
        survive(&text);
    }

    #[test]
    fn nearly_policies(pieces in proptest::collection::vec(piece(), 0..25)) {
        survive(&pieces.concat());
    }

    /// Files of tests, nearly.
    #[test]
    fn files_of_tests(pieces in proptest::collection::vec(proptest::sample::select(TESTS), 0..25), text in "\\PC{0,12}") {
        let policy = load_with(&[file("p.toml", &format!("{}[[rule]]\nid = \"r\"\ncheck = \"versioning\"\n", super::HEAD))], stand_ins::CHECKS);
        let tests = testing::load(&[file("p.test.toml", &format!("{}{text}", pieces.concat()))], &policy.unwrap());
        for problem in tests.err().unwrap_or_default() {
            assert!(!problem.render(Style::Plain).is_empty());
        }
    }

    /// A condition in any of TOML's quotes: whatever is wrong with it lies in the file.
    #[test]
    fn conditions(pieces in proptest::collection::vec(
        proptest::sample::select(&["resource", ".", "size_gib", "é", "tags", "points", ".all(p,", "p", "(", ")", "'", "\\", "&&", "1", " ", "\n", "\t", "=="][..]), 0..20,
    )) {
        let text = pieces.concat();
        let basic = serde_json::to_string(&text).unwrap();
        for written in [basic, format!("'''\n{text}'''"), format!("\"\"\"\n{}\"\"\"", text.replace('\\', "\\\\"))] {
            survive(&format!("{}[[rule]]\nid = \"r\"\ncheck = \"condition\"\nwith.pass_when = {written}\n", super::HEAD));
        }
    }

    #[test]
    fn a_policy_with_random_edits(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..12)) {
        let mut bytes = everything().into_bytes();
        for (place, byte, how) in edits {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte % 128),
                _ => { bytes.remove(place); }
            }
        }
        survive(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    survive(&format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)));
    survive(&format!("a = {}", "{ a = ".repeat(100_000)));
    survive(&format!("{} = 1", ["a"; 100_000].join(".")));
    survive(&format!("[{}]", ["a"; 100_000].join(".")));
}

#[test]
fn five_thousand_rules_load_in_no_time() {
    let mut text = super::HEAD.to_owned();
    for number in 0..5_000 {
        text.push_str(&format!("[[rule]]\nid = \"r{number}\"\ncheck = \"cadence\"\nwith = {{ every = \"1d\" }}\nscope = {{ tags = {{ app = \"a{number}\" }} }}\n"));
    }
    let started = std::time::Instant::now();
    assert_eq!(load_with(&[file("p.toml", &text)], stand_ins::CHECKS).unwrap().rules.len(), 5_000);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
