//! The vectors of the AWS facts that concern encryption.

use super::*;
use crate::checks::Context;
use crate::model::estate::Estate;
use crate::model::inventory::Inventory;

fn judge(inventory: &str) -> Judgement {
    let head = r#"schema = "lastgood.inventory/1"
        source = "test"
        captured_at = "2026-11-22T00:00:00Z"
        accounts = []
        regions = []
    "#;
    let mut inventory: Inventory = toml::from_str(&format!("{head}{inventory}")).unwrap();
    inventory.sort();
    let context = Context::new(Estate::new(&inventory), inventory.captured_at, chrono_tz::Tz::UTC);
    let resource = inventory.resources.first().unwrap();
    Encryption { resource: true, points: true, vault: true, keys: Vec::new(), require_kms: false, key_health: false }
        .judge(&Case::new(resource, &context))
        .unwrap_or_else(|unread| unread.judgement())
}

const POINT: &str = r#"
    kind = "backup-point"
    resource = "arn:aws:elasticfilesystem:r:a:file-system/fs-1"
    account = "a"
    region = "r"
    status = "completed"
    started_at = "2026-11-21T00:00:00Z"
"#;
const FILE_SYSTEM: &str = r#"
    reads = [{ account = "a", region = "r", call = "backup:*" }]
    [[resources]]
    arn = "arn:aws:elasticfilesystem:r:a:file-system/fs-1"
    kind = "efs-file-system"
    account = "a"
    region = "r"
    detail.file-system.encrypted = true
"#;

#[test]
fn vector_12_a_composite_with_three_children_is_three_points() {
    let child = |n: u8| format!("[[points]]\narn = \"child-{n}\"\nencrypted = true\nextra.parent = \"p\"{POINT}");
    let parent = format!("[[points]]\narn = \"p\"\nencrypted = false\nextra.is_parent = true{POINT}");
    let all = [FILE_SYSTEM.to_owned(), parent, child(1), child(2), child(3)].concat();
    let judgement = judge(&all);
    assert_eq!(&*judgement.reason(), "the file system is encrypted, and so is every stored recovery point (3)");
}

#[test]
fn vector_19_access_denied_is_unknown() {
    let gap = r#"
        gaps = [{ account = "a", region = "r", service = "s3", operation = "GetBucketEncryption", status = "denied", code = "AccessDenied", iam_action = "s3:GetEncryptionConfiguration" }]
        [[resources]]
        arn = "arn:aws:s3:::assets"
        kind = "s3-bucket"
        account = "a"
        region = "r"
        detail.bucket = {}
    "#;
    let judgement = judge(gap);
    assert_eq!(judgement.outcome.id(), "unknown");
    assert!(judgement.reason().contains("s3:GetEncryptionConfiguration"), "{}", judgement.reason());
}
