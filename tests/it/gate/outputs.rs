//! What nested stacks give back to the stack around them.

use super::several::{POLICY, folder, gate};

/// A stack with a table that recovers as an output of a nested stack says, which gets a value itself.
fn root(on: &str, given: &str) -> String {
    format!(
        "Parameters:\n  Stage: {{Type: String, AllowedValues: [prod, dev]}}\nConditions:\n  Prod: !Equals [!Ref Stage, prod]\n\
         Resources:\n  Inner: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: inner.yaml, Parameters: {{{given}}}}}}}\n  \
         T:\n    Type: AWS::DynamoDB::Table\n    \
         Properties: {{TableName: t, PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: {on}}}}}\n"
    )
}

const INNER: &str = "Parameters:\n  On: {Type: String, Default: 'true'}\n  Hush: {Type: String, NoEcho: true, Default: hidden}\n\
    Conditions:\n  Never: !Equals [a, b]\n  Always: !Equals [a, a]\n\
    Resources:\n  Topic: {Type: AWS::SNS::Topic}\n\
    Outputs:\n  On: {Value: !Ref On}\n  Topic: {Value: !Ref Topic}\n  Secret: {Value: !Ref Hush}\n  \
    Never: {Condition: Never, Value: 'true'}\n  Always: {Condition: Always, Value: !If [Always, 'true', 'false']}\n";

fn judged(root: &str, inner: &str, args: &[&str]) -> (i32, String) {
    let folder = folder(&[("root.yaml", root), ("inner.yaml", inner), ("p.toml", POLICY)]);
    let (code, out, err) =
        gate(folder.path(), &[&["root.yaml", "inner.yaml", "--policies", "p.toml", "--allow-empty"], args].concat());
    (code, out + &err)
}

#[test]
fn an_output_is_what_the_nested_template_makes_of_what_it_gets() {
    let code = |on: &str, given: &str| judged(&root(on, given), INNER, &[]).0;
    assert_eq!(code("!GetAtt Inner.Outputs.On", ""), 0, "the default of the nested template");
    assert_eq!(code("!GetAtt Inner.Outputs.On", "On: false"), 3);
    assert_eq!(code("!GetAtt [Inner, Outputs.On]", "On: false"), 3);
    assert_eq!(code("!Sub '${Inner.Outputs.On}'", "On: true"), 0);
    assert_eq!(code("!GetAtt Inner.Outputs.Always", ""), 0);
    let by_stage = root("!GetAtt Inner.Outputs.On", "On: !If [Prod, true, false]");
    assert_eq!(judged(&by_stage, INNER, &["--parameter", "Stage=prod"]).0, 0);
    assert_eq!(judged(&by_stage, INNER, &["--parameter", "Stage=dev"]).0, 3);
}

#[test]
fn an_output_that_cannot_be_told_is_no_pass_and_says_why() {
    for (on, given, words) in [
        (
            "!GetAtt Inner.Outputs.On",
            "On: !If [Prod, true, false]",
            "is the output `On` of the nested stack `Inner`, which",
        ),
        ("!GetAtt Inner.Outputs.Topic", "", "which is known only when the stack is deployed"),
        ("!GetAtt Inner.Outputs.Secret", "", "`NoEcho`"),
        ("!GetAtt Inner.Outputs.Never", "", "which is not there under its condition"),
        ("!GetAtt Inner.Outputs.Other", "", "which its template does not have"),
        ("!GetAtt Inner.Other", "", "is an attribute of the nested stack `Inner`"),
        ("!GetAtt Inner.Outputs.On", "On: !GetAtt Inner.Outputs.On", "which hangs on itself"),
    ] {
        let (code, out) = judged(&root(on, given), INNER, &[]);
        assert!(code == 4 && out.contains(words) && !out.contains("hidden)"), "{on}: {code} {out}");
    }
    let alone = folder(&[("root.yaml", &root("!GetAtt Inner.Outputs.On", "")), ("p.toml", POLICY)]);
    let (code, out, _) = gate(alone.path(), &["root.yaml", "--policies", "p.toml"]);
    assert!(code == 4 && out.contains("give its template as an input, too"), "{out}");
    // A nested template that refers to what is not there is refused, and tells nothing to the one around it.
    let cut = INNER.replace("{Type: AWS::SNS::Topic}", "{Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Gone}}");
    let (code, out) = judged(&root("!GetAtt Inner.Outputs.On", ""), &cut, &[]);
    assert!(code == 1 && out.contains("`Gone`") && out.contains("`Inner`, which cannot be read"), "{code} {out}");
}

