//! S3: the buckets of an account, and the configuration of each in the regions to be read.

pub(super) mod map;

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::ChecksumType;

use super::calls::{
    Call, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE, GET_BUCKET_LOCATION, GET_BUCKET_POLICY_STATUS,
    GET_BUCKET_REPLICATION, GET_BUCKET_TAGGING, GET_BUCKET_VERSIONING, GET_OBJECT_LOCK, GET_PUBLIC_ACCESS_BLOCK,
    LIST_BUCKETS,
};
use super::convert::maybe_instant;
use super::failure::Failure;
use super::join::for_each;
use super::pages::Missing;
use super::place::Place;
use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Bucket, Detail, Existence, ObjectLock, PublicAccessBlock, Resource, Tags};
use crate::model::text::Text;

/// The largest page of `ListBuckets`.
const PAGE: i32 = 10_000;

/// A bucket of the list, before its configuration is read.
pub(crate) struct Found {
    pub(crate) name: String,
    created_at: Option<Instant>,
}

/// A checksum of all of an object: that of one in parts is the checksum of their checksums.
pub(crate) fn of_whole<'s>(kind: Option<&ChecksumType>, sum: Option<&'s str>) -> Option<&'s str> {
    sum.filter(|sum| kind != Some(&ChecksumType::Composite) && !sum.contains('-'))
}

/// ARN of a bucket.
pub(crate) fn arn(partition: &str, name: &str) -> Text {
    Text::from(format!("arn:{partition}:s3:::{name}"))
}

/// The buckets of the account by region: one walk, since the list is the same everywhere.
pub(crate) async fn list(place: &Place, client: &Client) -> BTreeMap<Text, Vec<Found>> {
    let mut buckets: BTreeMap<Text, Vec<Found>> = BTreeMap::new();
    let mut homeless = Vec::new();
    let fetch = |token| async move {
        let page = client.list_buckets().max_buckets(PAGE).set_continuation_token(token).send().await?;
        Ok((page.buckets.unwrap_or_default(), page.continuation_token))
    };
    let take = |bucket: aws_sdk_s3::types::Bucket| {
        let created_at = maybe_instant(bucket.creation_date());
        let found = Found { name: bucket.name.ok_or(Missing("Name"))?, created_at };
        match bucket.bucket_region.filter(|region| !region.is_empty()) {
            Some(region) => buckets.entry(Text::from(region)).or_default().push(found),
            None => homeless.push(found),
        }
        Ok(())
    };
    // A failure has become a gap; the buckets of complete pages are read all the same.
    let _ = place.walk(LIST_BUCKETS, None, fetch, take).await;
    for found in homeless {
        if let Some(region) = location(place, client, &found.name).await {
            buckets.entry(region).or_default().push(found);
        }
    }
    buckets
}

/// The region of a bucket that the list gives none for.
async fn location(place: &Place, client: &Client, name: &str) -> Option<Text> {
    let answer = place.send(client.get_bucket_location().bucket(name).send()).await;
    match answer {
        Ok(answer) => {
            place.read(GET_BUCKET_LOCATION, 1, 1);
            Some(Text::from(map::region(answer.location_constraint().map(|constraint| constraint.as_str()))))
        }
        Err(failure) if is_gone(&failure) => None,
        Err(failure) => {
            place.failed(GET_BUCKET_LOCATION, Some(&arn(&place.partition, name)), failure);
            None
        }
    }
}

/// Read the configuration of the region's buckets.
pub(crate) async fn read(place: &Place, client: &Client, buckets: Vec<Found>) {
    // The place bounds the requests; this bounds only what waits for them.
    for_each(8, buckets, |found| async move {
        if let Some(bucket) = bucket(place, client, &found).await {
            place.add(|found| found.resources.push(bucket));
        }
    })
    .await;
}

fn is_gone(failure: &Failure) -> bool {
    failure.code == "NoSuchBucket"
}

/// What one question about a bucket gave: a fact, or why there is none.
struct Answer<T> {
    call: Call,
    got: Result<T, Failure>,
}

impl<T> Answer<T> {
    fn new<O>(call: Call, got: Result<O, Failure>, value: impl FnOnce(O) -> T) -> Self {
        Self { call, got: got.map(value) }
    }

    /// A code that is an answer: the thing is not configured.
    fn or_state(self, code: &str, state: T) -> Self {
        match &self.got {
            Err(failure) if failure.code == code => Self { got: Ok(state), ..self },
            _ => self,
        }
    }

    fn is_gone(&self) -> bool {
        self.got.as_ref().is_err_and(is_gone)
    }

