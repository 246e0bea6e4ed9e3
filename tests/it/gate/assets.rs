//! Nested stacks as the CDK stages them: their addresses are those of a bucket, their files lie in the assembly.

use super::several::{POLICY, folder, gate};

/// A template as `cdk synth` writes it, with a nested stack.
fn root(metadata: &str, key: &str) -> String {
    format!(
        r#"{{"Resources": {{"Inner": {{"Type": "AWS::CloudFormation::Stack", "Properties": {{
            "Parameters": {{"On": "false"}},
            "TemplateURL": {{"Fn::Join": ["", ["https://s3.", {{"Ref": "AWS::Region"}}, ".", {{"Ref": "AWS::URLSuffix"}},
                "/", {{"Fn::Sub": "cdk-hnb659fds-assets-${{AWS::AccountId}}-${{AWS::Region}}"}}, "/{key}"]]}}}},
            "Metadata": {metadata}}}}}}}"#
    )
}

const INNER: &str = r#"{"Parameters": {"On": {"Type": "String", "Default": "true"}}, "Resources": {"T": {"Type": "AWS::DynamoDB::Table",
    "Properties": {"TableName": "t", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": {"Ref": "On"}}}}}}"#;

const MANIFEST: &str = r#"{"version": "48.0.0", "artifacts": {"Root.assets": {"type": "cdk:asset-manifest",
    "properties": {"file": "Root.assets.json"}}}}"#;

const ASSETS: &str = r#"{"version": "48.0.0", "files": {"abc": {"source": {"path": "Inner.nested.template.json", "packaging": "file"},
    "destinations": {"here": {"bucketName": "b", "objectKey": "some/abc.json"}}}}}"#;

fn judged(root: &str, more: &[(&str, &str)], inputs: &[&str]) -> (i32, String) {
    let own = [("Root.template.json", root), ("Inner.nested.template.json", INNER), ("p.toml", POLICY)];
    let folder = folder(&[&own[..], more].concat());
    let (code, out, err) = gate(folder.path(), &[inputs, &["--policies", "p.toml"]].concat());
    (code, out + &err)
}

const BOTH: &[&str] = &["Root.template.json", "Inner.nested.template.json"];
const METADATA: &str = r#"{"aws:asset:path": "Inner.nested.template.json", "aws:asset:property": "TemplateURL"}"#;

#[test]
fn metadata_names_the_file_of_a_nested_stack() {
    let root = root(METADATA, "abc.json");
    assert_eq!(judged(&root, &[], BOTH).0, 3, "what the stack around gives counts, and not the default");
    assert_eq!(judged(&root.replace(r#""On": "false""#, r#""On": "true""#), &[], BOTH).0, 0);
    let (code, out) = judged(&root, &[], &["Root.template.json"]);
    assert!(code == 4 && out.contains("give its template `Inner.nested.template.json` as an input"), "{out}");
}

#[test]
fn the_manifest_of_the_assets_names_it_too() {
    let (root, files) = (root("{}", "abc.json"), [("manifest.json", MANIFEST), ("Root.assets.json", ASSETS)]);
    assert_eq!(judged(&root, &files, BOTH).0, 3);
    let joined = root.replace(r#""/abc.json"]]}"#, r#""/"]]}"#);
    for (root, files) in [
        (&joined, &files[..]),
        (&root.replace("abc.json", "other.json"), &files[..]),
        (&root, &files[..1]),
        (&root, &files[1..]),
    ] {
        let (code, out) = judged(root, files, BOTH);
        assert!(code == 4 && out.contains("the nested stack lies elsewhere"), "{code} {out}");
    }
}

#[test]
fn an_asset_that_is_not_there_lies_elsewhere() {
    for metadata in [
        r#"{"aws:asset:path": "Gone.nested.template.json", "aws:asset:property": "TemplateURL"}"#,
        r#"{"aws:asset:path": "Inner.nested.template.json", "aws:asset:property": "Code"}"#,
        r#"{"aws:asset:path": ["Inner.nested.template.json"], "aws:asset:property": "TemplateURL"}"#,
    ] {
        let (code, out) = judged(&root(metadata, "abc.json"), &[], BOTH);
        assert!(code == 4 && out.contains("the nested stack lies elsewhere"), "{code} {out}");
    }
}
