//! Previous versions of objects, read back and held against their checksums.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, ObjectVersion, ObjectVersionStorageClass};
use sha2::{Digest as _, Sha256};

use super::restored::{self, LARGEST};
use super::{Spot, call_error, unreadable};
use crate::aws::calls::{GET_OBJECT_VERSION, LIST_OBJECT_VERSIONS};
use crate::aws::failure::Failure;
use crate::aws::join::for_each;
use crate::aws::s3::of_whole;
use crate::model::plan::Sample;
use crate::model::text::Text;
use crate::remediate::port::{Called, RestoreTo, VersionsRead};
use crate::remediate::sample::Draw;

/// Versions that are read at once.
const AT_ONCE: usize = 16;

/// Faults that are named.
const MOST_NAMED: usize = 10;

/// A previous version.
struct Version {
    key: String,
    id: String,
    size: u64,
}

/// What came of reading one.
struct Seen {
    bytes: u64,
    /// Whether a checksum of all of it was worked out anew and is the same; `None` where none is stored.
    same: Option<bool>,
    /// Whether it was restored and is the same there; `None` where it was not.
    restored: Option<bool>,
}

/// Walk a list of versions to its end, page by page. The SDK has no paginator for it: two markers go together.
pub(super) async fn walk_versions(
    spot: &Spot,
    bucket: &str,
    prefix: Option<&str>,
    mut take: impl FnMut(ListObjectVersionsOutput) -> Called<()>,
) -> Called<()> {
    let mut marker: (Option<String>, Option<String>) = (None, None);
    loop {
        let request = spot.clients.s3.list_object_versions().bucket(bucket).set_prefix(prefix.map(str::to_owned));
        let request = request.set_key_marker(marker.0.clone()).set_version_id_marker(marker.1.clone());
        let mut page = spot.send(LIST_OBJECT_VERSIONS, request.send()).await?;
        let more = page.is_truncated == Some(true);
        let next = (page.next_key_marker.take(), page.next_version_id_marker.take());
        take(page)?;
        if !more {
            return Ok(());
        }
        if next.0.is_none() || next == marker {
            return Err(unreadable(LIST_OBJECT_VERSIONS, "new NextKeyMarker"));
        }
        marker = next;
    }
}

/// SHA-256 and size of a body that is read to its end.
pub(super) async fn digest_of(mut body: ByteStream) -> Called<([u8; 32], u64)> {
    let (mut hasher, mut bytes) = (Sha256::new(), 0_u64);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| call_error(GET_OBJECT_VERSION, &Failure::of_body(&error)))?;
        bytes += chunk.len() as u64;
        hasher.update(&chunk);
    }
    Ok((hasher.finalize().into(), bytes))
}

pub(super) async fn read(
    spot: &Spot,
    bucket: &str,
    sample: Option<Sample>,
    to: Option<&RestoreTo<'_>>,
) -> Called<VersionsRead> {
    let mut so_far = VersionsRead::default();
    // Without a sample everything: as many as there are.
    let mut draw = Draw::new(sample.unwrap_or(Sample { count: u64::MAX, seed: 0 }));
    walk_versions(spot, bucket, None, |page| {
        for object in page.versions.unwrap_or_default().into_iter().filter(|object| object.is_latest != Some(true)) {
            so_far.listed += 1;
            match previous(object)? {
                Some(version) => draw.offer(version),
                None => so_far.archived += 1,
            }
        }
        Ok(())
    })
    .await?;
    let drawn = draw.done();
    for group in drawn.chunks(AT_ONCE) {
        let answers = for_each(AT_ONCE, group, |version| one(spot, bucket, version, to)).await;
        for (version, answer) in group.iter().zip(answers) {
            let wrong = match answer {
                Ok(Seen { bytes, .. }) if bytes != version.size => {
                    Some(format!("it has {bytes} bytes, and {} are listed", version.size))
                }
                Ok(Seen { same: Some(false), .. }) => Some("its SHA-256 is not the one that is stored".to_owned()),
                Ok(Seen { restored: Some(false), .. }) => Some("what was restored of it has other bytes".to_owned()),
                Ok(Seen { bytes, same, restored }) => {
                    so_far.restored += u64::from(restored == Some(true));
                    so_far.read += 1;
                    so_far.bytes += bytes;
                    so_far.verified += u64::from(same == Some(true));
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            if let Some(wrong) = wrong.filter(|_| so_far.wrong.len() < MOST_NAMED) {
                so_far.wrong.push(Text::from(format!("`{}` of the version {}: {wrong}", version.key, version.id)));
            }
        }
    }
    Ok(so_far)
}

/// A version that can be read; `None` for one in an archive.
fn previous(object: ObjectVersion) -> Called<Option<Version>> {
    let missing = |field| unreadable(LIST_OBJECT_VERSIONS, field);
    let class = object.storage_class.as_ref().map(ObjectVersionStorageClass::as_str);
    let version = Version {
        key: object.key.ok_or_else(|| missing("Key"))?,
        id: object.version_id.ok_or_else(|| missing("VersionId"))?,
        size: object.size.and_then(|size| u64::try_from(size).ok()).ok_or_else(|| missing("Size"))?,
    };
    Ok((!matches!(class, Some("GLACIER" | "DEEP_ARCHIVE"))).then_some(version))
}

async fn one(spot: &Spot, bucket: &str, version: &Version, to: Option<&RestoreTo<'_>>) -> Called<Seen> {
    let request = spot.clients.s3.get_object().bucket(bucket).key(&version.key).version_id(&version.id);
    let answer = spot.send(GET_OBJECT_VERSION, request.checksum_mode(ChecksumMode::Enabled).send()).await?;
    let sum = |sum| of_whole(answer.checksum_type(), sum).map(str::to_owned);
    let sha256 = sum(answer.checksum_sha256());
    // The SDK works these out itself while the body is read, and fails where they differ.
    let others =
        [answer.checksum_crc32(), answer.checksum_crc32_c(), answer.checksum_crc64_nvme(), answer.checksum_sha1()];
    let by_sdk = others.into_iter().any(|other| sum(other).is_some());
    let (digest, bytes) = digest_of(answer.body).await?;
    let same = match sha256 {
        Some(stored) => Some(aws_smithy_types::base64::decode(stored).is_ok_and(|stored| stored == digest)),
        None => by_sdk.then_some(true),
    };
    let restored = match to.filter(|_| bytes <= LARGEST) {
        Some(to) => Some(restored::copy(spot, to, bucket, &version.key, &version.id).await? == digest),
        None => None,
    };
    Ok(Seen { bytes, same, restored })
}
