//! The formats of code hosts: SARIF, JUnit, annotations of GitHub, code quality of GitLab.

use std::collections::BTreeSet;

use lastgood::model::assessment::{Assessment, BASELINE};
use lastgood::model::baseline::{Baseline, summary};
use lastgood::model::judgement::{Value as Fact, Word};
use lastgood::model::outcome::{Outcome, Severity};
use lastgood::report::Format;
use serde_json::Value;

use super::{estate, hostile, large, plain};

fn json(assessment: &Assessment, format: Format) -> Value {
    serde_json::from_str(&plain(assessment, format)).unwrap()
}

fn results(assessment: &Assessment) -> Vec<Value> {
    json(assessment, Format::Sarif)["runs"][0]["results"].as_array().unwrap().clone()
}

fn findings(assessment: &Assessment) -> usize {
    assessment.verdicts.iter().filter(|verdict| verdict.outcome.is_finding()).count()
}

/// The estate with its first finding in a baseline.
fn with_baseline() -> Assessment {
    let mut assessment = estate::assessment();
    let first = assessment.verdicts.iter_mut().find(|verdict| verdict.outcome == Outcome::Fail).unwrap();
    first.observed.push((Word::from(BASELINE), Fact::from("known")));
    assessment
}

#[test]
fn sarif_has_a_result_per_finding_and_declares_every_rule() {
    let assessment = estate::assessment();
    let log = json(&assessment, Format::Sarif);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let judged: BTreeSet<&str> = assessment.verdicts.iter().map(|verdict| &*verdict.rule.id).collect();
    assert_eq!(rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect::<BTreeSet<_>>(), judged);
    let found = results(&assessment);
    assert_eq!(found.len(), findings(&assessment));
    for result in &found {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let at = &result["locations"][0]["physicalLocation"];
        let uri = at["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains([':', ' ', '\\']), "{uri}");
        assert!(at["region"]["startLine"].as_u64().unwrap() >= 1);
        assert_eq!(result["kind"] == "review", result["properties"]["outcome"] == "unknown");
    }
    let levels: Vec<&str> = found.iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels[0], "error", "the worst come first");
    assert!(log["runs"][0]["automationDetails"]["id"].as_str().unwrap().ends_with('/'));
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(
        notes.iter().filter(|note| note["message"]["text"].as_str().unwrap().starts_with("not read")).count(),
        4
    );
}

#[test]
fn a_finding_keeps_its_fingerprint_when_its_code_moves() {
    let before = estate::assessment();
    let mut after = before.clone();
    for verdict in &mut after.verdicts {
        if let Some(at) = &mut std::sync::Arc::make_mut(&mut verdict.subject).code {
            at.line += 40;
        }
    }
    let of = |assessment: &Assessment| -> Vec<(Value, Value)> {
        let each = |result: &Value| {
            let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].clone();
            (result["partialFingerprints"]["primaryLocationLineHash"].clone(), line)
        };
        results(assessment).iter().map(each).collect()
    };
    let (before, after) = (of(&before), of(&after));
    assert!(before.iter().zip(&after).all(|(a, b)| a.0 == b.0));
    assert!(before.iter().zip(&after).any(|(a, b)| a.1 != b.1), "some stand in code");
    let distinct: BTreeSet<String> = before.iter().map(|(hash, _)| hash.to_string()).collect();
    assert_eq!(distinct.len(), before.len());
}

#[test]
fn more_than_a_host_keeps_is_cut_and_said() {
    let assessment = large::assessment(60_000);
    assert!(findings(&assessment) > 5_000, "{} are not enough", findings(&assessment));
    let log = json(&assessment, Format::Sarif);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 5_000);
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains(&format!("{} more findings are not listed", findings(&assessment) - 5_000)), "{notes}");
    let shown = plain(&assessment, Format::Github);
    for level in ["error", "warning", "notice"] {
        assert!(shown.lines().filter(|line| line.starts_with(&format!("::{level} file="))).count() <= 10);
    }
    assert!(shown.contains("more findings: see the whole report"));
}

