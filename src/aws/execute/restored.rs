//! Object versions that restore tests make in a place of their own: written, read back, listed, removed.

use aws_sdk_s3::types::MetadataDirective;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use super::versions::{digest_of, walk_versions};
use super::{Spot, unreadable};
use crate::aws::calls::{
    COPY_OBJECT, DELETE_OBJECT_VERSION, GET_BUCKET_LOCATION, GET_OBJECT_VERSION, LIST_OBJECT_VERSIONS,
};
use crate::aws::convert::instant;
use crate::aws::join::for_each;
use crate::aws::s3::map::region;
use crate::model::inventory::hex;
use crate::model::plan::BucketPrefix;
use crate::model::text::Text;
use crate::remediate::port::{CallError, CallErrorKind, Called, RESTORED_FOLDER, RestoreTo, RestoredVersion};

/// The largest object that one request copies: 5 GiB.
pub(super) const LARGEST: u64 = 5 << 30;

/// Deletions at once.
const AT_ONCE: usize = 16;

/// What a copy source leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The folder of the tests, or of one item in it.
fn folder(place: &BucketPrefix, item: Option<&str>) -> String {
    let root = if place.prefix.is_empty() { String::new() } else { format!("{}/", place.prefix) };
    match item {
        Some(item) => format!("{root}{RESTORED_FOLDER}/{item}/"),
        None => format!("{root}{RESTORED_FOLDER}/"),
    }
}

/// Copy one version to the place and read it there: the SHA-256 of what came back.
pub(super) async fn copy(spot: &Spot, to: &RestoreTo<'_>, bucket: &str, key: &str, version: &str) -> Called<[u8; 32]> {
    // The same version gets the same key, whichever run restores it.
    let name = hex(&Sha256::digest(format!("{key}\0{version}")));
    let target = format!("{}{name}", folder(to.place, Some(to.item)));
    let source =
        format!("{bucket}/{}?versionId={}", utf8_percent_encode(key, PLAIN), utf8_percent_encode(version, PLAIN));
    let metadata = to.tags.iter().map(|(key, value)| (key.replace(':', "-"), value.to_string())).collect();
    let s3 = &spot.clients.s3;
    let request = s3
        .copy_object()
        .bucket(to.place.bucket.as_str())
        .key(&target)
        .copy_source(source)
        .metadata_directive(MetadataDirective::Replace)
        .set_metadata(Some(metadata));
    let made = spot.send(COPY_OBJECT, request.send()).await?;
    let request = s3.get_object().bucket(to.place.bucket.as_str()).key(&target);
    let request = request.set_version_id(made.version_id().map(str::to_owned));
    let answer = spot.send(GET_OBJECT_VERSION, request.send()).await?;
    digest_of(answer.body).await.map(|(digest, _)| digest)
}

/// What restore tests put into a place.
pub(super) async fn list(spot: &Spot, place: &BucketPrefix, item: Option<&str>) -> Called<Vec<RestoredVersion>> {
    let (prefix, mut all) = (folder(place, item), Vec::new());
    walk_versions(spot, &place.bucket, Some(&prefix), |page| {
        for marker in page.delete_markers() {
            let one = (marker.key(), marker.version_id(), marker.last_modified());
            all.push(restored(one)?);
        }
        for version in page.versions() {
            all.push(restored((version.key(), version.version_id(), version.last_modified()))?);
        }
        Ok(())
    })
    .await?;
    Ok(all)
}

fn restored(
    (key, version, at): (Option<&str>, Option<&str>, Option<&aws_smithy_types::DateTime>),
) -> Called<RestoredVersion> {
    let missing = |field| unreadable(LIST_OBJECT_VERSIONS, field);
    Ok(RestoredVersion {
        key: key.map(Text::from).ok_or_else(|| missing("Key"))?,
        version: version.map(Text::from).ok_or_else(|| missing("VersionId"))?,
        written_at: at.and_then(instant).ok_or_else(|| missing("LastModified"))?,
    })
}

/// Remove these, of which each lies in the folder of the tests.
pub(super) async fn remove(spot: &Spot, place: &BucketPrefix, these: &[RestoredVersion]) -> Called<()> {
    let root = folder(place, None);
    if let Some(foreign) = these.iter().find(|version| !version.key.starts_with(&root)) {
        return Err(CallError {
            kind: CallErrorKind::Protected,
            call: DELETE_OBJECT_VERSION.name().into(),
            code: "not-ours".into(),
            message: format!("`{}` does not lie in {root}, so no restore test made it", foreign.key).into(),
        });
    }
    let answers = for_each(AT_ONCE, these, |version| async move {
        let request = spot.clients.s3.delete_object().bucket(place.bucket.as_str());
        let request = request.key(version.key.as_str()).version_id(version.version.as_str());
        spot.send(DELETE_OBJECT_VERSION, request.send()).await
    })
    .await;
    // All are tried; the first that failed is told.
    answers.into_iter().try_for_each(|answer| answer.map(|_| ()))
}

/// The region of a bucket.
pub(super) async fn region_of(spot: &Spot, bucket: &str) -> Called<Text> {
    let answer = spot.send(GET_BUCKET_LOCATION, spot.clients.s3.get_bucket_location().bucket(bucket).send()).await?;
    Ok(Text::from(region(answer.location_constraint().map(|constraint| constraint.as_str()))))
}
