//! What is a template, in which forms and encodings, and what is none.

use lastgood::model::fact::Fact::Known;
use lastgood::sources::iac::Problem;

use super::{database, declared, fixture, problem, read, resource, template};

const YAML: &str =
    "Resources:\n  It:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      BackupRetentionPeriod: 35\n";

#[test]
fn every_encoding_is_read() {
    let units: Vec<u16> = YAML.encode_utf16().collect();
    let le: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let be: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let inputs = [
        YAML.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", YAML.as_bytes()].concat(),
        [b"\xff\xfe", le.as_slice()].concat(),
        [b"\xfe\xff", be.as_slice()].concat(),
        YAML.replace('\n', "\r\n").into_bytes(),
    ];
    for input in inputs {
        let reading = read(&input, &[]).unwrap();
        assert_eq!(database(resource(&reading.after, "It")).backup_retention_days, Known(35));
    }
}

#[test]
fn json_and_yaml_say_the_same() {
    let json = r#"{"Resources": {"It": {"Type": "AWS::RDS::DBInstance", "Properties": {"BackupRetentionPeriod": {"Ref": "P"}}}}, "Parameters": {"P": {"Type": "Number", "Default": 35}}}"#;
    let yaml = "Parameters: {P: {Type: Number, Default: 35}}\nResources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {BackupRetentionPeriod: !Ref P}}}\n";
    let (mut one, mut other) = (template(json), template(yaml));
    for inventory in [&mut one, &mut other] {
        inventory.declared.as_mut().unwrap().resources.iter_mut().for_each(|resource| resource.at = None);
    }
    assert_eq!(one, other);
}

#[test]
fn resources_have_their_lines() {
    let line = |text: &str, id: &str| {
        let inventory = template(text);
        let found = declared(&inventory).resources.iter().find(|resource| resource.address == *id).unwrap().at.clone();
        found.unwrap().line
    };
    let text = fixture("gold-plan.yaml");
    for id in ["Vault", "ByName", "Forgotten"] {
        let expected = text.lines().position(|line| line == format!("  {id}:")).unwrap() + 1;
        let found = usize::try_from(line(&text, id)).unwrap();
        assert!(found == expected || found == expected + 1, "{id}: {found} for {expected}");
    }
    let json = fixture("orders/assembly/OrdersStack.template.json");
    let expected = json.lines().position(|line| line.contains("\"PlanE5F6A7B8\": {")).unwrap() + 1;
    assert_eq!(usize::try_from(line(&json, "PlanE5F6A7B8")).unwrap(), expected);
}

#[test]
fn anchors_and_merges_stand_for_what_they_name() {
    let text = "\
Resources:
  A: &db
    Type: AWS::RDS::DBInstance
    Properties: &properties
      BackupRetentionPeriod: 35
      StorageEncrypted: true
  B: *db
  C:
    Type: AWS::RDS::DBInstance
    Properties:
      <<: *properties
      BackupRetentionPeriod: 7
";
    let inventory = template(text);
    let of = |id: &str| {
        let database = database(resource(&inventory, id)).clone();
        (database.backup_retention_days, database.encrypted)
    };
    assert_eq!(of("B"), (Known(35), Known(true)));
    assert_eq!(of("C"), (Known(7), Known(true)));
}

#[test]
fn a_key_that_stands_twice_is_refused_with_its_line() {
    let yaml = YAML.to_owned() + "      BackupRetentionPeriod: 1\n";
    let json = "{\n \"Resources\": {\n  \"It\": {\n   \"Type\": \"AWS::S3::Bucket\",\n   \"Type\": \"AWS::S3::Bucket\"\n  }\n }\n}";
    for (text, key, line) in [(yaml.as_str(), "BackupRetentionPeriod", 6), (json, "Type", 5)] {
        let message = problem(text.as_bytes()).to_string();
        assert!(message.contains(&format!("`{key}`")) && message.contains(&format!("line {line}")), "{message}");
    }
}

#[test]
fn what_is_empty_or_cut_off_is_named() {
    assert_eq!(problem(b""), Problem::Empty);
    assert_eq!(problem(b" \n\n"), Problem::Empty);
    assert_eq!(problem(b"# a comment\n"), Problem::Empty);
    let json = fixture("orders/assembly/OrdersStack.template.json");
    for end in [json.len() / 3, json.len() / 2, json.len() - 2] {
        assert!(matches!(problem(&json.as_bytes()[..end]), Problem::CutOff { .. }), "{end}");
    }
    // YAML that is cut off is often YAML still; what is missing shows.
    for text in [
        "Resources:\n  It:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      BackupRetentionPeriod:",
        "Resources:\n  It:\n",
        "Resources:\n",
        "Resources:\n  It: {Type: 'AWS::S3::Bucket', Properties: {BucketName: x",
        "Parameters:\n  P: {Type: String}\n",
        "Resources:\n  It:\n    Type: \"AWS::S3",
    ] {
        let message = problem(text.as_bytes()).to_string();
        assert!(!message.contains("valid JSON"), "{text}: {message}");
    }
}

#[test]
fn a_cut_between_two_resources_shows_by_what_is_missing() {
    // It is YAML still; the selection, which stands before them, names what is gone.
    let text = fixture("gold-plan.yaml");
    let cut = |at: &str| text[..text.find(at).unwrap()].to_owned();
    for at in ["  Files:\n", "  Data:\n"] {
        let message = problem(cut(at).as_bytes()).to_string();
        assert!(message.contains("`ByName` refers to") && message.contains("cut off"), "{message}");
    }
    assert!(read(cut("  Tagged:\n").as_bytes(), &[]).is_ok(), "nothing shows that more stood there");
}

#[test]
fn other_files_are_called_by_their_names() {
    let others: &[(&str, &str)] = &[
        (
            r#"{"format_version": "1.2", "terraform_version": "1.9.8", "planned_values": {}, "resource_changes": []}"#,
            "Terraform",
        ),
        (r#"{"ChangeSetName": "c", "StackId": "s", "Changes": [{"Type": "Resource"}]}"#, "change set"),
        (r#"{"version": "48.0.0", "artifacts": {}}"#, "CDK"),
        (r#"{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}"#, "policy"),
        ("[{\"ParameterKey\": \"A\", \"ParameterValue\": \"b\"}]", "template"),
        ("apiVersion: v1\nkind: ConfigMap\n", "template"),
        ("just a text\n", ""),
        ("- a\n- b\n", ""),
        ("{}", ""),
        ("Resources: []\n", ""),
        ("Resources: {}\n", ""),
        ("Resources: {A: 1}\n", ""),
        ("Resources: {A: {Properties: {}}}\n", ""),
    ];
    for (text, words) in others {
        let problem = problem(text.as_bytes());
        assert!(problem.to_string().contains(words), "{text}: {problem}");
        assert!(!problem.help().is_empty());
    }
}

#[test]
fn several_documents_are_refused() {
    assert!(matches!(problem(format!("{YAML}---\n{YAML}").as_bytes()), Problem::Form(_) | Problem::NotYaml(_)));
}

#[test]
fn a_tag_that_is_no_function_is_not_guessed() {
    let text = YAML.replace("35", "!Reff P");
    match read(text.as_bytes(), &[]) {
        Err(_) => {}
        Ok(reading) => assert_ne!(database(resource(&reading.after, "It")).backup_retention_days, Known(1)),
    }
}
