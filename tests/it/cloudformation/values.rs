//! What expressions come to: parameters and their bounds, mappings, conditions, functions, and what cannot be told.

use lastgood::model::fact::Fact::{self, Known, Unread};
use lastgood::model::outcome::Outcome::{Pass, Unknown};
use lastgood::model::resource::Versioning;

use super::{
    bucket, database, declared, expect, file_system, fixture, gate, read, resource, table, template, why, with,
};

/// The retention of a database whose template has these sections beside.
fn days(sections: &str, expression: &str, given: &[(&str, &str)]) -> Fact<u32> {
    let text = format!(
        "{sections}\nResources:\n  Other: {{Type: 'AWS::S3::Bucket'}}\n  It:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      BackupRetentionPeriod: {expression}\n"
    );
    database(resource(&with(&text, given), "It")).backup_retention_days.clone()
}

fn conditions(name: &str) -> (Fact<u32>, Option<String>) {
    let inventory = template(&fixture("conditions.yaml"));
    let known = database(resource(&inventory, name)).backup_retention_days.clone();
    let open = known.is_unread().then(|| why(&inventory, name, "backup_retention_days").why.to_string());
    (known, open)
}

#[test]
fn mappings_are_looked_up_by_what_is_known() {
    assert_eq!(conditions("ByMapOfKnown"), (Known(36), None));
    let (days, open) = conditions("ByMapOfOpen");
    assert_eq!(days, Unread);
    assert!(open.as_ref().is_some_and(|why| why.contains("`Stage`")), "{open:?}");
    let map = "Mappings: {M: {a: {b: 35}}}";
    assert_eq!(days_of(map, "!FindInMap [M, a, b]"), Known(35));
    assert_eq!(days_of(map, "!FindInMap [M, a, absent]"), Unread);
    assert_eq!(days_of(map, "!FindInMap [M, a, absent, {DefaultValue: 7}]"), Known(7));
}

fn days_of(sections: &str, expression: &str) -> Fact<u32> {
    days(sections, expression, &[])
}

#[test]
fn conditions_are_evaluated_where_they_are_known() {
    let sections = "\
Parameters: {A: {Type: String, Default: x}, B: {Type: String}}
Conditions:
  Yes: !Equals [!Ref A, x]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Condition No]
  Any: !Or [!Condition No, !Condition Yes]
  Open: !Equals [!Ref B, y]
  OpenAndNo: !And [!Condition Open, !Condition No]
  OpenOrYes: !Or [!Condition Open, !Condition Yes]";
    let of = |name: &str| days_of(sections, &format!("!If [{name}, 35, 1]"));
    assert_eq!((of("Yes"), of("No"), of("Both"), of("Any")), (Known(35), Known(1), Known(1), Known(35)));
    // One that is known decides, whatever the other is.
    assert_eq!((of("Open"), of("OpenAndNo"), of("OpenOrYes")), (Unread, Known(1), Known(35)));
}

#[test]
fn the_same_condition_has_one_answer_in_all_places() {
    assert_eq!(conditions("Tautology"), (Known(36), None));
    // Where it is made, its condition holds.
    assert_eq!(conditions("OnlyProd"), (Known(36), None));
    // Prod and not prod is never.
    let inventory = template(&fixture("conditions.yaml"));
    assert!(!inventory.resources.iter().any(|resource| resource.name.as_deref() == Some("Contradiction")));
    assert!(!declared(&inventory).resources.iter().any(|resource| resource.address == *"Contradiction"));
}

#[test]
fn the_condition_that_decides_is_named() {
    let (days, open) = conditions("ByStrange");
    assert_eq!(days, Unread);
    assert!(open.as_ref().is_some_and(|why| why.contains("`Strange`")), "{open:?}");
    let inventory = template(&fixture("conditions.yaml"));
    assert!(why(&inventory, "Carts", "pitr_days").why.contains("condition `IsProd`"));
    assert!(why(&inventory, "Files", "backup_policy").why.contains("condition `IsProd`"));
    assert_eq!(bucket(resource(&inventory, "Bucket")).versioning, Unread);
    assert_eq!(file_system(resource(&inventory, "Files")).encrypted, Known(true), "`Size` has a default");
}

