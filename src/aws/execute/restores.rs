//! Restores by AWS Backup, for tests.

use aws_sdk_backup::types::RestoreValidationStatus;

use super::{Spot, unreadable};
use crate::aws::calls::{DESCRIBE_RESTORE_JOB, GET_INFERRED_METADATA, PUT_RESTORE_VALIDATION, START_RESTORE_JOB};
use crate::aws::convert::maybe_text;
use crate::model::kind::Kind;
use crate::model::text::Text;
use crate::remediate::port::{Called, Job, RestoreOrder};

/// The longest message of a validation that AWS takes.
const LONGEST: usize = 1_000;

pub(super) async fn start(spot: &Spot, order: &RestoreOrder<'_>) -> Called<Text> {
    let client = &spot.clients.backup;
    let vault = order.vault.rsplit(':').next().unwrap_or_default();
    let request =
        client.get_restore_testing_inferred_metadata().backup_vault_name(vault).recovery_point_arn(order.point);
    let answer = spot.send(GET_INFERRED_METADATA, request.send()).await?;
    let mut metadata = answer.inferred_metadata;
    let mut set = |key: &str, value: &str| {
        // AWS reads these keys in any case, and would see two values.
        metadata.retain(|known, _| !known.eq_ignore_ascii_case(key));
        metadata.insert(key.into(), value.into());
    };
    if let Some(zone) = order.zone {
        // It must be where it can be attached.
        set("availabilityZone", zone);
    }
    match order.kind {
        Kind::RdsInstance => set("DBInstanceIdentifier", order.name),
        Kind::RdsCluster => set("DBClusterIdentifier", order.name),
        Kind::DynamodbTable => set("targetTableName", order.name),
        Kind::EfsFileSystem => {
            // Without this it would be restored into the original.
            set("newFileSystem", "true");
            set("CreationToken", order.name);
        }
        _ => {}
    }
    let request = client
        .start_restore_job()
        .recovery_point_arn(order.point)
        .set_metadata(Some(metadata))
        .iam_role_arn(order.role)
        .idempotency_token(order.token);
    let answer = spot.send(START_RESTORE_JOB, request.send()).await?;
    answer.restore_job_id().map(Text::from).ok_or_else(|| unreadable(START_RESTORE_JOB, "RestoreJobId"))
}

pub(super) async fn job(spot: &Spot, job: &str) -> Called<Job> {
    let request = spot.clients.backup.describe_restore_job().restore_job_id(job).send();
    let answer = spot.send(DESCRIBE_RESTORE_JOB, request).await?;
    Ok(Job {
        state: answer.status().map(|status| Text::from(status.as_str())).unwrap_or_default(),
        message: maybe_text(answer.status_message()),
        made: maybe_text(answer.created_resource_arn()),
    })
}

pub(super) async fn report(spot: &Spot, job: &str, good: bool, message: &str) -> Called<()> {
    let status = if good { RestoreValidationStatus::Successful } else { RestoreValidationStatus::Failed };
    let message: String = message.chars().take(LONGEST).collect();
    let request = spot.clients.backup.put_restore_validation_result().restore_job_id(job).validation_status(status);
    spot.send(PUT_RESTORE_VALIDATION, request.validation_status_message(message).send()).await.map(|_| ())
}
