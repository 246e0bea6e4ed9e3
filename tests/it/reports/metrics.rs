//! Metrics: totals, limits, and the two readers of Prometheus' own Python client.

use lastgood::model::assessment::Assessment;
use lastgood::model::outcome::Outcome;
use lastgood::report::Format;

use super::python::python;
use super::{estate, hostile, large, plain};

fn metrics(assessment: &Assessment) -> String {
    plain(assessment, Format::OpenMetrics)
}

/// The values of the series of a family whose labels hold `label`.
fn values(shown: &str, name: &str, label: &str) -> Vec<i64> {
    let of = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
    let lines = shown.lines().filter(of).filter(|line| line.contains(label));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn totals_are_those_of_the_assessment() {
    let assessment = estate::assessment();
    let shown = metrics(&assessment);
    for outcome in Outcome::ALL {
        let label = format!("outcome=\"{outcome}\"");
        let sum: i64 = values(&shown, "lastgood_verdicts", &label).iter().sum();
        assert_eq!(sum, i64::try_from(assessment.summary.of(outcome)).unwrap(), "{outcome}");
    }
    for clause in &assessment.clauses {
        let label = format!("clause=\"{}\",in_force=\"{}\",status=\"{}\"", clause.id, clause.in_force, clause.status);
        assert_eq!(values(&shown, "lastgood_clause_status", &label), [1], "{}", clause.id);
    }
    let ones: i64 = values(&shown, "lastgood_clause_status", "").iter().sum();
    assert_eq!(usize::try_from(ones).unwrap(), assessment.clauses.len());
    assert_eq!(values(&shown, "lastgood_gaps", ""), [i64::try_from(assessment.inventory.gaps.len()).unwrap()]);
    assert_eq!(values(&shown, "lastgood_compliant", ""), [0]);
    assert_eq!(values(&shown, "lastgood_run_timestamp_seconds", ""), [assessment.run.as_of.timestamp()]);
    let good = values(&shown, "lastgood_last_good_timestamp_seconds", "");
    let wanted = assessment.verdicts.iter().filter(|verdict| verdict.fact("last_good").is_some()).count();
    assert_eq!(good.len(), wanted);
    assert!(shown.ends_with("\n# EOF\n"));
}

#[test]
fn what_is_not_proven_is_not_compliant() {
    let mut assessment = estate::assessment();
    assessment.verdicts.retain(|verdict| verdict.outcome == Outcome::Pass);
    assessment.clauses.clear();
    assessment.policy_findings.clear();
    assert_eq!(values(&metrics(&assessment), "lastgood_compliant", ""), [0], "gaps remain");
    assessment.inventory.gaps.clear();
    assessment.inventory.complete = true;
    assert_eq!(values(&metrics(&assessment), "lastgood_compliant", ""), [1]);
}

#[test]
fn too_many_series_are_cut_and_that_is_a_metric() {
    let mut assessment = large::assessment(10_007);
    let oldest = estate::at("2026-11-01T00:00:00Z");
    let facts = &mut assessment.verdicts.last_mut().unwrap().observed;
    facts.iter_mut().find(|(name, _)| name == "last_good").unwrap().1 = oldest.into();
    let shown = metrics(&assessment);
    let good = values(&shown, "lastgood_last_good_timestamp_seconds", "");
    assert_eq!((good.len(), good[0]), (10_000, oldest.timestamp()));
    assert_eq!(values(&shown, "lastgood_last_good_left_out", ""), [7]);
}

const OPENMETRICS: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
text = sys.stdin.buffer.read().decode()
families = list(read(text))
assert all(family.type == 'gauge' and family.documentation for family in families), families
print(sum(len(family.samples) for family in families))
for sample in sorted(repr(s.labels) for family in families for s in family.samples): print(sample)
";

/// As `node_exporter` reads it.
const CLASSIC: &str = "
import sys
from prometheus_client.parser import text_string_to_metric_families as read
text = sys.stdin.buffer.read().decode()
families = list(read(text))
seen = set()
for family in families:
    assert family.type == 'gauge' and family.documentation, family
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, key
        seen.add(key)
        assert sample.timestamp is None, 'the textfile collector refuses timestamps'
print(sum(len(family.samples) for family in families))
for sample in sorted(repr(s.labels) for family in families for s in family.samples): print(sample)
";

#[test]
#[ignore = "needs Python with prometheus_client"]
fn both_readers_of_prometheus_read_the_same() {
    for assessment in [estate::assessment(), hostile::assessment(), large::assessment(100)] {
        let shown = metrics(&assessment);
        let series = shown.lines().filter(|line| !line.starts_with('#')).count();
        let read = python(OPENMETRICS, shown.as_bytes()).unwrap();
        assert_eq!(read.lines().next(), Some(&*series.to_string()));
        assert_eq!(python(CLASSIC, shown.as_bytes()).unwrap(), read);
    }
    let good = metrics(&estate::assessment());
    for (what, bad) in [
        ("no end", good.replace("# EOF\n", "")),
        (
            "a unit that is not in the name",
            good.replace("# UNIT lastgood_run_timestamp_seconds seconds", "# UNIT lastgood_run_timestamp_seconds days"),
        ),
        ("a family twice", good.replace("# EOF", "# TYPE lastgood_gaps gauge\nlastgood_gaps 1\n# EOF")),
        ("a type of none", good.replace("lastgood_gaps gauge", "lastgood_gaps number")),
    ] {
        assert!(python(OPENMETRICS, bad.as_bytes()).is_err(), "{what}");
    }
    for (what, bad) in [
        ("a value of none", good.replace("lastgood_gaps 4", "lastgood_gaps four")),
        ("an open label", good.replacen("rule=\"", "rule=", 1)),
        ("a series twice", good.replace("# EOF", "lastgood_left 1\nlastgood_left 1")),
        ("a timestamp", good.replace("lastgood_gaps 4", "lastgood_gaps 4 1700000000000")),
    ] {
        assert!(python(CLASSIC, bad.as_bytes()).is_err(), "{what}");
    }
}