#[test]
fn conditions_within_one_another_go_together() {
    // In prod 35 days by default; elsewhere what the inner condition says there, which is 35 too.
    assert_eq!(table(resource(&template(&fixture("conditions.yaml")), "Orders")).pitr_days, Known(35));
    let told = with(&fixture("conditions.yaml"), &[("Stage", "prod")]);
    assert_eq!(bucket(resource(&told, "Bucket")).versioning, Known(Versioning::Enabled));
    assert_eq!(database(resource(&told, "ByMapOfOpen")).backup_retention_days, Known(35));
}

#[test]
fn what_the_stack_will_look_up_is_open() {
    let (days, open) = conditions("Stored");
    assert_eq!(days, Unread);
    assert!(open.is_some_and(|why| why.contains("parameter store") || why.contains("Systems Manager")));
    let (days, open) = conditions("Dynamic");
    assert_eq!(days, Unread);
    assert!(open.is_some_and(|why| why.contains("dynamic reference")));
    let inventory = template(&fixture("conditions.yaml"));
    assert!(why(&inventory, "Dynamic", "encrypted").why.contains("another stack"));
    for open in
        ["!ImportValue x", "!GetAtt Other.Arn", "'{{resolve:secretsmanager:x}}'", "{'Fn::Transform': {Name: M}}"]
    {
        assert_eq!(days_of("", open), Unread, "{open}");
    }
}

#[test]
fn a_bound_is_enough_where_every_value_is() {
    let text = fixture("conditions.yaml");
    let gated = gate(&text, &[], None);
    expect(&gated, "AtLeast", "kept-35-days", Pass, "at least 40d");
    expect(&gated, "Between", "kept-35-days", Unknown, "`ShortRetention`");
    // 90 or 36: either is enough.
    expect(&gated, "ByBranch", "kept-35-days", Pass, "at least 36d");
    expect(&gated, "ByMapOfOpen", "kept-35-days", Unknown, "`Stage`");
    // At least one day is automated; at least none is not.
    expect(&gated, "ByMapOfOpen", "automated", Pass, "at least 3 days");
    expect(&gated, "Between", "automated", Unknown, "");
    // What a bound proves of the minimum it does not prove of the maximum.
    expect(&gated, "AtLeast", "encrypted", Pass, "encrypted");
    let told = gate(&text, &[("ShortRetention", "20")], None);
    expect(&told, "Between", "encrypted", Pass, "encrypted");
}

#[test]
fn texts_are_put_together() {
    let p = "Parameters: {N: {Type: String, Default: '5'}, L: {Type: CommaDelimitedList, Default: '1, 35 ,7'}}";
    assert_eq!(days_of(p, "!Sub '3${N}'"), Known(35));
    assert_eq!(days_of(p, "!Sub ['${a}${N}', {a: 3}]"), Known(35));
    assert_eq!(days_of(p, "!Join ['', ['3', !Ref N]]"), Known(35));
    assert_eq!(days_of(p, "!Select [1, !Ref L]"), Known(35));
    assert_eq!(days_of(p, "!Select ['1', !Split [',', '1,35,7']]"), Known(35));
    assert_eq!(days_of(p, "!Select [3, !Ref L]"), Unread, "it is not there");
    assert_eq!(days_of(p, "!Sub '${!N}'"), Unread, "it is a text");
    assert_eq!(days_of(p, "\"35\""), Known(35));
    assert_eq!(days_of(p, "35.5"), Unread);
    assert_eq!(days_of(p, "-1"), Unread);
    assert_eq!(days_of(p, "!Base64 '35'"), Unread);
}

#[test]
fn no_value_is_not_set() {
    assert_eq!(days_of("", "!Ref AWS::NoValue"), Known(1));
    let text = "Resources:\n  It: {Type: 'AWS::RDS::DBInstance', Properties: !Ref 'AWS::NoValue'}\n";
    // Properties as a whole may not be a function; nothing is then known of them that was not set.
    if let Ok(reading) = read(text.as_bytes(), &[]) {
        assert_ne!(database(resource(&reading.after, "It")).backup_retention_days, Known(35));
    }
}

