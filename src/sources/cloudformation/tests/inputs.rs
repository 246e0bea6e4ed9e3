//! Forms of inputs, and what is no template.

use super::*;
use crate::model::declared::CodeAt;
use crate::sources::cloudformation::is_for_cloudformation;

#[test]
fn each_encoding_and_form_gives_the_same() {
    let yaml = "Resources:\n  X:\n    Type: AWS::S3::Bucket\n";
    let json = "{\"Resources\": {\n\"X\":\n{\"Type\": \"AWS::S3::Bucket\"}}}";
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(yaml.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let wrapped = serde_json::json!({ "TemplateBody": yaml, "StagesAvailable": [] }).to_string();
    let read = |bytes: &[u8]| try_read(bytes, &[]).unwrap().after;
    let first = read(yaml.as_bytes());
    assert_eq!(first.declared.as_ref().unwrap().resources[0].at, Some(CodeAt { file: "stack.yaml".into(), line: 2 }));
    for bytes in [json.as_bytes(), &utf16, wrapped.as_bytes(), &[b"\xef\xbb\xbf", yaml.as_bytes()].concat()] {
        assert_eq!(read(bytes), first);
        assert!(is_for_cloudformation(bytes, "-"));
    }
}

#[test]
fn each_wrong_input_has_its_own_words() {
    assert_eq!(problem(""), Problem::Empty);
    assert_eq!(problem(" # nothing\n"), Problem::Empty);
    for (text, says) in [
        (r#"{"Resources": {"X": {"Type""#, "is cut off"),
        (r#"{"resource_changes": []}"#, "is a plan of Terraform"),
        (r#"{"StackName": "s", "Changes": []}"#, "is a change set"),
        (r#"{"version": "54.0.0", "artifacts": {}}"#, "is the manifest of a cloud assembly of the CDK"),
        (r#"{"Statement": []}"#, "is a policy"),
        ("apiVersion: v1\nkind: Pod\n", "is a manifest of Kubernetes"),
        ("Parameters: {A: {Type: String}}\n", "is a file of parameters"),
        ("Resources: []\n", "whose `Resources` is no map"),
        ("AWSTemplateFormatVersion: '2010-09-09'\n", "is a document without `Resources`"),
        ("- a\n", "is neither a map of YAML nor an object of JSON"),
        ("Resources:\n  X: {Properties: {}}\n", "the resource `X` has no `Type` (line 2)"),
        ("Resources:\n  X: {Type: A}\n  X: {Type: B}\n", "has the key `X` twice in one map (line 3)"),
        ("Resources:\n  X: {Type: [\n", "is not valid YAML"),
    ] {
        let found = problem(text).to_string();
        assert!(found.contains(says), "{text}: {found}");
    }
}

#[test]
fn plans_are_for_the_reader_of_plans() {
    for (text, name, ours) in [
        (r#"{"format_version": "1.2", "resource_changes": []}"#, "p.json", false),
        (r#"{"version": 4, "lineage": "x"}"#, "terraform.tfstate", false),
        (r#"{"@level": "info"}"#, "p.json", false),
        ("# a\nresource \"aws_s3_bucket\" \"b\" {}\n", "main.tf", false),
        ("PK\u{3}\u{4}", "plan.out", false),
        ("", "p.json", false),
        ("", "t.yaml", true),
        ("# a\nResources:\n", "-", true),
        (r#"{"Statement": []}"#, "p.json", true),
        (r#"{"Resources": {"X""#, "p.json", true),
    ] {
        assert_eq!(is_for_cloudformation(text.as_bytes(), name), ours, "{text}");
    }
}

#[test]
fn what_is_not_read_makes_the_reading_incomplete() {
    let text = "Transform: [AWS::Serverless-2016-10-31, Own::Macro]\n\
                Resources:\n  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://x}}\n  \
                M: {Type: My::Own::Thing::MODULE}\n  A: {Type: AWS::Serverless::Application}\n  \
                'Fn::ForEach::Loop': [A, !Ref Names, {}]\n";
    let gaps: Vec<String> = of(text).after.gaps.iter().map(|gap| gap.resource.clone().unwrap().to_string()).collect();
    assert_eq!(gaps, ["A", "M", "N", "Fn::ForEach::Loop", "Own::Macro"]);
}

#[test]
fn loops_are_spelt_out() {
    let text = "Transform: AWS::LanguageExtensions\n\
                Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b'}}\n\
                Resources:\n  'Fn::ForEach::Buckets':\n    - Name\n    - !Ref Names\n    - 'Bucket${Name}':\n        \
                Type: AWS::S3::Bucket\n        Properties: {BucketName: !Sub 'x-${Name}', Tags: [{Key: of, Value: !Ref Name}]}\n";
    let reading = of(text);
    assert_eq!(resource(&reading, "Bucketa").arn, "arn:aws:s3:::x-a");
    assert_eq!(resource(&reading, "Bucketb").tag("of"), Some("b"));
    let nested = "Resources:\n  'Fn::ForEach::O':\n    - A\n    - [x, y]\n    - 'Fn::ForEach::I${A}':\n        - B\n        \
                  - [1, 2]\n        - 'T${A}${B}': {Type: AWS::S3::Bucket}\n";
    assert_eq!(of(nested).after.resources.len(), 4);
    let open = "Parameters: {Names: {Type: CommaDelimitedList}}\nResources:\n  'Fn::ForEach::L': [A, !Ref Names, {'B${A}': {Type: T}}]\n";
    let gap = of(open).after.gaps[0].message.clone().unwrap();
    assert!(gap.contains("the parameter `Names`, which has no value here"), "{gap}");
}

#[test]
fn what_the_serverless_transform_makes_is_there() {
    let text = "Transform: AWS::Serverless-2016-10-31\n\
                Globals: {SimpleTable: {SSESpecification: {SSEEnabled: true}}}\n\
                Resources:\n  T:\n    Type: AWS::Serverless::SimpleTable\n    Properties:\n      TableName: orders\n      \
                PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: 'true'}\n      Tags: {Backup: daily}\n  \
                F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        Failed:\n          \
                Type: EventBridgeRule\n          Properties: {Pattern: {source: [aws.backup]}}\n";
    let reading = of(text);
    let table = resource(&reading, "T");
    assert_eq!(table.arn, "arn:aws:dynamodb:(region):(account):table/orders");
    assert_eq!(table.table().unwrap().pitr_days, Fact::Known(35));
    assert_eq!(table.table().unwrap().kms_key, Fact::Known("alias/aws/dynamodb".into()));
    assert_eq!(table.tag("Backup"), Some("daily"));
    let [rule] = reading.after.event_rules.as_slice() else { panic!("{:?}", reading.after.event_rules) };
    assert_eq!(rule.targets, Fact::Known(vec!["(F.Arn)".into()]));
    let declared = reading.after.declared.as_deref().unwrap();
    assert!(declared.resources.iter().any(|r| r.declared_type == "AWS::Serverless::SimpleTable"));
}

#[test]
fn a_value_counts_once_however_deep_it_stands() {
    let nested = |values: usize| {
        let (open, close) = ("[".repeat(60), "]".repeat(60));
        format!(
            "Resources: {{X: {{Type: AWS::S3::Bucket, Properties: {{Tags: {open}{}{close}}}}}}}\n",
            "1, ".repeat(values)
        )
    };
    assert!(try_read(nested(20_000).as_bytes(), &[]).is_ok());
    let anchored = nested(400_000).replace("[[[", "[&a [&b [&c ");
    assert!(problem(&anchored).to_string().contains("holds more than"), "what anchors keep counts too");
}
