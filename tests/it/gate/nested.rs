//! Nested stacks, which have the values that the stack around them gives to their parameters.

use super::several::{POLICY, folder, gate};

/// A stack with one nested stack, and a template that is nested in it.
fn root(parameters: &str) -> String {
    format!(
        "Parameters:\n  Stage: {{Type: String, AllowedValues: [prod, dev]}}\n  Secret: {{Type: String, NoEcho: true, Default: hush}}\n\
         Conditions:\n  Prod: !Equals [!Ref Stage, prod]\n\
         Resources:\n  Topic: {{Type: AWS::SNS::Topic}}\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      \
         TemplateURL: ./inner.yaml\n      Parameters: {parameters}\n"
    )
}

const INNER: &str = "Parameters:\n  On: {Type: String, Default: 'true'}\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    \
    Properties: {TableName: t, PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !Ref On}}\n";

/// The exit code and words of judging a root together with what is nested in it.
fn judged(root: &str, args: &[&str]) -> (i32, String) {
    let folder = folder(&[("root.yaml", root), ("inner.yaml", INNER), ("p.toml", POLICY)]);
    let (code, out, err) = gate(folder.path(), &[&["root.yaml", "inner.yaml", "--policies", "p.toml"], args].concat());
    (code, out + &err)
}

#[test]
fn the_values_of_the_stack_around_count_and_not_the_defaults() {
    assert_eq!(judged(&root("{On: true}"), &[]).0, 0);
    assert_eq!(judged(&root("{On: false}"), &[]).0, 3, "whatever the default is");
    assert_eq!(judged(&root("{}"), &[]).0, 0, "what it does not give has its default");
    let by_condition = root("{On: !If [Prod, true, false]}");
    assert_eq!(judged(&by_condition, &["--parameter", "Stage=prod"]).0, 0);
    assert_eq!(judged(&by_condition, &["--parameter", "Stage=dev"]).0, 3);
    assert_eq!(judged(&root("{On: !If [Prod, true, 'true']}"), &[]).0, 0, "it is the same in every world");
}

#[test]
fn what_the_stack_around_does_not_tell_is_no_pass() {
    let (code, out) = judged(&root("{On: !If [Prod, true, false]}"), &[]);
    assert!(
        code == 4 && out.contains("is the parameter `On`, which is what the stack `Inner` around it gives"),
        "{out}"
    );
    assert!(out.contains("the condition `Prod`") && out.contains("--parameter Stage=…"), "{out}");
    // A name of the stack around is not one of the template that happens to be written alike.
    let (code, out) = judged(&root("{On: !Ref Topic}"), &[]);
    assert!(code == 4 && out.contains("is known only when the stack is deployed"), "{out}");
    let (code, out) = judged(&root("{On: !Ref Secret}"), &[]);
    assert!(code == 4 && out.contains("`NoEcho`") && !out.contains("hush"), "{out}");
    // Neither is what the whole of the parameters hangs on.
    let (code, out) = judged(&root("!If [Prod, {On: true}, {On: false}]"), &[]);
    assert!(code == 4 && out.contains("the condition `Prod`"), "{out}");
    assert_eq!(judged(&root("!If [Prod, {On: true}, {}]"), &[]).0, 4, "`true` and the default are not known to be one");
}

#[test]
fn a_value_that_the_nested_template_does_not_take_is_refused() {
    let strict = INNER.replace("Default: 'true'", "AllowedValues: ['true']");
    let files = |root: &str| folder(&[("root.yaml", root), ("inner.yaml", &strict), ("p.toml", POLICY)]);
    let code = |root: &str| gate(files(root).path(), &["root.yaml", "inner.yaml", "--policies", "p.toml"]);
    assert_eq!(code(&root("{On: true}")).0, 0);
    let (code, _, err) = code(&root("{On: false}"));
    assert!(code == 1 && err.contains("`On`"), "{err}");
}

#[test]
fn two_stacks_of_one_template_must_agree() {
    let two = |first: &str, second: &str| {
        let inner = |id: &str, on: &str| {
            format!(
                "  {id}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: inner.yaml, Parameters: {{On: {on}}}}}}}\n"
            )
        };
        format!("Resources:\n{}{}", inner("A", first), inner("B", second))
    };
    assert_eq!(judged(&two("true", "true"), &[]).0, 0);
    let (code, out) = judged(&two("true", "false"), &[]);
    assert!(code == 4 && out.contains("is not the same in all the stacks that nest the template"), "{out}");
    assert_eq!(judged(&two("true", "!Ref AWS::StackName"), &[]).0, 4);
}

#[test]
fn a_stack_that_is_never_made_gives_nothing() {
    let root = "Conditions: {Never: !Equals [a, b]}\nResources:\n  \
        Off: {Type: AWS::CloudFormation::Stack, Condition: Never, Properties: {TemplateURL: inner.yaml, Parameters: {On: false}}}\n  \
        On: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml, Parameters: {On: true}}}\n";
    assert_eq!(judged(root, &[]).0, 0);
}

#[test]
fn values_go_through_several_stacks() {
    let middle = "Parameters:\n  Mode: {Type: String, Default: 'true'}\nResources:\n  \
        Inner: {Type: AWS::Serverless::Application, Properties: {Location: ../inner.yaml, Parameters: {On: !Ref Mode}}}\n";
    let outer = |mode: &str| {
        format!(
            "Parameters: {{Open: {{Type: String}}}}\nResources:\n  M: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: sub/middle.yaml, Parameters: {{Mode: {mode}}}}}}}\n"
        )
    };
    let judged = |mode: &str, args: &[&str]| {
        let folder = folder(&[("inner.yaml", INNER), ("p.toml", POLICY), ("root.yaml", &outer(mode))]);
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("sub/middle.yaml"), middle).unwrap();
        let inputs = ["./inner.yaml", "sub/middle.yaml", "root.yaml", "--policies", "p.toml"];
        gate(folder.path(), &[&inputs, args].concat())
    };
    assert_eq!(judged("true", &[]).0, 0);
    assert_eq!(judged("false", &[]).0, 3);
    let (code, out, _) = judged("!Ref Open", &[]);
    assert!(code == 4 && out.contains("--parameter Open=…"), "{out}");
    assert_eq!(judged("!Ref Open", &["--parameter", "Open=false"]).0, 3);
    assert_eq!(judged("!Ref AWS::Region", &["--parameter", "AWS::Region=true"]).0, 0);
}

#[test]
fn stacks_that_nest_each_other_end_and_tell_nothing() {
    let nests = |other: &str| {
        format!(
            "{INNER}  N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {other}, Parameters: {{On: !Ref On}}}}}}\n"
        )
    };
    for (first, second) in [("b.yaml", "a.yaml"), ("a.yaml", "a.yaml")] {
        let folder = folder(&[("a.yaml", &nests(first)), ("b.yaml", &nests(second)), ("p.toml", POLICY)]);
        let (code, out, _) = gate(folder.path(), &["a.yaml", "b.yaml", "--policies", "p.toml"]);
        assert!(code == 4 && out.contains("nested in itself"), "{out}");
    }
}