#[test]
fn junit_counts_what_it_holds() {
    for assessment in [estate::assessment(), with_baseline()] {
        let shown = plain(&assessment, Format::Junit);
        let count = |element: &str| shown.matches(&format!("<{element}")).count();
        let (new, known) = summary(&assessment);
        let (gaps, policy) = (assessment.inventory.gaps.len(), &assessment.policy_findings);
        let of_policy = |outcome| policy.iter().filter(|finding| finding.outcome == outcome).count();
        assert_eq!(count("failure"), usize::try_from(new.fail).unwrap() + of_policy(Outcome::Fail));
        assert_eq!(count("error "), usize::try_from(new.unknown).unwrap() + gaps + of_policy(Outcome::Unknown));
        assert_eq!(count("skipped"), usize::try_from(new.waived + new.not_applicable + known).unwrap());
        let head = shown.lines().nth(1).unwrap();
        assert!(head.contains(&format!("tests=\"{}\" failures=\"{}\"", count("testcase"), count("failure"))), "{head}");
        assert!(head.contains(&format!("errors=\"{}\"", count("error "))) && !head.contains("skipped"), "{head}");
        let suites = |key: &str| -> u64 {
            let tail = |line: &str| {
                line.split_once(&format!(" {key}=\""))
                    .map(|(_, rest)| rest.split('"').next().unwrap().parse::<u64>().unwrap())
            };
            shown.lines().filter(|line| line.contains("<testsuite ")).filter_map(tail).sum()
        };
        assert_eq!(suites("tests"), count("testcase") as u64);
        assert_eq!(suites("skipped"), count("skipped") as u64);
    }
}

#[test]
fn what_the_baseline_holds_is_shown_by_no_host() {
    let (all, known) = (estate::assessment(), with_baseline());
    assert_eq!(results(&known).len() + 1, results(&all).len());
    let entries = |assessment| json(assessment, Format::CodeQuality).as_array().unwrap().len();
    assert_eq!((entries(&all), entries(&known)), (findings(&all), findings(&all) - 1));
    assert!(plain(&known, Format::Junit).contains("<skipped message=\"in the baseline: "));
}

#[test]
fn what_cannot_be_told_is_never_more_than_minor_in_code_quality() {
    let assessment = estate::assessment();
    let entries = json(&assessment, Format::CodeQuality);
    let of = |fingerprint: &str| {
        let entry = entries.as_array().unwrap().iter().find(|entry| entry["fingerprint"] == fingerprint).unwrap();
        entry["severity"].as_str().unwrap().to_owned()
    };
    let mut seen = BTreeSet::new();
    for verdict in assessment.verdicts.iter().filter(|verdict| verdict.outcome.is_finding()) {
        let severity = of(&verdict.fingerprint());
        seen.insert((verdict.outcome, severity.clone()));
        if verdict.outcome == Outcome::Unknown {
            assert_eq!(severity, "minor");
        } else {
            let expected = match verdict.rule.severity {
                Severity::Critical => "blocker",
                Severity::High => "critical",
                Severity::Medium => "major",
                Severity::Low => "minor",
                Severity::Info => "info",
            };
            assert_eq!(severity, expected);
        }
    }
    assert!(seen.len() > 1, "{seen:?}");
}

#[test]
fn no_name_breaks_out_of_an_annotation_or_an_attribute() {
    let shown = plain(&hostile::assessment(), Format::Github);
    for line in shown.lines() {
        let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert!(["error", "warning", "notice"].contains(&head.split(' ').next().unwrap()), "{line}");
        assert!(!data.is_empty(), "{line}");
    }
    let shown = plain(&hostile::assessment(), Format::Junit);
    assert!(!shown.contains("<script") && shown.contains("&lt;script"));
    let tags = shown.matches('<').count();
    let known = [
        "?xml",
        "testsuites",
        "/testsuites",
        "testsuite",
        "/testsuite",
        "testcase",
        "/testcase",
        "failure",
        "/failure",
        "error",
        "/error",
        "skipped",
    ];
    let counted: usize = known.iter().map(|tag| shown.matches(&format!("<{tag}")).count()).sum::<usize>()
        - shown.matches("<testsuites").count()
        - shown.matches("</testsuites").count();
    assert_eq!(tags, counted, "no other tag");
}

