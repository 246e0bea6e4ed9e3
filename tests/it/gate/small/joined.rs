//! The account beside the plan: what the code says holds, and what it leaves open is as the account has it.

use lastgood::model::fact::Fact;
use lastgood::model::gap::{Gap, GapStatus};
use lastgood::model::inventory::Inventory;
use lastgood::model::resource::Detail;
use serde_json::json;

use super::{after, small};

#[test]
fn settings_of_a_region_are_those_of_the_code_and_else_of_the_account() {
    let resources = json!([{
        "type": "aws_ebs_snapshot_block_public_access", "name": "b", "after": {"state": "block-all-sharing"},
    }]);
    let mut live = after(&resources);
    live.declared = None;
    for resource in &mut live.resources {
        if let Detail::Region(settings) = &mut resource.detail {
            settings.ebs_encryption_by_default = Fact::Known(true);
            settings.snapshot_block_public_access = Fact::Known("unblocked".into());
        }
    }
    // What the account could not tell of its protection matters to the plan; the rest of its gaps does not.
    let gap = |service: &str, operation: &str| Gap {
        account: "111122223333".into(),
        region: "eu-west-2".into(),
        service: service.into(),
        operation: operation.into(),
        resource: None,
        status: GapStatus::Denied,
        code: "AccessDenied".into(),
        message: None,
        iam_action: format!("{service}:{operation}").into(),
    };
    live.gaps = vec![gap("backup", "ListBackupPlans"), gap("s3", "GetBucketVersioning")];
    let joined = |live: Option<&Inventory>| {
        let plan = small(&resources);
        let mut reading = super::super::read(plan.to_string().as_bytes(), live).unwrap();
        lastgood::sources::iac::join(&mut reading, live);
        reading.after
    };
    let alone = joined(None);
    assert!(alone.resources[0].region_settings().unwrap().ebs_encryption_by_default.is_unread());
    let both = joined(Some(&live));
    assert_eq!(both.resources.len(), 1, "they are the settings of one region");
    let settings = both.resources[0].region_settings().unwrap();
    assert_eq!(settings.ebs_encryption_by_default, Fact::Known(true), "the code says nothing of it");
    assert_eq!(settings.snapshot_block_public_access, Fact::Known("block-all-sharing".into()), "the code says it");
    let calls: Vec<String> = both.gaps.iter().map(Gap::call).filter(|call| !call.starts_with("plan")).collect();
    assert!(
        calls.contains(&"backup:ListBackupPlans".to_owned()) && !calls.contains(&"s3:GetBucketVersioning".to_owned())
    );
}

/// What is excepted at the call of a module is excepted for all in it, and for nothing beside it.
#[test]
fn an_exception_at_the_call_of_a_module_holds_for_all_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let mark = "# lastgood:ignore rule=\"kept\" until=\"2026-12-31\" owner=\"o@example.com\" reason=\"goes\"";
    let main =
        format!("{mark}\nmodule \"data\" {{\n  source = \"./data\"\n}}\nresource \"aws_ebs_volume\" \"v\" {{\n}}\n");
    std::fs::write(folder.path().join("main.tf"), main).unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let inner = "resource \"aws_ebs_volume\" \"v\" {\n}\n";
    std::fs::write(folder.path().join("data/main.tf"), inner).unwrap();
    let volume = |name: &str| json!({"type": "aws_ebs_volume", "name": name, "after": {"size": 1}});
    let mut declared = *after(&json!([volume("v"), volume("w")])).declared.unwrap();
    let within = declared.resources.iter_mut().find(|one| *one.address == *"aws_ebs_volume.w").unwrap();
    within.address = "module.data.aws_ebs_volume.v".into();
    let excepted = lastgood::sources::terraform::locate(&mut declared, folder.path()).unwrap();
    let addresses: Vec<&str> = excepted.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(addresses, ["module.data.aws_ebs_volume.v"]);
    let places: Vec<_> = declared.resources.iter().map(|one| one.at.as_ref().map(|at| at.file.to_string())).collect();
    assert!(places.iter().any(|file| file.as_deref().is_some_and(|file| file.ends_with("data/main.tf"))), "{places:?}");
}
