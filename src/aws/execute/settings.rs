//! Settings of buckets and of the region.

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    VersioningConfiguration,
};

use super::{Spot, unreadable};
use crate::aws::calls::{
    ENABLE_EBS_ENCRYPTION_BY_DEFAULT, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE, GET_BUCKET_VERSIONING,
    GET_EBS_ENCRYPTION_BY_DEFAULT, PUT_BUCKET_ENCRYPTION, PUT_BUCKET_LIFECYCLE, PUT_BUCKET_VERSIONING,
};
use crate::aws::s3::map as s3;
use crate::model::resource::{LifecycleRule, Versioning};
use crate::model::text::Text;
use crate::remediate::port::{CallError, CallErrorKind, Called};

pub(super) async fn versioning(spot: &Spot, bucket: &str) -> Called<Versioning> {
    let request = spot.clients.s3.get_bucket_versioning().bucket(bucket).send();
    let answer = spot.send(GET_BUCKET_VERSIONING, request).await?;
    s3::versioning(&answer).0.map_err(|_| unreadable(GET_BUCKET_VERSIONING, "status that is known here"))
}

pub(super) async fn enable_versioning(spot: &Spot, bucket: &str) -> Called<()> {
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let request = spot.clients.s3.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send();
    spot.send(PUT_BUCKET_VERSIONING, request).await.map(|_| ())
}

pub(super) async fn encryption(spot: &Spot, bucket: &str) -> Called<(Text, Option<Text>)> {
    let request = spot.clients.s3.get_bucket_encryption().bucket(bucket).send();
    let encryption = match spot.send(GET_BUCKET_ENCRYPTION, request).await {
        Ok(answer) => s3::encryption(&answer),
        Err(error) if error.code == "ServerSideEncryptionConfigurationNotFoundError" => s3::no_encryption(),
        Err(error) => return Err(error),
    };
    Ok((encryption.algorithm, encryption.kms_key))
}

pub(super) async fn encrypt(spot: &Spot, bucket: &str, kms_key: Option<&str>) -> Called<()> {
    let wrong = |error: aws_smithy_types::error::operation::BuildError| CallError {
        kind: CallErrorKind::Failed,
        call: Text::from(PUT_BUCKET_ENCRYPTION.name()),
        code: Text::from("request"),
        message: Text::from(error.to_string()),
    };
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .set_kms_master_key_id(kms_key.map(ToOwned::to_owned))
        .build()
        .map_err(wrong)?;
    // Bucket keys keep the number of calls to KMS, and their cost, small.
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(true)
        .build();
    let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(wrong)?;
    let request = spot.clients.s3.put_bucket_encryption().bucket(bucket);
    let request = request.server_side_encryption_configuration(configuration).send();
    spot.send(PUT_BUCKET_ENCRYPTION, request).await.map(|_| ())
}

pub(super) async fn lifecycle(spot: &Spot, bucket: &str) -> Called<Vec<LifecycleRule>> {
    let request = spot.clients.s3.get_bucket_lifecycle_configuration().bucket(bucket).send();
    match spot.send(GET_BUCKET_LIFECYCLE, request).await {
        Ok(answer) => Ok(s3::lifecycle(answer.rules())),
        Err(error) if error.code == "NoSuchLifecycleConfiguration" => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The whole configuration is read and written back, with nothing changed but days that are too few.
pub(super) async fn keep_versions(spot: &Spot, bucket: &str, days: u32) -> Called<()> {
    let wanted = i32::try_from(days).unwrap_or(i32::MAX);
    let client = &spot.clients.s3;
    let request = client.get_bucket_lifecycle_configuration().bucket(bucket).send();
    let answer = spot.send(GET_BUCKET_LIFECYCLE, request).await?;
    let mut rules = answer.rules.unwrap_or_default();
    for rule in rules.iter_mut().filter(|rule| rule.status != ExpirationStatus::Disabled) {
        if let Some(expiration) = &mut rule.noncurrent_version_expiration
            && expiration.noncurrent_days.is_some_and(|own| own < wanted)
        {
            expiration.noncurrent_days = Some(wanted);
        }
    }
    let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
    let configuration = configuration.map_err(|_| unreadable(GET_BUCKET_LIFECYCLE, "rules"))?;
    let request = client
        .put_bucket_lifecycle_configuration()
        .bucket(bucket)
        .set_transition_default_minimum_object_size(answer.transition_default_minimum_object_size)
        .lifecycle_configuration(configuration);
    spot.send(PUT_BUCKET_LIFECYCLE, request.send()).await.map(|_| ())
}

pub(super) async fn volumes_encrypted(spot: &Spot) -> Called<bool> {
    let request = spot.clients.ec2.get_ebs_encryption_by_default().send();
    let answer = spot.send(GET_EBS_ENCRYPTION_BY_DEFAULT, request).await?;
    answer.ebs_encryption_by_default().ok_or_else(|| unreadable(GET_EBS_ENCRYPTION_BY_DEFAULT, "value"))
}

pub(super) async fn encrypt_volumes(spot: &Spot) -> Called<()> {
    let request = spot.clients.ec2.enable_ebs_encryption_by_default().send();
    spot.send(ENABLE_EBS_ENCRYPTION_BY_DEFAULT, request).await.map(|_| ())
}
