//! Which resources the plans of a template cover: by tag, by reference in every form, and by what cannot be told.

use lastgood::model::coverage::{Selected, Selector};
use lastgood::model::inventory::Inventory;
use lastgood::model::outcome::Outcome::{Fail, Pass, Unknown};

use super::{expect, fixture, gate, resource, template};

/// How the first plan's selections take a resource in.
fn selected(inventory: &Inventory, name: &str) -> Vec<Selected> {
    let it = resource(inventory, name);
    let selections = inventory.plans[0].selections.known().unwrap();
    selections.iter().map(|selection| Selector::new(selection).selects(it, None)).collect()
}

fn is_taken(inventory: &Inventory, name: &str) -> bool {
    selected(inventory, name).iter().any(|selected| matches!(selected, Selected::Yes { .. }))
}

#[test]
fn references_in_every_form_name_the_resource() {
    let inventory = template(&fixture("gold-plan.yaml"));
    for name in ["Files", "Data"] {
        assert!(is_taken(&inventory, name), "{name}: {:?}", selected(&inventory, name));
    }
    assert!(!is_taken(&inventory, "Forgotten"));
    assert!(selected(&inventory, "Forgotten").iter().all(|selected| *selected == Selected::No));
}

#[test]
fn the_joined_arns_of_cdk_name_the_resource() {
    let inventory = template(&fixture("orders/assembly/OrdersStack.template.json"));
    // Without the manifest the place is not known, and the account in the text is none that is.
    assert!(!is_taken(&inventory, "Uploads9E8D7C6B"));
    let path = std::path::Path::new("fixtures/iac/cloudformation/orders/assembly/OrdersStack.template.json");
    let parameters = Default::default();
    let given = lastgood::sources::cloudformation::Given {
        as_of: super::now(),
        live: None,
        parameters: &parameters,
        stacks: &lastgood::sources::cloudformation::Stacks::default(),
    };
    let inventory = lastgood::sources::cloudformation::read(std::fs::read(path).unwrap(), path, &given).unwrap().after;
    for name in ["FilesF1A2B3C4", "Table0A1B2C3D"] {
        assert!(is_taken(&inventory, name), "{name}: {:?}", selected(&inventory, name));
        let it = resource(&inventory, name);
        assert_eq!((it.account.as_str(), it.region.as_str()), ("111122223333", "eu-west-2"));
    }
    let at = |name: &str| {
        let resources = &super::declared(&inventory).resources;
        let at = resources.iter().find(|resource| resource.address == *name).unwrap().at.clone().unwrap();
        (at.file.to_string(), at.line)
    };
    assert_eq!(at("FilesF1A2B3C4"), ("lib/orders-stack.ts".to_owned(), 18));
    assert_eq!(at("Table0A1B2C3D").0, path.display().to_string());
}

#[test]
fn tags_decide_by_their_values() {
    let gated = gate(&fixture("gold-plan.yaml"), &[], None);
    // By tag the type must be opted in, which the account says.
    expect(&gated, "Tagged", "automated", Unknown, "opted in");
    expect(&gated, "Files", "automated", Pass, "gold");
    expect(&gated, "Data", "automated", Pass, "gold");
    expect(&gated, "Forgotten", "automated", Fail, "covers the volume");
    expect(&gated, "Data", "kept-35-days", Pass, "365d");
    expect(&gated, "Data", "daily-backup", Pass, "");
}

/// A plan over one volume, with this selection and these sections beside.
fn over(sections: &str, selection: &str, tags: &str) -> String {
    format!(
        "{sections}
Resources:
  Data: {{Type: 'AWS::EC2::Volume', Properties: {{AvailabilityZone: a, Size: 1, Encrypted: true, Tags: {tags}}}}}
  Vault: {{Type: 'AWS::Backup::BackupVault', Properties: {{BackupVaultName: v}}}}
  Plan:
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: p
        BackupPlanRule: [{{RuleName: r, TargetBackupVault: !Ref Vault, ScheduleExpression: 'cron(0 3 ? * * *)', Lifecycle: {{DeleteAfterDays: 40}}}}]
  Selection:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupPlanId: !Ref Plan
      BackupSelection:
        SelectionName: s
        IamRoleArn: arn:aws:iam::111122223333:role/r
        {selection}
"
    )
}

const STAGE: &str = "Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}, Any: {Type: String}}\nConditions: {Prod: !Equals [!Ref Stage, prod]}";

#[test]
fn a_pattern_of_the_stack_takes_its_type_in() {
    let all = "Resources: [!Sub 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:volume/*']";
    assert!(is_taken(&template(&over("", all, "[]")), "Data"));
    let instances = "Resources: ['arn:aws:ec2:*:*:instance/*']";
    assert!(!is_taken(&template(&over("", instances, "[]")), "Data"));
    let but = "Resources: ['arn:aws:ec2:*:*:volume/*']\n        NotResources: [!Sub 'arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:volume/${Data}']";
    assert!(!is_taken(&template(&over("", but, "[]")), "Data"));
}

#[test]
fn a_selection_that_may_not_be_made_proves_nothing() {
    let text = over(STAGE, "Resources: ['arn:aws:ec2:*:*:volume/*']", "[]");
    expect(&gate(&text, &[], None), "Data", "automated", Pass, "plan p");
    let text = text.replace("  Selection:\n", "  Selection:\n    Condition: Prod\n");
    expect(&gate(&text, &[], None), "Data", "automated", Unknown, "`Prod`");
    expect(&gate(&text, &[("Stage", "prod")], None), "Data", "automated", Pass, "plan p");
    expect(&gate(&text, &[("Stage", "dev")], None), "Data", "automated", Fail, "covers the volume");
}

