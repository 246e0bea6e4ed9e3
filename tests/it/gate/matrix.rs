//! The behaviour matrix: what is true of a plan, where other gates say something else.

use lastgood::model::outcome::Outcome::{Fail, Pass, Unknown};

use super::{CHANGE, expect, gate, plan, verdict};

#[test]
fn m01_retention_known_after_apply_is_undecided() {
    let gated = gate(&plan("matrix"));
    for rule in ["daily-backup", "kept-35-days", "automated"] {
        let words = "`aws_db_instance.unknown_retention.backup_retention_period` is known only after apply";
        expect(&gated, "aws_db_instance.unknown_retention", rule, Unknown, words);
    }
    expect(&gated, "aws_db_instance.unknown_retention", "encrypted", Pass, "encrypted");
}

#[test]
fn m02_encryption_known_after_apply_is_undecided() {
    let words = "`aws_db_instance.unknown_encryption.storage_encrypted` is known only after apply";
    let gated = gate(&plan("matrix"));
    expect(&gated, "aws_db_instance.unknown_encryption", "encrypted", Unknown, words);
    // The other attributes of the same call are known.
    expect(&gated, "aws_db_instance.unknown_encryption", "kept-35-days", Pass, "35d");
}

#[test]
fn m03_a_shortened_retention_is_a_weakening() {
    let gated = gate(&plan("matrix"));
    expect(&gated, "aws_db_instance.shortened", CHANGE, Fail, "shortened from 35 to 1 days");
    expect(&gated, "aws_db_instance.shortened", "kept-35-days", Fail, "kept for 1d only");
}

#[test]
fn m04_what_the_provider_computes_and_nobody_sets_is_off() {
    expect(&gate(&plan("matrix")), "aws_dynamodb_table.pitr_not_set", "automated", Fail, "covers the table");
}

#[test]
fn m05_a_versioning_status_known_after_apply_is_undecided() {
    let words = "`aws_s3_bucket_versioning.unknown.versioning_configuration[0].status` is known only after apply";
    expect(&gate(&plan("matrix")), "aws_s3_bucket.unknown_versioning", "s3-versioning", Unknown, words);
}

#[test]
fn m06_versioning_by_reference_belongs_to_its_bucket() {
    let gated = gate(&plan("matrix"));
    expect(&gated, "aws_s3_bucket.by_reference", "s3-versioning", Pass, "enabled");
    expect(&gated, "aws_s3_bucket.by_reference", "previous-versions-restorable", Pass, "90d");
    // And a bucket without one is noticed.
    expect(&gated, "aws_s3_bucket.plain", "s3-versioning", Fail, "never enabled");
}

#[test]
fn m07_siblings_are_told_apart_by_their_keys() {
    let gated = gate(&plan("matrix"));
    expect(&gated, r#"aws_s3_bucket.sibling["on"]"#, "s3-versioning", Pass, "enabled");
    expect(&gated, r#"aws_s3_bucket.sibling["off.dotted[0]"]"#, "s3-versioning", Fail, "suspended");
}

#[test]
fn m08_modules_are_told_apart_by_their_keys() {
    let gated = gate(&plan("matrix"));
    expect(&gated, r#"module.pair["on"].aws_s3_bucket.this"#, "s3-versioning", Pass, "enabled");
    expect(&gated, r#"module.pair["off"].aws_s3_bucket.this"#, "s3-versioning", Fail, "suspended");
}

#[test]
fn m09_versioning_in_the_root_belongs_to_a_bucket_two_modules_down() {
    let address = "module.host.module.service.aws_s3_bucket.hosted";
    expect(&gate(&plan("matrix")), address, "s3-versioning", Pass, "enabled");
}

#[test]
fn m10_versioning_by_name_belongs_to_its_bucket() {
    expect(&gate(&plan("matrix")), "aws_s3_bucket.by_name", "s3-versioning", Pass, "enabled");
}

#[test]
fn m11_a_volume_is_covered_by_its_tag() {
    let gated = gate(&plan("matrix"));
    expect(&gated, "aws_ebs_volume.tagged", "automated", Pass, "covered by backup plan daily");
    expect(&gated, "aws_ebs_volume.tagged", "daily-backup", Pass, "1d 1h");
    expect(&gated, "aws_ebs_volume.tagged", "kept-35-days", Pass, "35d");
}

#[test]
fn m12_another_tag_does_not_cover() {
    expect(&gate(&plan("matrix")), "aws_ebs_volume.tagged_otherwise", "automated", Fail, "no backup plan");
    let unknown = gate(&plan("matrix"));
    expect(
        &unknown,
        "aws_ebs_volume.tag_unknown",
        "automated",
        Unknown,
        "`aws_ebs_volume.tag_unknown.tags` is known only",
    );
}

#[test]
fn m13_a_reference_covers_what_has_no_arn_yet() {
    expect(&gate(&plan("matrix")), "aws_ebs_volume.by_reference", "automated", Pass, "covered by backup plan daily");
}

#[test]
fn m14_a_file_system_is_covered_by_its_tag() {
    expect(&gate(&plan("matrix")), "aws_efs_file_system.tagged", "automated", Pass, "covered by backup plan daily");
}

#[test]
fn m15_a_disabled_backup_policy_fails() {
    expect(&gate(&plan("matrix")), "aws_efs_file_system.policy_off", "automated", Fail, "covers the file system");
}

#[test]
fn m16_a_plan_that_keeps_a_day_fails_what_it_covers() {
    let gated = gate(&plan("matrix"));
    expect(&gated, "aws_ebs_volume.short", "kept-35-days", Fail, "kept for 1d only");
    expect(&gated, "aws_ebs_volume.short", "automated", Pass, "plan short");
}

#[test]
fn m17_a_vault_that_can_be_destroyed_with_its_points_is_said() {
    expect(&gate(&plan("matrix")), "aws_backup_vault.main", CHANGE, Fail, "`force_destroy` is on");
}

#[test]
fn m18_a_vault_without_a_key_has_that_of_the_service() {
    let found = gate(&plan("matrix"));
    expect(&found, "aws_backup_vault.main", "encrypted", Pass, "the vault is encrypted");
    assert_eq!(
        verdict(&found, "aws_backup_vault.main", "encrypted").fact("key").unwrap().to_string(),
        "alias/aws/backup"
    );
}

#[test]
fn m19_deletions_are_seen() {
    let gated = gate(&plan("matrix"));
    for (address, words) in [
        ("aws_db_instance.gone", "without a final snapshot"),
        ("aws_backup_vault_lock_configuration.gone", "the lock of vault archive is deleted"),
        ("aws_backup_plan.gone", "the backup plan old is deleted"),
        ("aws_s3_bucket.gone", "the versioned bucket gone is deleted"),
        ("aws_kms_key.gone", "cannot be read any more"),
    ] {
        expect(&gated, address, CHANGE, Fail, words);
    }
}

#[test]
fn m20_a_result_has_a_sentence_and_unknown_is_an_outcome_of_its_own() {
    let gated = gate(&plan("matrix"));
    let summary = &gated.assessment.summary;
    assert!(summary.pass > 0 && summary.fail > 0 && summary.unknown > 0, "{summary:?}");
    for verdict in &gated.assessment.verdicts {
        assert!(verdict.reason().len() > 10, "{}", verdict.reason());
        assert!(!verdict.reason().contains('{'), "{}", verdict.reason());
    }
}