#[test]
fn loops_are_spelt_out() {
    let text = "\
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b'}, Open: {Type: CommaDelimitedList}}
Resources:
  'Fn::ForEach::Tables':
    - Name
    - !Ref Names
    - 'Table${Name}':
        Type: AWS::DynamoDB::Table
        Properties:
          TableName: !Sub 'orders-${Name}'
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !If [X, true, true]}
Conditions: {X: !Equals [a, a]}
";
    let inventory = template(text);
    assert_eq!(table(resource(&inventory, "Tablea")).pitr_days, Known(35));
    assert!(resource(&inventory, "Tableb").arn.ends_with("table/orders-b"));
    assert!(inventory.gaps.is_empty(), "{:?}", inventory.gaps);
    // A loop over what is not known makes nobody knows what.
    let open = template(&text.replace("!Ref Names", "!Ref Open"));
    assert!(!open.gaps.is_empty());
}

#[test]
fn macros_and_nested_stacks_leave_a_gap() {
    let of = |text: &str| template(text).gaps.iter().map(|gap| gap.code.to_string()).collect::<Vec<_>>();
    let bucket = "Resources: {B: {Type: 'AWS::S3::Bucket'}}";
    assert!(of(bucket).is_empty());
    assert_eq!(of(&format!("Transform: [AWS::LanguageExtensions, CompanyMacro]\n{bucket}")).len(), 1);
    let nested = "Resources: {N: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://s3.amazonaws.com/b/t.yaml'}}}";
    let gaps = template(nested).gaps;
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].message.as_deref().is_some_and(|why| why.contains("nested stack")), "{gaps:?}");
}

#[test]
fn given_values_must_fit() {
    let text = fixture("conditions.yaml");
    for (given, words) in [
        (("Stage", "production"), "Stage"),
        (("Stages", "prod"), "Stages"),
        (("ShortRetention", "21"), "ShortRetention"),
        (("ShortRetention", "many"), "ShortRetention"),
        (("LongRetention", "7"), "LongRetention"),
    ] {
        let error = read(text.as_bytes(), &[given]).unwrap_err().to_string();
        assert!(error.contains(words), "{given:?}: {error}");
        assert!(!error.contains("production"), "the value may be a secret: {error}");
    }
}

#[test]
fn a_secret_enters_no_output() {
    let text = fixture("conditions.yaml");
    let secret = "not-for-any-output";
    let whole = serde_json::to_string(&template(&text)).unwrap();
    assert!(!whole.contains(secret));
    // Not even where a fact of ours is made of it.
    let text = text.replace(
        "Engine: aurora-postgresql\n      BackupRetentionPeriod: !Ref LongRetention",
        "DBClusterIdentifier: !Ref Secret\n      Tags: [{Key: password, Value: !Sub 'x-${Secret}'}]",
    );
    assert!(text.contains("x-${Secret}"));
    let whole = serde_json::to_string(&with(&text, &[("Secret", "told-by-hand")])).unwrap();
    assert!(!whole.contains(secret) && !whole.contains("told-by-hand"));
}

#[test]
fn a_reference_to_nothing_is_no_template() {
    let of = |bad: &str| {
        format!("Resources:\n  It: {{Type: 'AWS::RDS::DBInstance', Properties: {{BackupRetentionPeriod: {bad}}}}}\n")
    };
    for bad in [
        "!Ref Nothing",
        "!GetAtt Nothing.Arn",
        "!If [Nothing, 1, 2]",
        "!Sub '${Nothing}'",
        "!Sub ['${A}${Nothing.Arn}', {A: 1}]",
    ] {
        let error = read(of(bad).as_bytes(), &[]).unwrap_err().to_string();
        assert!(error.contains("`Nothing` (line 2)"), "{error}");
    }
    assert!(read(of("1").replace("Properties", "Condition: Nothing, Properties").as_bytes(), &[]).is_err());
    // What a transform makes may be referred to, though nobody wrote it; its value is open.
    let made = format!("Transform: AWS::Serverless-2016-10-31\n{}", of("!Ref ServerlessRestApi"));
    assert_eq!(database(resource(&template(&made), "It")).backup_retention_days, Unread);
}
