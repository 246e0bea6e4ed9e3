//! The numbered requirements of a gate over Terraform plans: links, selections, changes, drift, secrets, places, size.

mod inputs;
mod values;

use lastgood::evaluate::change::Scope;
use lastgood::model::outcome::Outcome::{Fail, NotApplicable, Pass, Unknown};
use lastgood::model::resource::RegionSettings;
use lastgood::sources::iac::Action;
use serde_json::json;

use super::{CHANGE, change, expect, gate, gate_with, plan, policy_of, read, shipped, verdict};

#[test]
fn r06_an_ambiguous_link_is_undecided_and_never_a_guess() {
    let mut plan = plan("matrix");
    // The sibling's versioning names its bucket without a key: it may be either.
    let blocks = plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
    let block = blocks.iter_mut().find(|block| block["address"] == "aws_s3_bucket_versioning.sibling").unwrap();
    block["expressions"]["bucket"]["references"] = json!(["aws_s3_bucket.sibling"]);
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.retain(|change| change["address"] != r#"aws_s3_bucket_versioning.sibling["off.dotted[0]"]"#);
    let gated = gate(&plan);
    for key in ["on", "off.dotted[0]"] {
        let address = format!("aws_s3_bucket.sibling[\"{key}\"]");
        expect(&gated, &address, "s3-versioning", Unknown, "aws_s3_bucket_versioning.sibling[\"on\"].bucket");
    }
}

#[test]
fn r06_a_part_of_something_else_changes_nothing_here() {
    let mut plan = plan("matrix");
    change(&mut plan, "aws_s3_bucket_versioning.by_name")["change"]["after"]["bucket"] = json!("another");
    expect(&gate(&plan), "aws_s3_bucket.by_name", "s3-versioning", Fail, "never enabled");
}

#[test]
fn r07_a_selection_is_the_formula_of_aws_backup() {
    let mut plan = plan("matrix");
    let selection = change(&mut plan, "aws_backup_selection.by_tag");
    selection["change"]["after"]["not_resources"] = json!(["arn:aws:ec2:*:*:volume/*"]);
    selection["change"]["after_unknown"]["not_resources"] = json!(false);
    let gated = gate(&plan);
    expect(&gated, "aws_ebs_volume.tagged", "automated", Fail, "no backup plan");
    expect(&gated, "aws_efs_file_system.tagged", "automated", Pass, "covered by backup plan daily");
}

#[test]
fn r07_tags_are_those_that_the_provider_adds_too() {
    let rule = "[[rule]]\nid = \"owned\"\ntitle = \"t\"\ncheck = \"condition\"\nseverity = \"low\"\n\
                with = { pass_when = \"'owner' in resource.tags\" }\n";
    let gated = gate_with(&plan("matrix"), None, Scope::All, &policy_of(rule));
    expect(&gated, "aws_ebs_volume.by_reference", "owned", Pass, "");
    expect(&gated, "aws_ebs_volume.tag_unknown", "owned", Unknown, "resource.tags");
}

#[test]
fn r07_without_opt_in_settings_a_tag_decides_nothing_and_the_account_can_tell() {
    let mut plan = plan("matrix");
    plan["resource_changes"].as_array_mut().unwrap().retain(|c| c["type"] != "aws_backup_region_settings");
    let words = "aws_backup_region_settings";
    expect(&gate(&plan), "aws_ebs_volume.tagged", "automated", Unknown, words);
    let mut live = lastgood::model::inventory::Inventory::empty(super::now(), "aws");
    live.accounts = vec!["111122223333".into()];
    live.resources.push(settings("111122223333", true));
    let gated = gate_with(&plan, Some(&live), Scope::OnlyChanges, &shipped());
    expect(&gated, "aws_ebs_volume.tagged", "automated", Pass, "covered by backup plan daily");
}

fn settings(account: &str, ebs: bool) -> lastgood::model::resource::Resource {
    let text = format!(
        r#"{{"arn": "arn:aws:lastgood:eu-west-2:{account}:region-settings", "kind": "account-region", "account": "{account}",
            "region": "eu-west-2", "detail": {{"region": {}}}}}"#,
        serde_json::to_string(&RegionSettings {
            backup_opt_in: lastgood::model::fact::Fact::Known([("EBS".into(), ebs)].into()),
            ..RegionSettings::default()
        })
        .unwrap()
    );
    serde_json::from_str(&text).unwrap()
}

