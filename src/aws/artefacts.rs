//! Objects that the backup log names, looked at as they are now.

use std::collections::BTreeMap;

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::ChecksumMode;

use super::convert::maybe_instant;
use super::failure::Failure;
use super::options::Options;
use super::s3::{map, of_whole};
use super::session::configure;
use crate::model::inventory::hex;
use crate::model::text::Text;
use crate::sources::logs::artefacts::Seen;

/// An object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectRef<'a> {
    /// Its bucket.
    pub bucket: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its version; the current one if absent.
    pub version: Option<&'a str>,
}

/// Look at each: size, time, and the SHA-256 where S3 keeps one of the whole object. `None` for what is not there.
/// Needs `s3:GetBucketLocation` and `s3:GetObject` (with versions `s3:GetObjectVersion`); without `s3:ListBucket` S3
/// answers 403 for what is not there, which is an error here.
///
/// # Errors
/// For each that could not be asked for: why, in a line.
pub fn look(objects: &[ObjectRef<'_>], options: &Options) -> Vec<Result<Option<Seen>, String>> {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return objects.iter().map(|_| Err(error.to_string())).collect(),
    };
    runtime.block_on(async {
        let config = configure(options).await;
        let mut clients: BTreeMap<&str, Result<Client, String>> = BTreeMap::new();
        let mut seen = Vec::new();
        for object in objects {
            if !clients.contains_key(object.bucket) {
                clients.insert(object.bucket, client(&config, object.bucket).await);
            }
            seen.push(match clients.get(object.bucket) {
                Some(Ok(client)) => head(client, object).await,
                Some(Err(why)) => Err(why.clone()),
                None => Err("its bucket was not asked for".into()),
            });
        }
        seen
    })
}

fn connect(config: &SdkConfig, region: Option<&str>) -> Client {
    let builder = aws_sdk_s3::config::Builder::from(config).force_path_style(config.endpoint_url().is_some());
    Client::from_conf(match region {
        Some(region) => builder.region(Region::new(region.to_owned())).build(),
        None => builder.build(),
    })
}

/// A client for the region of the bucket.
async fn client(config: &SdkConfig, bucket: &str) -> Result<Client, String> {
    let answer = connect(config, None).get_bucket_location().bucket(bucket).send().await;
    let answer = answer.map_err(|error| Failure::from(&error).to_string())?;
    Ok(connect(config, Some(map::region(answer.location_constraint().map(|constraint| constraint.as_str())))))
}

async fn head(client: &Client, object: &ObjectRef<'_>) -> Result<Option<Seen>, String> {
    let request = client
        .head_object()
        .bucket(object.bucket)
        .key(object.key)
        .set_version_id(object.version.map(str::to_owned))
        .checksum_mode(ChecksumMode::Enabled);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let gone = error.raw_response().is_some_and(|response| response.status().as_u16() == 404);
            return if gone { Ok(None) } else { Err(Failure::from(&error).to_string()) };
        }
    };
    let bytes = answer.content_length().and_then(|length| u64::try_from(length).ok()).ok_or("it has no size")?;
    let sha256 = of_whole(answer.checksum_type(), answer.checksum_sha256());
    let sha256 = sha256.and_then(|sum| aws_smithy_types::base64::decode(sum).ok()).map(|sum| Text::from(hex(&sum)));
    Ok(Some(Seen { bytes, sha256, modified: maybe_instant(answer.last_modified()) }))
}
