//! Time and memory of judging Terraform plans of 100, 5,000 and 10,000 changes by the shipped policy, from bytes to
//! the assessment.
//!
//! `cargo bench --no-default-features --bench gate [-- CHANGES]`. Prints figures; asserts nothing.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;
mod shipped;

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use lastgood::evaluate::change::{Scope, evaluate};
use lastgood::sources::iac::join;
use lastgood::sources::terraform::{Given, read};
use memory::peak_mib;

fn main() {
    let asked = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    match asked {
        Some(changes) => once(changes),
        None => [100, 5_000, 10_000].into_iter().for_each(several),
    }
}

/// Processes of which the median counts: each judges once, as a pipeline does, with memory that nothing used before.
const RUNS: usize = 15;

/// Measure a size by processes of their own.
fn several(changes: usize) {
    let me = std::env::current_exe().expect("this program");
    let mut runs: Vec<(f64, String)> = (0..RUNS)
        .map(|_| {
            let run = std::process::Command::new(&me).arg(changes.to_string()).output().expect("it runs again");
            let line = String::from_utf8(run.stdout).expect("text");
            let seconds = line.split(" s CPU").next().and_then(|head| head.rsplit(' ').next()).unwrap_or_default();
            (seconds.parse().expect("its figure"), line)
        })
        .collect();
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (Some((least, _)), Some((most, _)), Some((_, median))) = (runs.first(), runs.last(), runs.get(RUNS / 2)) else {
        return;
    };
    print!("median of {RUNS} ({least:.3} to {most:.3} s): {median}");
}

/// Judge a plan of this size.
fn once(changes: usize) {
    let policy = shipped::policy();
    let as_of = "2026-11-22T00:00:00Z".parse().expect("an instant");
    let bytes = plan(changes).into_bytes();
    let length = bytes.len();
    let start = cpu_seconds();
    let mut reading =
        read(bytes, Path::new("plan.json"), &Given { as_of, live: None }).expect("a plan of ours is read");
    let middle = cpu_seconds();
    join(&mut reading, None);
    let gated = black_box(evaluate(&policy, &reading.after, reading.before.as_ref(), as_of, Scope::OnlyChanges));
    println!(
        "{changes} changes, {:.1} MB: {:.3} s CPU, of which {:.3} s reading; peak memory {} MiB; {:?}",
        length as f64 / 1e6,
        cpu_seconds() - start,
        middle - start,
        peak_mib(),
        gated.assessment.summary
    );
}

/// The CPU time of this process, from the system: user and system, to a hundredth.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds: u64 = stat.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0);
    nanoseconds as f64 / 1e9
}