    fn settle(self, place: &Place, bucket: &Text) -> Fact<T> {
        match self.got {
            Ok(value) => {
                place.read(self.call, 1, 1);
                Fact::Known(value)
            }
            Err(failure) => {
                place.failed(self.call, Some(bucket), failure);
                Fact::Unread
            }
        }
    }
}

/// One bucket with its configuration; `None` when it was deleted meanwhile.
async fn bucket(place: &Place, client: &Client, found: &Found) -> Option<Resource> {
    let name = found.name.as_str();
    let (versioning, encryption, lifecycle, lock, replication, block, policy, tags) = tokio::join!(
        place.send(client.get_bucket_versioning().bucket(name).send()),
        place.send(client.get_bucket_encryption().bucket(name).send()),
        place.send(client.get_bucket_lifecycle_configuration().bucket(name).send()),
        place.send(client.get_object_lock_configuration().bucket(name).send()),
        place.send(client.get_bucket_replication().bucket(name).send()),
        place.send(client.get_public_access_block().bucket(name).send()),
        place.send(client.get_bucket_policy_status().bucket(name).send()),
        place.send(client.get_bucket_tagging().bucket(name).send()),
    );
    let versioning = Answer::new(GET_BUCKET_VERSIONING, versioning, |answer| map::versioning(&answer));
    let encryption = Answer::new(GET_BUCKET_ENCRYPTION, encryption, |answer| map::encryption(&answer))
        .or_state("ServerSideEncryptionConfigurationNotFoundError", map::no_encryption());
    let lifecycle = Answer::new(GET_BUCKET_LIFECYCLE, lifecycle, |answer| map::lifecycle(answer.rules()))
        .or_state("NoSuchLifecycleConfiguration", Vec::new());
    let lock = Answer::new(GET_OBJECT_LOCK, lock, |answer| map::object_lock(answer.object_lock_configuration()))
        .or_state("ObjectLockConfigurationNotFoundError", ObjectLock::default());
    let replication =
        Answer::new(GET_BUCKET_REPLICATION, replication, |answer| map::replication(answer.replication_configuration()))
            .or_state("ReplicationConfigurationNotFoundError", Vec::new());
    let block = Answer::new(GET_PUBLIC_ACCESS_BLOCK, block, |answer| {
        map::public_access_block(answer.public_access_block_configuration())
    })
    .or_state("NoSuchPublicAccessBlockConfiguration", PublicAccessBlock::default());
    let policy = Answer::new(GET_BUCKET_POLICY_STATUS, policy, |answer| {
        answer.policy_status().and_then(|status| status.is_public()).unwrap_or(false)
    })
    .or_state("NoSuchBucketPolicy", false);
    let tags = Answer::new(GET_BUCKET_TAGGING, tags, |answer| map::tags(answer.tag_set()))
        .or_state("NoSuchTagSet", Tags::new())
        .or_state("NoSuchTagSetError", Tags::new());

    let gone = [
        versioning.is_gone(),
        encryption.is_gone(),
        lifecycle.is_gone(),
        lock.is_gone(),
        replication.is_gone(),
        block.is_gone(),
        policy.is_gone(),
        tags.is_gone(),
    ];
    if gone.contains(&true) {
        return None;
    }
    let arn = arn(&place.partition, name);
    let (versioning, mfa_delete) = match versioning.settle(place, &arn) {
        Fact::Known((versioning, mfa_delete)) => {
            if let Some(unknown) = versioning.as_ref().err() {
                let text = format!("versioning status `{unknown}`");
                let failure = Failure::new(crate::model::gap::GapStatus::NotUnderstood, "unknown-value", &text);
                place.failed(GET_BUCKET_VERSIONING, Some(&arn), failure);
            }
            (Fact::from(versioning.ok()), Fact::Known(mfa_delete))
        }
        Fact::Unread => (Fact::Unread, Fact::Unread),
    };
    Some(Resource {
        kind: Kind::S3Bucket,
        account: place.account.clone(),
        region: place.region.clone(),
        name: Some(Text::from(name)),
        tags: tags.settle(place, &arn),
        created_at: Fact::from(found.created_at),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Bucket(Box::new(Bucket {
            versioning,
            mfa_delete,
            encryption: encryption.settle(place, &arn),
            lifecycle: lifecycle.settle(place, &arn),
            object_lock: lock.settle(place, &arn),
            replication: replication.settle(place, &arn),
            public_access_block: block.settle(place, &arn),
            policy_public: policy.settle(place, &arn),
        })),
        arn,
    })
}