#[test]
fn a_plan_that_may_not_be_made_proves_nothing() {
    let text = over(STAGE, "Resources: ['arn:aws:ec2:*:*:volume/*']", "[]");
    let text = text
        .replace("  Plan:\n", "  Plan:\n    Condition: Prod\n")
        .replace("  Selection:\n", "  Selection:\n    Condition: Prod\n");
    expect(&gate(&text, &[], None), "Data", "automated", Unknown, "`Prod`");
    expect(&gate(&text, &[("Stage", "dev")], None), "Data", "automated", Unknown, "no backup plan");
    expect(&gate(&text, &[("Stage", "prod")], None), "Data", "automated", Pass, "plan p");
}

#[test]
fn an_element_that_is_open_leaves_the_selection_open() {
    let text = over(STAGE, "Resources: [!Ref Any]", "[]");
    expect(&gate(&text, &[], None), "Data", "automated", Unknown, "`Any`");
    let text =
        over(STAGE, "Resources: [!If [Prod, 'arn:aws:ec2:*:*:volume/*', !Ref 'AWS::NoValue'], 'arn:aws:s3:::x']", "[]");
    expect(&gate(&text, &[], None), "Data", "automated", Unknown, "`Prod`");
    expect(&gate(&text, &[("Stage", "prod")], None), "Data", "automated", Pass, "plan p");
}

#[test]
fn a_tag_that_is_open_leaves_the_coverage_open() {
    let by_tag = "ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: backup, ConditionValue: gold}]";
    let text = over(STAGE, by_tag, "[{Key: backup, Value: !Ref Any}]");
    let open = |text: &str, words: &str| {
        let inventory = template(text);
        assert!(resource(&inventory, "Data").tags.is_unread());
        assert!(super::why(&inventory, "Data", "tags").why.contains(words));
        expect(&gate(text, &[], None), "Data", "automated", Unknown, "");
    };
    open(&text, "`Any`");
    open(&over(STAGE, by_tag, "[{Key: backup, Value: !If [Prod, gold, none]}]"), "`Prod`");
}

#[test]
fn a_rule_that_is_open_promises_nothing() {
    let text = over(STAGE, "Resources: ['arn:aws:ec2:*:*:volume/*']", "[]");
    let open = text.replace("DeleteAfterDays: 40", "DeleteAfterDays: !Ref Any");
    expect(&gate(&open, &[], None), "Data", "kept-35-days", Unknown, "`Any`");
    let open = text.replace("'cron(0 3 ? * * *)'", "!Ref Any");
    expect(&gate(&open, &[], None), "Data", "daily-backup", Unknown, "`Any`");
    expect(&gate(&text, &[], None), "Data", "daily-backup", Pass, "");
}

#[test]
fn a_selection_of_a_plan_elsewhere_may_cover_anything() {
    let text = over("", "Resources: ['arn:aws:ec2:*:*:volume/*']", "[]")
        .replace("BackupPlanId: !Ref Plan", "BackupPlanId: !ImportValue plan");
    let gated = gate(&text, &[], None);
    expect(&gated, "Data", "automated", Unknown, "plan");
    let inventory = template(&text);
    assert!(inventory.plans.iter().any(|plan| plan.selections.is_unread()));
}

#[test]
fn what_is_under_the_condition_of_its_selection_is_covered_where_it_is() {
    let text = |table: &str| {
        format!(
            "Parameters:\n  Stage: {{Type: String, AllowedValues: [dev, prod]}}\nConditions:\n  Prod: !Equals [!Ref Stage, prod]\n  \
             Both: !And [!Condition Prod, !Equals [!Ref Stage, prod]]\nResources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n{table}    \
             Properties: {{TableName: orders}}\n  Plan:\n    Type: AWS::Backup::BackupPlan\n    Condition: Prod\n    Properties:\n      \
             BackupPlan:\n        BackupPlanName: p\n        BackupPlanRule: [{{RuleName: r, TargetBackupVault: v}}]\n  Selection:\n    \
             Type: AWS::Backup::BackupSelection\n    Condition: Prod\n    Properties:\n      BackupPlanId: !Ref Plan\n      \
             BackupSelection: {{SelectionName: s, IamRoleArn: r, Resources: [!GetAtt Orders.Arn]}}\n"
        )
    };
    let known = |table: &str| super::template(&text(table)).plans.iter().all(|plan| plan.selections.known().is_some());
    assert!(known("    Condition: Prod\n"));
    assert!(known("    Condition: Both\n"), "one condition implies the other");
    assert!(!known(""), "it may be there without them");
}

#[test]
fn replicas_and_open_block_devices_are_not_passed_over() {
    let global = "Resources:\n  T:\n    Type: AWS::DynamoDB::GlobalTable\n    Properties:\n      TableName: t\n      Replicas:\n        \
                  - {Region: eu-west-2}\n        - {Region: eu-central-1}\n";
    let inventory = super::with(global, &[("AWS::Region", "eu-west-2")]);
    let declared = inventory.declared.unwrap();
    let addresses: Vec<&str> = declared.resources.iter().map(|block| block.address.as_str()).collect();
    assert_eq!(addresses, ["T", "T.eu-central-1"]);
    let devices = "Parameters:\n  Snapshot: {Type: String}\nConditions:\n  Has: !Not [!Equals [!Ref Snapshot, '']]\nResources:\n  I:\n    \
                   Type: AWS::EC2::Instance\n    Properties:\n      BlockDeviceMappings: !If [Has, [{DeviceName: a, Ebs: {SnapshotId: !Ref Snapshot}}], !Ref AWS::NoValue]\n";
    let inventory = super::template(devices);
    let said = inventory.gaps.iter().filter_map(|gap| gap.message.as_deref()).collect::<Vec<_>>().join("\n");
    assert!(said.contains("so not all its volumes are judged"), "{said}");
}
