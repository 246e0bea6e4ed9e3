//! Totals read back out of every format agree with each other and with the verdicts.

use std::collections::BTreeMap;

use lastgood::model::assessment::Summary;
use lastgood::model::outcome::Outcome;
use lastgood::report::Format;

use super::{estate, plain};

fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().unwrap())
        .collect()
}

/// Fail, unknown, waived, pass, not applicable.
fn row(summary: &Summary) -> Vec<u64> {
    Outcome::ALL.iter().map(|outcome| summary.of(*outcome)).collect()
}

fn expected() -> Vec<u64> {
    let mut summary = Summary::default();
    estate::assessment().verdicts.iter().for_each(|verdict| summary.add(verdict.outcome));
    row(&summary)
}

#[test]
fn json_lines_and_csv() {
    let assessment = estate::assessment();
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for line in plain(&assessment, Format::JsonLines).lines().skip(1) {
        let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
        *lines.entry(verdict["outcome"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let table = plain(&assessment, Format::Csv);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(reader.headers().unwrap().get(0), Some("outcome"));
    for record in reader.records() {
        *rows.entry(record.unwrap()[0].to_owned()).or_default() += 1;
    }
    let of = |counts: &BTreeMap<String, u64>| {
        Outcome::ALL.iter().map(|outcome| counts.get(outcome.id()).copied().unwrap_or(0)).collect::<Vec<_>>()
    };
    assert_eq!(of(&lines), expected());
    assert_eq!(of(&rows), expected());
    assert_eq!(row(&assessment.summary), expected());
}

#[test]
fn the_table() {
    let shown = plain(&estate::assessment(), Format::Table);
    let line = shown.lines().find(|line| line.trim_start().starts_with("verdicts ")).unwrap();
    let mut wanted = vec![expected().iter().sum()];
    wanted.extend(expected());
    assert_eq!(numbers(line), wanted);
    assert!(shown.contains("4 things could not be read"));
    let seven = shown.lines().find(|line| line.starts_with("7.1 ")).unwrap();
    assert_eq!(numbers(seven.split("FAIL").nth(1).unwrap()), [23, 1, 0, 1, 0]);
}

#[test]
fn markdown() {
    let shown = plain(&estate::assessment(), Format::Markdown);
    let cells: Vec<u64> = ["FAIL", "UNKNOWN", "WAIVED", "pass", "n/a", "total"]
        .iter()
        .map(|word| {
            let line = shown.lines().find(|line| line.starts_with(&format!("| {word} |"))).unwrap();
            line.split('|').nth(2).unwrap().trim().parse().unwrap()
        })
        .collect();
    let mut wanted = expected();
    wanted.push(wanted.iter().sum());
    assert_eq!(cells, wanted);
    let listed = |word: &str| shown.matches(&format!("\n* **{word}** `")).count() as u64;
    assert_eq!([listed("FAIL"), listed("UNKNOWN"), listed("WAIVED")], expected()[..3]);
    assert!(shown.contains("| 7.1 | Buckets keep earlier versions of their objects | FAIL | 23 | 1 | 0 | 1 | 0 |"));
}

#[test]
fn the_page() {
    let shown = plain(&estate::assessment(), Format::Html);
    for (outcome, number) in Outcome::ALL.iter().zip(expected()) {
        assert!(shown.contains(&format!("data-total=\"{outcome}\">{number}<")), "{outcome}");
        assert_eq!(shown.matches(&format!("data-outcome=\"{outcome}\"")).count() as u64, number, "{outcome}");
    }
    let tallies = shown.split("<span class=\"tally\">").skip(1).map(|rest| rest.split("</span>").next().unwrap());
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for part in tallies.flat_map(|tally| tally.split(", ")) {
        let (number, outcome) = part.split_once(' ').unwrap();
        *sums.entry(outcome).or_default() += number.parse::<u64>().unwrap();
    }
    let wanted: BTreeMap<&str, u64> = Outcome::ALL.iter().map(|outcome| outcome.id()).zip(expected()).collect();
    assert_eq!(sums, wanted);
    assert_eq!(shown.matches("<tr class=\"gap\">").count(), estate::assessment().inventory.gaps.len());
    assert_eq!(shown.matches("<tr class=\"policy-finding\">").count(), estate::assessment().policy_findings.len());
}

/// The picture of points has a mark for each that is young enough, and the number of the others; the ages count all.
#[test]
fn every_stored_point_is_drawn_or_counted() {
    let assessment = estate::assessment();
    let stored = assessment.ledger.as_deref().unwrap().stored.clone();
    let shown = plain(&assessment, Format::Html);
    let start = assessment.run.as_of - chrono::TimeDelta::days(366);
    let rows: Vec<&str> =
        shown.split("<g class=\"points\"").skip(1).map(|row| row.split("</g>").next().unwrap()).collect();
    assert_eq!(rows.len(), stored.timelines.len());
    for (row, line) in rows.iter().zip(&stored.timelines) {
        let all = || [&line.usable, &line.copies, &line.held, &line.overdue, &line.other].into_iter().flatten();
        let drawn: usize =
            row.split(" d=\"").skip(1).map(|path| path.split('"').next().unwrap().matches('M').count()).sum();
        assert_eq!(drawn, all().filter(|at| **at >= start).count(), "{row}");
        let older = all().filter(|at| **at < start).count();
        assert_eq!(row.contains(&format!(", {older} older<")), older > 0, "{row}");
        assert_eq!(row.contains("t-continuous"), line.continuous.is_some());
    }
    let bars = shown.split("recovery points that are stored").nth(1).unwrap().split("</figure>").next().unwrap();
    for (word, sum) in [("usable", 40), ("kept by a hold or lock", 2), ("overdue", 3), ("not usable", 1)] {
        let told = bars.split("<li>").skip(1).filter_map(|bar| {
            let text = bar.rsplit("<span>").next().unwrap().split("</span>").next().unwrap();
            let part = text.split(", ").find(|part| part.split_once(' ').is_some_and(|(_, what)| what == word))?;
            part.split(' ').next().unwrap().parse::<u64>().ok()
        });
        assert_eq!(told.sum::<u64>(), sum, "{word}");
    }
}

/// What is drawn is what was observed: the rectangles of each resource, unrolled, are its days.
#[test]
fn the_days_that_are_drawn_are_the_days_that_were_observed() {
    let assessment = estate::assessment();
    let shown = plain(&assessment, Format::Html);
    let drawn: Vec<String> = shown
        .split("<g transform=")
        .skip(1)
        .map(|row| {
            let row = row.split("</g>").next().unwrap();
            row.split("<rect fill=\"url(#days-").skip(1).map(stretch).collect()
        })
        .collect();
    let mut observed: Vec<String> =
        assessment.verdicts.iter().filter_map(|verdict| verdict.fact("days")).map(ToString::to_string).collect();
    let mut sorted = drawn.clone();
    sorted.sort();
    observed.sort();
    assert_eq!(sorted, observed);
    assert_eq!(drawn[0].matches('-').count(), 3, "the worst stands first");
    assert!(shown.contains("2026-11-19 to 2026-11-21 none"), "the text alternative names the days");
}

fn stretch(rect: &str) -> String {
    let (class, rest) = rect.split_once(')').unwrap();
    let (_, class) = class.rsplit_once('-').unwrap();
    let width: usize = rest.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    let c = match class {
        "good" => "+",
        "none" => "-",
        "bad" => "x",
        "before" => ".",
        _ => "?",
    };
    c.repeat(width / 14)
}
