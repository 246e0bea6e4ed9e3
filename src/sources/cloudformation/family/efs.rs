//! EFS file systems.

use super::super::draft::Draft;
use super::super::view::View;
use super::{TypeInfo, of};
use crate::model::kind::Kind;
use crate::model::resource::{Detail, FileSystem};

pub(super) const TYPES: &[TypeInfo] = &[TypeInfo {
    name: "AWS::EFS::FileSystem",
    naming: of(Kind::EfsFileSystem, None),
    pass: 0,
    put: file_system,
    holds_data: true,
}];

fn file_system<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    let detail = Detail::FileSystem(FileSystem {
        encrypted: view.fact(arn, "encrypted", |p| Ok(p.flag("Encrypted")?.unwrap_or(false))),
        kms_key: view.name("KmsKeyId"),
        backup_policy: view.fact(arn, "backup_policy", |p| match p.text("BackupPolicy.Status")? {
            Some(status) => Ok(status == "ENABLED"),
            // Off for what the API makes; a file system in one zone has it on.
            None => p.is_set("AvailabilityZoneName"),
        }),
    });
    draft.whole(view, Kind::EfsFileSystem, detail, "FileSystemTags");
}