#[test]
fn r07_a_setting_that_even_the_account_does_not_tell_is_open() {
    let plan = super::small::small(&json!([
        {"type": "aws_ebs_encryption_by_default", "name": "e", "after": {"enabled": true}},
    ]));
    let mut live = lastgood::model::inventory::Inventory::empty(super::now(), "aws");
    live.accounts = vec!["111122223333".into()];
    live.resources.push(settings("111122223333", true));
    let judged = |live| gate_with(&plan, live, Scope::OnlyChanges, &shipped());
    expect(&judged(None), "settings of eu-west-2", "access-limited", NotApplicable, "does not declare");
    expect(&judged(Some(&live)), "settings of eu-west-2", "access-limited", Unknown, "");
}

#[test]
fn r08_every_change_has_its_action_and_takes_away_what_it_takes_away() {
    let plan = plan("changes");
    let reading = read(plan.to_string().as_bytes(), None).unwrap();
    let declared = reading.after.declared.unwrap();
    let action = |address: &str| declared.resources.iter().find(|r| *r.address == *address).unwrap().action;
    assert_eq!(action("aws_backup_vault_lock_configuration.main"), Action::Replace);
    assert_eq!(action("aws_backup_vault.forgotten"), Action::Forget);
    assert_eq!(action("aws_backup_selection.gone"), Action::Delete);
    assert_eq!(action("aws_backup_vault.far"), Action::NoOp);
    let gated = gate(&plan);
    for (address, words) in [
        ("aws_backup_vault.main", "weakened from compliance of at least 35 days to governance of at least 7 days"),
        ("aws_backup_plan.daily", "weakened from 35 days to 14 days"),
        ("aws_backup_plan.daily", "weakened from every 24 hours to every 168 hours"),
        ("aws_backup_plan.daily", "number of copies of rule daily of plan daily is weakened from 1 to 0"),
        ("aws_backup_selection.gone", "the selection s-2 is deleted"),
        ("aws_backup_vault.forgotten", "leaves management"),
        ("aws_db_instance.main", "deletion protection is switched off"),
        ("aws_db_instance.main", "`skip_final_snapshot` is switched on"),
        ("aws_db_instance.main", "takes the database in today, and none does after the change"),
        ("aws_dynamodb_table.orders", "point-in-time recovery is switched off"),
        ("aws_ebs_volume.untagged", "backup plan daily takes the volume in today, and none does after the change"),
        ("aws_s3_bucket.assets", "versioning is weakened from enabled to suspended"),
        ("aws_s3_bucket.assets", "`force_destroy` is switched on"),
        ("settings of eu-west-2", "AWS Backup is switched off for DynamoDB"),
    ] {
        expect(&gated, address, CHANGE, Fail, words);
    }
    // What leaves management can change unseen.
    expect(&gated, "aws_s3_bucket.forgotten", "s3-versioning", Unknown, "leaves management");
    // One finding for each thing, with a fingerprint of its own.
    let mut fingerprints: Vec<String> = gated.assessment.verdicts.iter().map(|v| v.fingerprint()).collect();
    let all = fingerprints.len();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), all);
}

#[test]
fn r08_unheard_of_actions_are_refused() {
    let mut plan = plan("changes");
    change(&mut plan, "aws_backup_vault.far")["change"]["actions"] = json!(["explode"]);
    let said = super::problem(plan.to_string().as_bytes()).to_string();
    assert!(said.contains("[explode]"), "{said}");
    // A new combination of known words is understood.
    let far = change(&mut plan, "aws_backup_vault.far");
    far["change"]["actions"] = json!(["create", "forget"]);
    assert!(read(plan.to_string().as_bytes(), None).is_ok());
}

