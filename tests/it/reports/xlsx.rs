//! Workbooks, read back by openpyxl: names stay strings, rows and totals are those of what was judged.

use lastgood::model::assessment::Assessment;
use lastgood::model::outcome::Outcome;
use lastgood::report::Format;
use serde_json::{Value, json};

use super::python::python;
use super::{bytes, estate, hostile, large, period};

/// Rows below the header by sheet, the words and numbers of README, the kinds of cells, and texts of a sheet.
const SCRIPT: &str = "
import sys, io, json
from openpyxl import load_workbook
book = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
kinds, longest, links = set(), 0, 0
for sheet in book:
    assert sheet.freeze_panes == 'A2' and sheet.auto_filter.ref, sheet.title
    for row in sheet.iter_rows():
        for cell in row:
            kinds.add(cell.data_type)
            links += cell.hyperlink is not None
            longest = max(longest, len(str(cell.value or '')))
rows = lambda sheet: [[None if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
print(json.dumps({
    'sheets': [[sheet.title, sheet.max_row - 1] for sheet in book],
    'readme': {row[0]: row[1] for row in rows(book['README'])},
    'second': rows(book.worksheets[3]),
    'kinds': sorted(kinds), 'links': links, 'longest': longest,
    'created': str(book.properties.created),
}))
";

fn read(book: &[u8]) -> Result<Value, String> {
    python(SCRIPT, book).map(|text| serde_json::from_str(&text).unwrap())
}

fn xlsx(assessment: &Assessment) -> Vec<u8> {
    bytes(assessment, Format::Xlsx)
}

#[test]
fn two_workbooks_are_equal() {
    assert_eq!(xlsx(&hostile::assessment()), xlsx(&hostile::assessment()));
    let of_period = |name: &str| period::bytes(&period::period(name), "xlsx");
    assert_eq!(of_period("a"), of_period("a"));
    assert_ne!(of_period("a"), of_period("b"));
    assert!(xlsx(&estate::assessment()).starts_with(b"PK"));
}

#[test]
#[ignore = "needs Python with openpyxl"]
fn openpyxl_reads_the_whole_population() {
    for assessment in [estate::assessment(), hostile::assessment(), large::assessment(3_000)] {
        let book = read(&xlsx(&assessment)).unwrap();
        let rules: std::collections::BTreeSet<_> = assessment.verdicts.iter().map(|verdict| &verdict.rule.id).collect();
        let controls: usize = assessment.frameworks.iter().map(|framework| framework.controls.len()).sum();
        let sheets = book["sheets"].as_array().unwrap();
        assert_eq!(sheets[0][0], "README");
        let wanted = json!([
            ["Clauses", assessment.clauses.len()],
            ["Rules", rules.len()],
            ["Verdicts", assessment.verdicts.len()],
            ["Gaps", assessment.inventory.gaps.len()],
            ["Exceptions", assessment.summary.waived],
            ["Policy findings", assessment.policy_findings.len()],
            ["Frameworks", controls],
        ]);
        assert_eq!(json!(sheets[1..]), wanted);
        for outcome in Outcome::ALL {
            let wanted = assessment.summary.of(outcome);
            assert_eq!(book["readme"][format!("verdicts: {outcome}")], wanted.to_string(), "{outcome}");
            let rows = book["second"].as_array().unwrap().iter().filter(|row| row[0] == outcome.id()).count() as u64;
            assert_eq!(rows, wanted, "{outcome}");
        }
        // Strings, numbers, dates and nothing else: no formula.
        assert_eq!(book["kinds"], json!(["d", "n", "s"]));
        assert_eq!(book["links"], 0);
        assert_eq!(book["created"], assessment.run.as_of.format("%Y-%m-%d %H:%M:%S").to_string());
    }
}

#[test]
#[ignore = "needs Python with openpyxl"]
fn openpyxl_reads_a_period() {
    for name in ["shop-db", "=cmd|' /C calc'!A0", "http://evil.example", "\u{1b}\u{202e}\0@SUM(1)"] {
        let period = period::period(name);
        let book = read(&period::bytes(&period, "xlsx")).unwrap();
        let wanted = json!([
            ["Clauses", 5],
            ["Rules", 2],
            ["Deviations", 3],
            ["Resource days", 3],
            ["Days", 5],
            ["Tests by calendar", 2],
            ["Collector", 7],
            ["Gaps", 1],
            ["Runs", 2],
        ]);
        assert_eq!(json!(book["sheets"].as_array().unwrap()[1..]), wanted);
        assert_eq!((&book["kinds"], &book["links"]), (&json!(["d", "n", "s"]), &json!(0)));
        assert_eq!(book["readme"]["resource-days: missed"], "2");
        assert_eq!(book["readme"]["resource-days: required"], period.totals.required.to_string());
        assert_eq!(book["second"][0][7], "2026-07-03 00:00:00", "a day is a date");
    }
}

#[test]
#[ignore = "needs Python with openpyxl"]
fn an_endless_name_is_cut_and_a_broken_book_refused() {
    let mut assessment = estate::assessment();
    assessment.policy_findings[0].message = "🗄".repeat(40_000).into();
    let book = xlsx(&assessment);
    let longest = read(&book).unwrap()["longest"].as_u64().unwrap();
    // In characters; each is two units of UTF-16, of which a cell holds 32767.
    assert!((16_350..16_384).contains(&longest), "{longest}");
    assert!(read(&book[..book.len() / 2]).is_err());
    let mut broken = book.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 400].fill(0);
    assert!(read(&broken).is_err());
}
