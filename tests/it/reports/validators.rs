//! What code hosts read, held against validators that others wrote, or against the grammar that they document. Each is
//! shown to refuse what is invalid.

use lastgood::model::assessment::Assessment;
use lastgood::report::Format;
use serde_json::{Value, json};

use super::python::python;
use super::{estate, hostile, plain};

fn assessments() -> [Assessment; 2] {
    [estate::assessment(), hostile::assessment()]
}

fn sarif(assessment: &Assessment) -> Value {
    serde_json::from_str(&plain(assessment, Format::Sarif)).unwrap()
}

#[test]
fn sarif_is_what_the_schema_of_oasis_asks() {
    let schema = std::fs::read_to_string("fixtures/validators/sarif-schema-2.1.0.json").unwrap();
    // A bracket too many, which strict readers of expressions refuse: that of the language of messages, which we do not give.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for assessment in assessments() {
        let errors: Vec<String> = validator
            .iter_errors(&sarif(&assessment))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let good = sarif(&estate::assessment());
    for (pointer, value) in [
        ("/runs/0/results/0/level", json!("high")),
        ("/runs/0/results/0/message", Value::Null),
        ("/runs/0/tool/driver/name", json!(7)),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
        ("/version", json!("2.0.0")),
        ("/runs/0/results/0/kind", json!("unknown")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
    for (pointer, key) in [("/runs/0", "tool"), ("/runs/0/results/0", "message"), ("/runs/0/tool/driver/rules/0", "id")]
    {
        let mut bad = good.clone();
        bad.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        assert!(!validator.is_valid(&bad), "{pointer} without {key}");
    }
}

/// What is wrong with a code quality report, by <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.
fn wrong_for_gitlab(report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut fingerprints = std::collections::BTreeSet::new();
    let Some(entries) = report.as_array() else { return vec!["it is no array".to_owned()] };
    for (n, entry) in entries.iter().enumerate() {
        let mut check = |ok: bool, what: &str| {
            if !ok {
                wrong.push(format!("{n}: {what}"));
            }
        };
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        check(!text("/description").is_empty(), "description");
        check(!text("/check_name").is_empty(), "check_name");
        check(!text("/fingerprint").is_empty(), "fingerprint");
        check(fingerprints.insert(text("/fingerprint").to_owned()), "fingerprint of another");
        check(["info", "minor", "major", "critical", "blocker"].contains(&text("/severity")), "severity");
        let path = text("/location/path");
        check(!path.is_empty() && !path.starts_with("./") && !path.starts_with('/'), "location.path");
        check(entry.pointer("/location/lines/begin").and_then(Value::as_u64).is_some_and(|line| line > 0), "line");
    }
    wrong
}

#[test]
fn code_quality_is_what_gitlab_documents() {
    for assessment in assessments() {
        let report = serde_json::from_str(&plain(&assessment, Format::CodeQuality)).unwrap();
        let mut wrong = wrong_for_gitlab(&report);
        // The hostile one gives one name to many things.
        wrong.retain(|what| assessment == estate::assessment() || !what.ends_with("fingerprint of another"));
        assert_eq!(wrong, Vec::<String>::new());
    }
    let good: Value = serde_json::from_str(&plain(&estate::assessment(), Format::CodeQuality)).unwrap();
    let second = good[1]["fingerprint"].clone();
    for (pointer, value) in [
        ("/0/severity", json!("high")),
        ("/0/location/path", json!("./main.tf")),
        ("/0/location/lines/begin", json!(0)),
        ("/0/description", json!("")),
        ("/0/fingerprint", second),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert_eq!(wrong_for_gitlab(&bad).len(), 1, "{pointer}");
    }
}

/// Its command, its properties and its message.
type Annotation = (String, Vec<(String, String)>, String);

/// An annotation taken apart as the runner does it (`ActionCommand.TryParseV2` and its unescaping).
fn annotation(line: &str) -> Option<Annotation> {
    let (head, message) = line.strip_prefix("::")?.split_once("::")?;
    let (command, properties) = head.split_once(' ').unwrap_or((head, ""));
    let unescape = |text: &str, more: &[(&str, &str)]| {
        let mut text = text.to_owned();
        for (escaped, plain) in more.iter().chain(&[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]) {
            text = text.replace(escaped, plain);
        }
        text
    };
    let property = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        Some((key.to_owned(), unescape(value, &[("%3A", ":"), ("%2C", ",")])))
    };
    let properties = properties.split(',').filter(|pair| !pair.is_empty()).map(property).collect::<Option<_>>()?;
    Some((command.to_owned(), properties, unescape(message, &[])))
}

#[test]
fn annotations_are_read_back_as_they_were_meant() {
    for assessment in assessments() {
        let shown = plain(&assessment, Format::Github);
        for line in shown.lines() {
            let (command, properties, message) = annotation(line).unwrap_or_else(|| panic!("{line}"));
            assert!(["error", "warning", "notice"].contains(&command.as_str()), "{line}");
            assert!(!message.is_empty() && !message.contains(['\r', '\n', '\u{1b}']), "{line}");
            let keys: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
            assert!(keys == ["file", "line", "title"] || keys == ["title"], "{line}");
        }
        let mut shown = shown.lines().filter_map(annotation);
        let finding = assessment
            .verdicts
            .iter()
            .find(|verdict| verdict.outcome.is_finding() && verdict.reason().contains(['%', ':', ',']));
        let Some(finding) = finding.filter(|_| assessment == estate::assessment()) else { continue };
        let title = format!("{}: {}", finding.rule.id, finding.rule.title);
        assert!(shown.any(|(_, properties, _)| properties.iter().any(|(_, value)| *value == title)), "{title}");
    }
    let hundred = annotation("::error file=a%2Cb.tf,line=7,title=100%25::it is 100%25%0Agone").unwrap();
    assert_eq!(hundred.1[0].1, "a,b.tf");
    assert_eq!(hundred.2, "it is 100%\ngone");
    for bad in ["error file=a::b", "::error file=a", "::error file::message", ""] {
        assert!(annotation(bad).is_none(), "{bad}");
    }
}

/// What `junitparser` (PyPI) reads of a report: cases, failures, errors and skipped ones; or why it refuses it.
fn junitparser(xml: &str) -> Result<Vec<u64>, String> {
    const SCRIPT: &str = "
import sys
from junitparser import JUnitXml, Failure, Error, Skipped
report = JUnitXml.fromstring(sys.stdin.buffer.read())
cases = [case for suite in report for case in suite]
for case in cases:
    assert case.name and case.classname, 'a case without a name'
count = lambda kind: sum(isinstance(result, kind) for case in cases for result in case.result)
held = [len(cases), count(Failure), count(Error), count(Skipped)]
suites = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in report]
assert [sum(part) for part in zip(*suites)] == held, ('the suites count otherwise', suites, held)
assert [report.tests, report.failures, report.errors] == held[:3], 'the head counts otherwise'
print(*held)
";
    let output = python(SCRIPT, xml.as_bytes())?;
    Ok(output.split_whitespace().map(|word| word.parse().unwrap()).collect())
}

#[test]
#[ignore = "needs Python with junitparser"]
fn junit_is_read_by_junitparser() {
    for assessment in assessments() {
        let shown = plain(&assessment, Format::Junit);
        let held = junitparser(&shown).unwrap();
        let count = |element: &str| shown.matches(&format!("<{element}")).count() as u64;
        assert_eq!(held, [count("testcase "), count("failure "), count("error "), count("skipped ")]);
        assert!(held.iter().all(|count| *count > 0), "{held:?}");
    }
    let good = plain(&estate::assessment(), Format::Junit);
    let bad = [
        good.replacen("<testsuites", "<report", 1).replace("</testsuites>", "</report>"),
        good[..good.len() / 2].to_owned(),
        good.replacen("message=\"", "message=\"\u{1}", 1),
        good.replacen("message=\"", "message=\"<", 1),
        good.replacen("<failure", "<skipped/><failure", 1),
        good.replacen("classname=", "class=", 1),
    ];
    for (n, bad) in bad.iter().enumerate() {
        assert!(junitparser(bad).is_err(), "{n}");
    }
}
