//! The workbook, read back by openpyxl, which nobody here wrote.

use lastgood::model::outcome::Outcome;
use lastgood::report::{Format, RenderOptions, period as periods};
use serde_json::Value;

use super::python::python;
use super::{bytes, estate, hostile, large, period};

/// Sheets with the number of their rows below the head, the texts of the first two columns of `README`, and the
/// number of cells that are formulas or links.
fn read(workbook: &[u8]) -> Result<Value, String> {
    const SCRIPT: &str = "
import io, json, sys, openpyxl, zipfile
data = sys.stdin.buffer.read()
book = openpyxl.load_workbook(io.BytesIO(data))
sheets = {sheet.title: sheet.max_row - 1 for sheet in book}
readme = {row[0].value: row[1].value for row in book['README'].iter_rows(min_row=2)}
cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
acting = sum(cell.data_type == 'f' or cell.hyperlink is not None for cell in cells)
days = sum(cell.is_date for cell in cells)
filters = sum(sheet.auto_filter.ref is not None and sheet.freeze_panes is not None for sheet in book)
first = {sheet.title: [cell.value for cell in list(sheet.iter_cols(max_col=1))[0][1:]] for sheet in book}
print(json.dumps({'sheets': sheets, 'readme': readme, 'acting': acting, 'dates': days, 'filters': filters, 'first': first}, default=str))
";
    python(SCRIPT, workbook).map(|said| serde_json::from_str(&said).unwrap())
}

fn of_period(period: &lastgood::model::period::PeriodAssessment) -> Vec<u8> {
    let mut out = Vec::new();
    periods::write(period, "xlsx", &RenderOptions::default(), &mut out).unwrap();
    out
}

#[test]
#[ignore = "needs Python with openpyxl"]
fn every_row_of_an_assessment_is_in_the_workbook() {
    for assessment in [estate::assessment(), hostile::assessment(), large::assessment(3_000)] {
        let book = read(&bytes(&assessment, Format::Xlsx)).unwrap();
        let rows = |sheet: &str| book["sheets"][sheet].as_u64().unwrap();
        assert_eq!(rows("Verdicts"), assessment.verdicts.len() as u64);
        assert_eq!(rows("Clauses"), assessment.clauses.len() as u64);
        assert_eq!(rows("Gaps"), assessment.inventory.gaps.len() as u64);
        assert_eq!(rows("Policy findings"), assessment.policy_findings.len() as u64);
        if let Some(ledger) = &assessment.ledger {
            assert_eq!(rows("Tests"), ledger.tests.len() as u64);
            assert_eq!(rows("Statements"), ledger.attestations.len() as u64);
            assert_eq!(rows("Exceptions"), ledger.exceptions.len() as u64);
            assert_eq!(rows("Remediation"), ledger.remediation.len() as u64);
        }
        for outcome in Outcome::ALL {
            let column = book["first"]["Verdicts"].as_array().unwrap().iter().filter(|cell| **cell == outcome.id());
            let counted = assessment.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
            assert_eq!(column.count(), counted, "{outcome}");
            assert_eq!(book["readme"][format!("verdicts: {}", outcome.id())], counted, "{outcome}");
        }
        assert_eq!(book["acting"], 0, "no formula, no link");
        assert_eq!(book["filters"].as_u64().unwrap(), book["sheets"].as_object().unwrap().len() as u64);
        assert!(book["dates"].as_u64().unwrap() > 0, "times are dates");
    }
    let good = bytes(&estate::assessment(), Format::Xlsx);
    assert!(read(&good[..good.len() / 2]).is_err(), "half a workbook is refused");
    assert!(read(b"outcome,rule\r\n").is_err(), "a table is no workbook");
}

#[test]
#[ignore = "needs Python with openpyxl"]
fn every_row_of_a_period_is_in_the_workbook() {
    for period in [period::period(), period::hostile()] {
        let book = read(&of_period(&period)).unwrap();
        let rows = |sheet: &str| book["sheets"][sheet].as_u64().unwrap() as usize;
        assert_eq!(rows("Deviations"), period.deviations.len());
        assert_eq!(rows("Resource days"), period.matrix.len());
        assert_eq!(rows("Tests by calendar"), period.calendar.len());
        assert_eq!(rows("Collector"), period.collector.len());
        assert_eq!(rows("Runs"), period.runs.len());
        let told = period.matrix.iter().flat_map(|row| row.days.chars()).filter(|letter| "rixe?".contains(*letter));
        assert_eq!(rows("Days"), told.count());
        assert_eq!(book["readme"]["resource-days: missed"], period.totals.missed);
        assert_eq!(book["readme"]["resource-days: required"], period.totals.required);
        assert_eq!(book["acting"], 0, "no formula, no link");
    }
}

#[test]
fn two_workbooks_of_the_same_are_the_same_bytes() {
    assert!(bytes(&estate::assessment(), Format::Xlsx) == bytes(&estate::assessment(), Format::Xlsx));
    assert!(of_period(&period::period()) == of_period(&period::period()));
}
