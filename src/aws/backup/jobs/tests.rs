use aws_sdk_backup::types;

use super::*;

fn place() -> Place {
    Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1)
}

fn time() -> DateTime {
    DateTime::from_secs(1_763_000_000)
}

#[test]
fn vector_11_completed_with_issues_is_told_from_completed() {
    for (category, outcome) in [
        (None, ActivityOutcome::Succeeded),
        (Some("SUCCESS"), ActivityOutcome::Succeeded),
        (Some("AccessDenied"), ActivityOutcome::CompletedWithIssues),
        (Some("NO_OBJECTS"), ActivityOutcome::CompletedWithIssues),
    ] {
        let job = types::BackupJob::builder()
            .backup_job_id("1")
            .state(BackupJobState::Completed)
            .creation_date(time())
            .set_message_category(category.map(str::to_owned));
        let job = backup(&place(), &job.build()).unwrap();
        assert_eq!(job.outcome, outcome, "{category:?}");
        assert_eq!(job.message.as_deref(), category.filter(|category| *category != "SUCCESS"));
    }
}

#[test]
fn every_state_of_a_backup_job_has_an_outcome() {
    for (state, outcome) in [
        (BackupJobState::Created, ActivityOutcome::Running),
        (BackupJobState::Aborting, ActivityOutcome::Running),
        (BackupJobState::Aborted, ActivityOutcome::Aborted),
        (BackupJobState::Expired, ActivityOutcome::Expired),
        (BackupJobState::Failed, ActivityOutcome::Failed),
        (BackupJobState::Partial, ActivityOutcome::Partial),
        (BackupJobState::from("NEW"), ActivityOutcome::Other("NEW".into())),
    ] {
        let job = types::BackupJob::builder().backup_job_id("1").state(state).creation_date(time());
        assert_eq!(backup(&place(), &job.build()).unwrap().outcome, outcome);
    }
    let nameless = types::BackupJob::builder().state(BackupJobState::Failed).creation_date(time());
    assert!(backup(&place(), &nameless.build()).is_err());
}

#[test]
fn a_restore_of_a_testing_plan_is_a_test() {
    let base = || {
        types::RestoreJobsListMember::builder()
            .restore_job_id("1")
            .status(RestoreJobStatus::Completed)
            .creation_date(time())
    };
    let plain = restore(&place(), &base().build()).unwrap();
    assert_eq!((plain.kind, plain.validation, plain.created_by), (ActivityKind::Restore, None, None));
    let creator = types::RestoreJobCreator::builder().restore_testing_plan_arn("plan").build();
    let test = base()
        .created_by(creator)
        .validation_status(types::RestoreValidationStatus::TimedOut)
        .validation_status_message("nobody came")
        .deletion_status(types::RestoreDeletionStatus::Failed);
    let test = restore(&place(), &test.build()).unwrap();
    assert_eq!((test.kind, test.validation), (ActivityKind::RestoreTest, Some(Validation::TimedOut)));
    assert_eq!((test.cleanup.as_deref(), test.message.as_deref()), (Some("failed"), Some("nobody came")));
    let odd = base().validation_status(types::RestoreValidationStatus::from("MAYBE"));
    assert_eq!(restore(&place(), &odd.build()).unwrap().validation, None, "it proves nothing");
}

#[test]
fn a_copy_job_links_two_points_only_when_there_are_two() {
    let base = || types::CopyJob::builder().copy_job_id("1").state(CopyJobState::Completed).creation_date(time());
    let (_, none) = copy(&place(), &base().source_recovery_point_arn("a").build()).unwrap();
    assert_eq!(none, None);
    let both = base().source_recovery_point_arn("a").destination_recovery_point_arn("b").build();
    let (job, made) = copy(&place(), &both).unwrap();
    assert_eq!(made, Some(Copy { source: "a".into(), destination: "b".into() }));
    assert_eq!(job.point.as_deref(), Some("b"));
}