#[test]
fn an_output_may_go_into_another_stack_and_through_several() {
    let middle = "Resources:\n  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml, Parameters: {On: false}}}\n\
        Outputs: {On: {Value: !GetAtt Inner.Outputs.On}}\n";
    let last = "Parameters: {On: {Type: String}}\nResources:\n  T: {Type: AWS::DynamoDB::Table, Properties: {TableName: t, \
        PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !Ref On}}}\n";
    let root = "Resources:\n  M: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: middle.yaml}}\n  \
        L: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: last.yaml, Parameters: {On: !GetAtt M.Outputs.On}}}\n";
    let code = |middle: &str| {
        let files = [("root.yaml", root), ("middle.yaml", middle), ("last.yaml", last), ("p.toml", POLICY)];
        let folder = folder(&[&files[..], &[("inner.yaml", INNER)]].concat());
        let inputs = ["root.yaml", "middle.yaml", "inner.yaml", "last.yaml", "--policies", "p.toml", "--allow-empty"];
        gate(folder.path(), &inputs)
    };
    assert_eq!(code(middle).0, 3);
    assert_eq!(code(&middle.replace("On: false", "On: true")).0, 0);
    let (code, out, _) = code(&middle.replace("On: false", "On: !Ref AWS::StackName"));
    assert!(code == 4 && out.contains("the nested stack `M`"), "{out}");
}

#[test]
fn outputs_of_stacks_within_themselves_end() {
    let own = "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}\n  \
        B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml}}\n  \
        T: {Type: AWS::DynamoDB::Table, Properties: {PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !GetAtt A.Outputs.O}}}\n\
        Outputs: {O: {Value: !Sub '${A.Outputs.O}${B.Outputs.O}'}}\n";
    let folder = folder(&[("a.yaml", own), ("b.yaml", own), ("p.toml", POLICY)]);
    let (code, out, _) = gate(folder.path(), &["a.yaml", "b.yaml", "--policies", "p.toml"]);
    assert!(code == 4 && out.contains("nested in itself"), "{out}");
    // Twice each, thirty deep: more than can be looked at.
    let text = |n: usize| {
        let stack = |id: &str| {
            format!("  {id}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: t{n}.yaml}}}}\n")
        };
        let table = |on: &str| {
            format!(
                "  T: {{Type: AWS::DynamoDB::Table, Properties: {{PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: {on}}}}}}}\n"
            )
        };
        match n {
            30 => format!("Resources:\n{}Outputs: {{O: {{Value: 'true'}}}}\n", table("true")),
            _ => format!(
                "Resources:\n{}{}{}Outputs: {{O: {{Value: !Join ['', [!GetAtt A.Outputs.O, !GetAtt B.Outputs.O]]}}}}\n",
                stack("A"),
                stack("B"),
                table("!GetAtt A.Outputs.O")
            ),
        }
    };
    let names: Vec<String> = (0..30).map(|n| format!("t{n}.yaml")).collect();
    let texts: Vec<String> = (1..=30).map(text).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("p.toml", POLICY));
    let folder = super::several::folder(&files);
    let inputs: Vec<&str> = names.iter().map(String::as_str).chain(["--policies", "p.toml"]).collect();
    let started = std::time::Instant::now();
    let (code, out, _) = gate(folder.path(), &inputs);
    assert!(code == 4 && out.contains("or too deeply"), "{code} {out}");
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
