//! `versioning`: S3 versioning is enabled.

use super::{Answer, Args, Case, Check, CheckInfo, InCode, ParamError};
use crate::model::judgement::Judgement;
use crate::model::kind::Kind;
use crate::model::resource::Versioning;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "versioning",
    title: "S3 versioning is enabled",
    docs: "\
## What it judges
The bucket keeps every version of its objects: `GetBucketVersioning` answers `Enabled`.

## Exact semantics
`Suspended` fails: old versions stay, and every new write overwrites the null version. No status at
all means that versioning was never enabled. MFA delete is never demanded, since S3 does not allow
it together with lifecycle rules.

## What yields `unknown`
`s3:GetBucketVersioning` was denied or failed.
",
    remedy: "enable versioning on the bucket (`aws s3api put-bucket-versioning --versioning-configuration Status=Enabled`)",
    kinds: &[Kind::S3Bucket],
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: r#"declare `aws_s3_bucket_versioning` with `status = "Enabled"` for the bucket"#,
        template: "set `VersioningConfiguration` with `Status: Enabled` of the bucket",
    }),
    params: &[],
    reads: &["s3:ListBuckets", "s3:GetBucketVersioning"],
    prepare,
};

struct VersioningEnabled;

fn prepare(_: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(VersioningEnabled))
}

impl Check for VersioningEnabled {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let bucket = case.resource.bucket();
        Ok(match case.need(bucket.map(|bucket| &bucket.versioning), "s3:GetBucketVersioning")? {
            Versioning::Enabled => Judgement::pass("versioning is enabled"),
            Versioning::Suspended => Judgement::fail(
                "versioning is suspended: new writes overwrite, and only versions from before can be restored",
            ),
            Versioning::Never => {
                Judgement::fail("versioning was never enabled: overwritten and deleted objects are lost")
            }
        })
    }
}
