//! What `aws backup list-backup-jobs`, `list-copy-jobs`, `list-restore-jobs` and `describe-…-job` print.

use serde_json::Value;

use super::{List, Record, activity, broken};
use crate::sources::logs::common::{field, foreign, utf8};
use crate::sources::logs::native::{Found, Native, NotUnderstood, Problem, Reader};

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "aws-backup",
    title: "AWS Backup jobs, as `aws backup list-…-jobs` prints them in JSON",
    docs: "\
The lists of backup, copy and restore jobs that the AWS CLI or an SDK writes as JSON, and single jobs of the `describe` \
calls. AWS Backup forgets jobs after 30 days: keep these files, or the log has holes.

* A job that completed with a message category other than `SUCCESS`, or without a category and with a message, is \
*completed with issues*.
* A list that was cut by `--max-items` has a `NextToken`: it is incomplete, and that is a problem.
* A job that the scan itself sees in AWS is not counted twice.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let text = utf8(native.stdout)?.trim();
    let mut found = Found::default();
    let mut documents = 0;
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| foreign(error.line() as u64, format!("it is no JSON: {error}")))?;
        document(&value, native, &mut found)?;
        documents += 1;
    }
    if documents == 0 {
        return Err(foreign(0, "it is empty"));
    }
    Ok(found)
}

fn document(value: &Value, native: &Native<'_>, found: &mut Found) -> Result<(), NotUnderstood> {
    let lists = [("BackupJobs", List::Backup), ("CopyJobs", List::Copy), ("RestoreJobs", List::Restore)];
    let named = lists.iter().find_map(|(name, list)| Some((field(value, name).as_array()?, *list)));
    let Some((jobs, list)) = named else {
        let single = field(value, "CopyJob").as_object().or_else(|| value.as_object());
        let record = single.map(Record::of).ok_or_else(|| foreign(1, "it is no list of jobs"))?;
        let list = List::of(&record).ok_or_else(|| foreign(1, "it is no list of jobs, and no job"))?;
        match activity(&record, list, native.known) {
            Ok(activity) => found.activities.push(activity),
            Err(why) => found.problems.push(broken(1, 0, why)),
        }
        return Ok(());
    };
    for (n, job) in jobs.iter().enumerate() {
        match job.as_object().ok_or("it is no object").and_then(|job| activity(&Record::of(job), list, native.known)) {
            Ok(activity) => found.activities.push(activity),
            Err(why) => found.problems.push(broken(0, n, why)),
        }
    }
    if field(value, "NextToken").is_string() {
        let message = "the list goes on after `NextToken`, and the rest is missing";
        found.problems.push(Problem { code: "incomplete", line: 0, message: message.into() });
    }
    Ok(())
}