#[test]
fn r09_what_the_change_leaves_alone_counts_for_coverage_and_is_judged_where_it_gets_worse() {
    let plan = plan("changes");
    let gated = gate(&plan);
    // Its plan got worse.
    let worse = verdict(&gated, "aws_ebs_volume.untouched", "kept-35-days");
    assert_eq!((worse.raw_outcome, worse.fact("change").unwrap().to_string().as_str()), (Fail, "introduced"));
    // It failed before, and nothing touches it.
    let far = |gated: &lastgood::evaluate::change::Gated| {
        gated.assessment.verdicts.iter().any(|verdict| &*verdict.subject.name == "aws_backup_vault.far")
    };
    assert!(!far(&gated));
    assert!(gated.elsewhere.fail > 0);
    let all = gate_with(&plan, None, Scope::All, &shipped());
    assert!(far(&all));
    let locked = verdict(&all, "aws_backup_vault.far", "vaults-locked");
    assert_eq!((locked.raw_outcome, locked.fact("change").unwrap().to_string().as_str()), (Fail, "existing"));
}

#[test]
fn r10_protection_that_drifted_away_and_is_not_restored_is_said() {
    let mut plan = plan("changes");
    // Somebody shortened the retention by hand, and the code agrees by now.
    let main = change(&mut plan, "aws_db_instance.main").clone();
    let mut drift = main.clone();
    drift["change"]["actions"] = json!(["update"]);
    drift["change"]["before"] = main["change"]["before"].clone();
    drift["change"]["before"]["backup_retention_period"] = json!(35);
    let main = change(&mut plan, "aws_db_instance.main");
    for side in ["before", "after"] {
        main["change"][side]["backup_retention_period"] = json!(7);
    }
    expect(&gate(&plan), "aws_db_instance.main", "kept-35-days", Fail, "kept for 7d only");
    let without = verdict(&gate(&plan), "aws_db_instance.main", CHANGE).reason();
    assert!(!without.contains("shortened"), "{without}");
    plan["resource_drift"] = json!([drift]);
    let words = "outside of Terraform, and not restored by this plan: the retention of automated backups is shortened from 35 to 7";
    expect(&gate(&plan), "aws_db_instance.main", CHANGE, Fail, words);
}

#[test]
fn r11_nothing_that_is_marked_sensitive_comes_out() {
    let mut plan = plan("matrix");
    // Also what a fact would be read from.
    let main = change(&mut plan, "aws_db_instance.shortened");
    main["change"]["after_sensitive"]["backup_retention_period"] = json!(true);
    let bucket = change(&mut plan, "aws_s3_bucket.by_name");
    bucket["change"]["after"]["bucket"] = json!("hunter2-bucket");
    bucket["change"]["after_sensitive"] = json!({"bucket": true});
    let volume = change(&mut plan, "aws_ebs_volume.tagged");
    volume["change"]["after"]["tags_all"] = json!({"backup": "daily", "token": "hunter2-tag"});
    volume["change"]["after_sensitive"] = json!({"tags": {"token": true}, "tags_all": {"token": true}});
    let whole = change(&mut plan, "aws_dynamodb_table.pitr_on");
    whole["change"]["after"]["name"] = json!("hunter2-table");
    whole["change"]["after_sensitive"] = json!(true);
    let gated = gate_with(&plan, None, Scope::All, &shipped());
    let json = serde_json::to_string(&gated.assessment).unwrap();
    assert!(!json.contains("hunter2"), "a secret came out");
    let reading = read(plan.to_string().as_bytes(), None).unwrap();
    let inventory = serde_json::to_string(&reading.after).unwrap() + &format!("{reading:?}");
    assert!(!inventory.contains("hunter2"), "a secret is in the inventory");
    expect(&gated, "aws_db_instance.shortened", "kept-35-days", Unknown, "is marked sensitive");
    expect(&gated, "aws_ebs_volume.tagged", "automated", Unknown, "`aws_ebs_volume.tagged.tags` is marked sensitive");
    expect(&gated, "aws_dynamodb_table.pitr_on", "automated", Unknown, "is marked sensitive");
}