/// A plan as Terraform writes it: volumes, databases, tables and buckets with their versioning, a tenth of them updated
/// and half of them untouched, all covered by one plan; every block is in the configuration too.
fn plan(changes: usize) -> String {
    let mut entries = String::new();
    let mut blocks = String::new();
    let mut add = |address: &str, ty: &str, body: &str, unknown: &str, n: usize, expressions: &str| {
        let name = address.rsplit('.').next().unwrap_or_default();
        let (actions, before) = match n % 10 {
            0..5 => ("no-op", body),
            5 => ("update", body),
            _ => ("create", "null"),
        };
        let comma = if entries.is_empty() { "" } else { "," };
        let _ = write!(
            entries,
            r#"{comma}{{"address":"{address}","mode":"managed","type":"{ty}","name":"{name}","provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["{actions}"],"before":{before},"after":{body},"after_unknown":{unknown},"before_sensitive":false,"after_sensitive":{{"tags":{{}},"tags_all":{{}}}}}}}}"#
        );
        let _ = write!(
            blocks,
            r#"{comma}{{"address":"{address}","mode":"managed","type":"{ty}","name":"{name}","provider_config_key":"aws","expressions":{expressions},"schema_version":0}}"#
        );
    };
    let tags = r#""tags":{"backup":"daily","application":"shop","criticality":"critical"},"tags_all":{"backup":"daily","application":"shop","criticality":"critical"}"#;
    for n in 0..changes {
        match n % 5 {
            0 => add(
                &format!("aws_ebs_volume.v{n}"),
                "aws_ebs_volume",
                &format!(
                    r#"{{"availability_zone":"eu-west-2a","encrypted":true,"final_snapshot":false,"multi_attach_enabled":null,"outpost_arn":null,"size":10,"timeouts":null,{tags}}}"#
                ),
                r#"{"arn":true,"create_time":true,"id":true,"iops":true,"kms_key_id":true,"snapshot_id":true,"throughput":true,"type":true}"#,
                n,
                r#"{"availability_zone":{"constant_value":"eu-west-2a"},"encrypted":{"constant_value":true},"size":{"constant_value":10}}"#,
            ),
            1 => add(
                &format!("aws_db_instance.d{n}"),
                "aws_db_instance",
                &format!(
                    r#"{{"allocated_storage":20,"allow_major_version_upgrade":null,"apply_immediately":false,"auto_minor_version_upgrade":true,"blue_green_update":[],"copy_tags_to_snapshot":false,"deletion_protection":true,"engine":"postgres","identifier":"d{n}","instance_class":"db.t3.micro","monitoring_interval":0,"password":"x","publicly_accessible":false,"skip_final_snapshot":false,"storage_encrypted":true,"backup_retention_period":35,"username":"admin",{tags}}}"#
                ),
                r#"{"address":true,"arn":true,"availability_zone":true,"backup_window":true,"ca_cert_identifier":true,"character_set_name":true,"db_name":true,"db_subnet_group_name":true,"endpoint":true,"engine_version":true,"hosted_zone_id":true,"id":true,"iops":true,"kms_key_id":true,"license_model":true,"maintenance_window":true,"multi_az":true,"option_group_name":true,"parameter_group_name":true,"port":true,"resource_id":true,"status":true,"timezone":true}"#,
                n,
                r#"{"allocated_storage":{"constant_value":20},"backup_retention_period":{"references":["var.days"]},"identifier":{"references":["each.key"]},"storage_encrypted":{"constant_value":true}}"#,
            ),
            2 => add(
                &format!("aws_dynamodb_table.t{n}"),
                "aws_dynamodb_table",
                &format!(
                    r#"{{"attribute":[{{"name":"id","type":"S"}}],"billing_mode":"PAY_PER_REQUEST","deletion_protection_enabled":true,"global_secondary_index":[],"hash_key":"id","name":"t{n}","point_in_time_recovery":[{{"enabled":true}}],"replica":[],{tags}}}"#
                ),
                r#"{"arn":true,"attribute":[{}],"id":true,"point_in_time_recovery":[{"recovery_period_in_days":true}],"read_capacity":true,"server_side_encryption":true,"stream_arn":true,"ttl":true,"write_capacity":true}"#,
                n,
                r#"{"hash_key":{"constant_value":"id"},"name":{"constant_value":"t"},"point_in_time_recovery":[{"enabled":{"constant_value":true}}]}"#,
            ),
            3 => add(
                &format!("aws_s3_bucket.b{n}"),
                "aws_s3_bucket",
                &format!(r#"{{"bucket_prefix":"b{n}-","force_destroy":false,"timeouts":null,{tags}}}"#),
                r#"{"acceleration_status":true,"acl":true,"arn":true,"bucket":true,"bucket_domain_name":true,"id":true,"lifecycle_rule":true,"object_lock_enabled":true,"policy":true,"region":true,"server_side_encryption_configuration":true,"versioning":true}"#,
                n,
                r#"{"bucket_prefix":{"constant_value":"b-"}}"#,
            ),
            _ => {
                let bucket = n - 1;
                add(
                    &format!("aws_s3_bucket_versioning.b{bucket}"),
                    "aws_s3_bucket_versioning",
                    r#"{"expected_bucket_owner":null,"mfa":null,"versioning_configuration":[{"status":"Enabled"}]}"#,
                    r#"{"bucket":true,"id":true,"versioning_configuration":[{"mfa_delete":true}]}"#,
                    n,
                    &format!(
                        r#"{{"bucket":{{"references":["aws_s3_bucket.b{bucket}.id","aws_s3_bucket.b{bucket}"]}},"versioning_configuration":[{{"status":{{"constant_value":"Enabled"}}}}]}}"#
                    ),
                );
            }
        }
    }
    add(
        "aws_backup_plan.daily",
        "aws_backup_plan",
        r#"{"name":"daily","rule":[{"completion_window":180,"copy_action":[],"enable_continuous_backup":false,"lifecycle":[{"delete_after":35}],"rule_name":"daily","schedule":"cron(0 5 ? * * *)","start_window":60,"target_vault_name":"main"}]}"#,
        r#"{"arn":true,"id":true}"#,
        9,
        r#"{"name":{"constant_value":"daily"}}"#,
    );
    add(
        "aws_backup_vault.main",
        "aws_backup_vault",
        r#"{"name":"main"}"#,
        r#"{"arn":true,"id":true,"kms_key_arn":true}"#,
        9,
        r#"{"name":{"constant_value":"main"}}"#,
    );
    add(
        "aws_backup_region_settings.here",
        "aws_backup_region_settings",
        r#"{"resource_type_opt_in_preference":{"EBS":true,"RDS":true,"DynamoDB":true,"S3":true}}"#,
        r#"{"id":true}"#,
        9,
        "{}",
    );
    add(
        "aws_backup_selection.all",
        "aws_backup_selection",
        r#"{"name":"all","selection_tag":[{"key":"backup","type":"STRINGEQUALS","value":"daily"}]}"#,
        r#"{"id":true,"plan_id":true,"resources":true,"not_resources":true,"condition":true}"#,
        9,
        r#"{"name":{"constant_value":"all"},"plan_id":{"references":["aws_backup_plan.daily.id","aws_backup_plan.daily"]}}"#,
    );
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","variables":{{"days":{{"value":35}}}},"planned_values":{{"root_module":{{"resources":[]}}}},"resource_changes":[{entries}],"prior_state":{{"format_version":"1.0"}},"configuration":{{"provider_config":{{"aws":{{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{{"region":{{"constant_value":"eu-west-2"}}}}}}}},"root_module":{{"resources":[{blocks}]}}}},"timestamp":"2026-11-22T00:00:00Z","applyable":true,"complete":true,"errored":false}}"#
    )
}