#[test]
fn a_baseline_holds_one_reason_and_tells_what_is_found_no_more() {
    let mut assessment = estate::assessment();
    let baseline = Baseline::of(&assessment, "no-weakening");
    assert!(baseline.mark(&mut assessment).is_empty());
    assert_eq!(summary(&assessment).0.fail + summary(&assessment).0.unknown, 0, "all of it is known");
    let again = Baseline::of(&assessment, "no-weakening");
    assert_eq!(baseline, again, "writing it anew loses nothing");

    // Another reason is another finding, and the entry holds nothing any more.
    let mut other = baseline.clone();
    other.findings[0].reason = "it was not so bad".into();
    let mut assessment = estate::assessment();
    let stale = other.mark(&mut assessment);
    assert_eq!((stale.len(), stale[0].reason.as_str()), (1, "it was not so bad"));
    assert_eq!(summary(&assessment).0.fail + summary(&assessment).0.unknown, 1);

    let rule = baseline.findings[0].rule.clone();
    assert!(Baseline::of(&assessment, &rule).findings.iter().all(|known| known.rule != rule));
}

#[test]
fn hostile_names_and_odd_places_stay_one_line_at_one_place() {
    let mut assessment = estate::assessment();
    assessment.verdicts.retain(|verdict| verdict.outcome == Outcome::Fail);
    assessment.verdicts.truncate(1);
    assessment.inventory.gaps.clear();
    let verdict = &mut assessment.verdicts[0];
    let subject = std::sync::Arc::make_mut(&mut verdict.subject);
    subject.name = "a & <b> 100%\n::error::c".into();
    subject.code = Some(lastgood::model::declared::CodeAt { file: "./a,b:100%.tf".into(), line: 0 });

    let said = plain(&assessment, Format::Github);
    let first = said.lines().next().unwrap();
    assert!(first.contains(" file=a%2Cb/100%25.tf,line=1,title="), "{first}");
    assert!(first.contains("::a & <b> 100%25\\n::error::c: "), "{first}");
    assert!(!said.lines().any(|line| line.starts_with("::error::c") || line.contains("could not be read")), "{said}");

    let results = results(&assessment);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 1, "lines begin with 1");
    assert!(!place["artifactLocation"]["uri"].as_str().unwrap().starts_with('.'), "{place}");

    let suite = plain(&assessment, Format::Junit);
    assert!(suite.contains("name=\"a &amp; &lt;b&gt; 100%"), "by its address where it stands in code: {suite}");
    std::sync::Arc::make_mut(&mut assessment.verdicts[0].subject).code = None;
    let arn = assessment.verdicts[0].subject.resource.clone();
    assert!(plain(&assessment, Format::Junit).contains(&format!("name=\"{arn}\"")), "or else by its ARN");
}

#[test]
fn annotations_say_what_was_not_read_and_what_is_wrong_with_the_policy() {
    let mut assessment = estate::assessment();
    let gaps = assessment.inventory.gaps.len();
    assert!(
        gaps > 0
            && plain(&assessment, Format::Github).contains(&format!("::warning title=not complete::{gaps} things"))
    );
    let title = "::error title=policy (waiver-expired)::";
    let finding = assessment.policy_findings.iter_mut().next().unwrap();
    (finding.code, finding.outcome) = ("waiver-expired".into(), Outcome::Fail);
    assert!(plain(&assessment, Format::Github).contains(title));
    assessment.policy_findings[0].outcome = Outcome::NotApplicable;
    assert!(!plain(&assessment, Format::Github).contains(title), "what is no failure is no annotation");
}