#[test]
fn r12_the_region_is_that_of_the_provider_and_data_sources_are_no_resources() {
    let reading = read(plan("changes").to_string().as_bytes(), None).unwrap();
    let region = |address: &str| {
        let found = reading.after.resources.iter().find(|r| r.name.as_deref() == Some(address)).unwrap();
        (found.account.to_string(), found.region.to_string())
    };
    assert_eq!(region("aws_backup_vault.far"), ("111122223333".to_owned(), "eu-central-1".to_owned()));
    assert_eq!(region("aws_backup_vault.main"), ("111122223333".to_owned(), "eu-west-2".to_owned()));
    // By a variable; within modules that have no provider of their own.
    let reading = read(plan("matrix").to_string().as_bytes(), None).unwrap();
    let hosted = reading
        .after
        .resources
        .iter()
        .find(|r| r.name.as_deref() == Some("module.host.module.service.aws_db_instance.hosted"));
    assert_eq!(&*hosted.unwrap().region, "eu-west-2");
    // Where it cannot be told it is not guessed.
    let mut open = plan("matrix");
    open["configuration"]["provider_config"]["aws"]["expressions"]["region"] = json!({"references": ["local.region"]});
    let reading = read(open.to_string().as_bytes(), None).unwrap();
    let table =
        reading.after.resources.iter().find(|r| r.name.as_deref() == Some("aws_dynamodb_table.pitr_on")).unwrap();
    assert_eq!(&*table.region, "(region)");
    let mut data = plan("matrix");
    let mut read_later = change(&mut data, "aws_s3_bucket.plain").clone();
    read_later["address"] = json!("data.aws_s3_bucket.other");
    read_later["mode"] = json!("data");
    read_later["change"]["actions"] = json!(["read"]);
    data["resource_changes"].as_array_mut().unwrap().push(read_later);
    let reading = read(data.to_string().as_bytes(), None).unwrap();
    assert!(reading.after.resources.iter().all(|r| r.name.as_deref() != Some("data.aws_s3_bucket.other")));
}

#[test]
fn r13_numbers_are_exact_and_what_is_no_number_is_undecided() {
    let mut plan = plan("matrix");
    let set = |plan: &mut serde_json::Value, value: serde_json::Value| {
        change(plan, "aws_db_instance.shortened")["change"]["after"]["backup_retention_period"] = value;
    };
    set(&mut plan, json!(35.0));
    expect(&gate(&plan), "aws_db_instance.shortened", "kept-35-days", Pass, "35d");
    for odd in [json!(35.5), json!(-1), json!(18_446_744_073_709_551_615_u64), json!("many"), json!([35])] {
        set(&mut plan, odd.clone());
        let words = "`aws_db_instance.shortened.backup_retention_period` has a value of a form that is not known here";
        expect(&gate(&plan), "aws_db_instance.shortened", "kept-35-days", Unknown, words);
    }
}

#[test]
fn r14_planned_values_and_what_is_not_needed_are_not_read() {
    let mut plan = plan("matrix");
    // Terraform leaves unknown values out here, so that they look as if nobody had set them.
    plan["planned_values"] = json!({"root_module": [1, {"anything": null}]});
    plan["relevant_attributes"] = json!("anything");
    change(&mut plan, "aws_iam_role.backup")["change"]["after"] = json!({"any": [1, 2, {"deep": null}]});
    let with = gate(&plan).assessment;
    let without = gate(&super::plan("matrix")).assessment;
    assert_eq!(with.verdicts, without.verdicts);
    assert!(with.verdicts.iter().any(|verdict| verdict.outcome == NotApplicable));
}
