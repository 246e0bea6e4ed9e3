//! The job reports of AWS Backup Audit Manager, JSON and CSV.

use serde_json::{Map, Value};

use super::{List, Record, activity, broken, plain};
use crate::sources::logs::common::{field, foreign, utf8};
use crate::sources::logs::native::{Found, Native, NotUnderstood, Reader};

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "aws-report",
    title: "Audit Manager's backup, copy and restore job reports, JSON and CSV",
    docs: "\
The files that report plans of AWS Backup Audit Manager write to S3: `BACKUP_JOB_REPORT`, `COPY_JOB_REPORT` and \
`RESTORE_JOB_REPORT`, as JSON or CSV. The names of CSV columns are matched without case, spaces and underscores, since AWS \
documents them for JSON only; a file without a job id and a status is refused.

* `jobStatus` never says *completed with issues*: a message beside `COMPLETED` does.
* A job that the scan itself sees in AWS is not counted twice.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let text = utf8(native.stdout)?.trim_start_matches('\u{feff}').trim();
    let rows = match text.chars().next() {
        None => return Err(foreign(0, "it is empty")),
        Some('{' | '[') => json(text)?,
        Some(_) => csv(text)?,
    };
    let mut found = Found::default();
    for (line, n, row) in rows {
        let record = Record::of(&row);
        // A report says `reportedJobId` for none of them; each kind has an id of its own.
        let job = List::of(&record).ok_or("it has no job id").and_then(|list| activity(&record, list, native.known));
        match job {
            Ok(activity) => found.activities.push(activity),
            Err(why) => found.problems.push(broken(line, n, why)),
        }
    }
    Ok(found)
}

type Row = (u64, usize, Map<String, Value>);

/// `{"reportItems": […]}`, or the items alone.
fn json(text: &str) -> Result<Vec<Row>, NotUnderstood> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| foreign(error.line() as u64, format!("it is no JSON: {error}")))?;
    let items = field(&value, "reportItems").as_array().or_else(|| value.as_array());
    let items = items.ok_or_else(|| foreign(1, "it has no `reportItems`"))?;
    let objects = items.iter().enumerate();
    objects
        .map(|(n, item)| {
            let object = item.as_object().ok_or_else(|| foreign(0, format!("item {} is no object", n + 1)))?;
            Ok((0, n, object.clone()))
        })
        .collect()
}

fn csv(text: &str) -> Result<Vec<Row>, NotUnderstood> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| foreign(1, error.to_string()))?.clone();
    let names: Vec<String> = header.iter().map(plain).collect();
    let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
    if !has(&["backupjobid", "copyjobid", "restorejobid", "jobid"]) || !has(&["jobstatus", "status", "state"]) {
        return Err(foreign(1, "its columns name neither a job id nor a status"));
    }
    let mut rows = Vec::new();
    for (n, row) in reader.records().enumerate() {
        // The header is the first.
        let line = n as u64 + 2;
        let row =
            row.map_err(|error| foreign(error.position().map_or(line, csv::Position::line), error.to_string()))?;
        let cells = header.iter().zip(row.iter()).map(|(name, cell)| (name.to_owned(), Value::from(cell)));
        rows.push((line, n, cells.collect()));
    }
    Ok(rows)
}
