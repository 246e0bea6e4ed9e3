//! Templates that mean no good, or only are large: never a panic, and an end within a second or two.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{fixture, read};

/// Read it, whatever comes of it, within the time.
fn in_time(what: &str, text: &str) {
    let start = Instant::now();
    let _ = read(text.as_bytes(), &[]);
    let took = start.elapsed();
    // What is exponential takes for ever; this is a hundred times what an optimised build takes, for builds without
    // optimisation on busy machines.
    assert!(took < Duration::from_secs(100), "{what} took {took:?}");
}

#[test]
fn deep_nesting_ends() {
    for depth in [50, 200, 5_000, 200_000] {
        in_time("lists", &format!("Resources: {}{}", "[".repeat(depth), "]".repeat(depth)));
        in_time("maps", &format!("Resources: {}1{}", "{a: ".repeat(depth), "}".repeat(depth)));
        in_time("json", &format!("{{\"Resources\": {}1{}}}", "{\"a\": ".repeat(depth), "}".repeat(depth)));
        in_time("unclosed", &"{\"Resources\":".repeat(depth));
        in_time("tags", &format!("Resources: {}x", "!Not [".repeat(depth)));
    }
    let block: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    in_time("block", &format!("Resources:\n{block}"));
}

#[test]
fn anchor_bombs_end() {
    let mut text = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let names = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("b{level}: &a{level} [{names}]\n"));
    }
    in_time("lists", &format!("{text}Resources: {{It: {{Type: 'AWS::S3::Bucket', Properties: {{Tags: *a29}}}}}}\n"));
    let mut text = "a: &a0 {k0: v}\n".to_owned();
    for level in 1..30 {
        text.push_str(&format!("b{level}: &a{level} {{l: *a{0}, r: *a{0}}}\n", level - 1));
    }
    in_time("maps", &format!("{text}Resources: {{It: {{Type: 'AWS::S3::Bucket', Properties: *a29}}}}\n"));
    in_time("itself", "Resources: &a {It: *a}\n");
    // Anchors within one another are all kept.
    let opened: String = (0..90).map(|n| format!("&a{n} [")).collect();
    in_time("nested", &format!("a: {opened}{}{}\n", "1, ".repeat(300_000), "]".repeat(90)));
}

#[test]
fn functions_that_multiply_end() {
    let mut sub = "x".to_owned();
    for _ in 0..40 {
        sub = format!("{{'Fn::Sub': ['${{a}}${{a}}', {{a: {sub}}}]}}");
    }
    in_time("sub", &format!("Resources: {{It: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: {sub}}}}}}}\n"));
    let mut join = "x".to_owned();
    for _ in 0..40 {
        join = format!("{{'Fn::Join': ['', {join}]}}");
    }
    in_time("join", &format!("Resources: {{It: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: {join}}}}}}}\n"));
}

#[test]
fn conditions_that_multiply_end() {
    let mut text = "Parameters: {P: {Type: String}}\nConditions:\n  C0: !Equals [!Ref P, x]\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("  C{n}: !And [!Condition C{0}, !Condition C{0}]\n", n - 1));
    }
    text.push_str("  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n");
    text.push_str("Resources:\n  It: {Type: 'AWS::RDS::DBInstance', Condition: C59, Properties: {BackupRetentionPeriod: !If [A, 1, !If [C59, 2, 3]]}}\n");
    in_time("conditions of conditions", &text);
    // Many open conditions of one fact.
    let mut text = "Parameters:\n".to_owned();
    (0..30).for_each(|n| text.push_str(&format!("  P{n}: {{Type: String}}\n")));
    text.push_str("Conditions:\n");
    (0..30).for_each(|n| text.push_str(&format!("  C{n}: !Equals [!Ref P{n}, x]\n")));
    let nested = (0..30).fold("35".to_owned(), |inner, n| format!("!If [C{n}, {n}, {inner}]"));
    text.push_str("Resources:\n");
    (0..100).for_each(|n| {
        text.push_str(&format!(
            "  R{n}: {{Type: 'AWS::RDS::DBInstance', Properties: {{BackupRetentionPeriod: {nested}}}}}\n"
        ))
    });
    in_time("many conditions", &text);
}

#[test]
fn mappings_and_names_that_go_in_circles_end() {
    in_time(
        "mapping",
        "Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\nResources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {BackupRetentionPeriod: !FindInMap [M, a, b]}}}\n",
    );
    in_time(
        "doubling mapping",
        "Mappings: {M: {a: {b: !Join ['', [!FindInMap [M, a, b], !FindInMap [M, a, b]]]}}}\nResources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {BackupRetentionPeriod: !FindInMap [M, a, b]}}}\n",
    );
    in_time(
        "names",
        "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref B}}, B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub '${A}${A}'}}}\n",
    );
}

#[test]
fn loops_that_multiply_end() {
    let names = (0..100).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let mut body = "{'T${A}${B}${C}${D}': {Type: 'AWS::S3::Bucket'}}".to_owned();
    for name in ["D", "C", "B", "A"] {
        body = format!("{{'Fn::ForEach::{name}': [{name}, [{names}], {body}]}}");
    }
    in_time("loops", &format!("Transform: AWS::LanguageExtensions\nResources: {body}\n"));
}

#[test]
fn a_megabyte_is_read() {
    let mut text = "Resources:\n".to_owned();
    let mut n = 0;
    while text.len() < 1_000_000 {
        text.push_str(&format!("  B{n}:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: bucket-{n}\n      VersioningConfiguration: {{Status: Enabled}}\n      Tags: [{{Key: n, Value: '{n}'}}]\n"));
        n += 1;
    }
    in_time("many buckets", &text);
    in_time(
        "many keys",
        &format!(
            "Resources: {{It: {{Type: 'AWS::S3::Bucket', Properties: {{{}}}}}}}\n",
            (0..50_000).map(|n| format!("k{n}: 1")).collect::<Vec<_>>().join(", ")
        ),
    );
    in_time(
        "one text",
        &format!("Description: {}\nResources: {{It: {{Type: 'AWS::S3::Bucket'}}}}\n", "x ".repeat(500_000)),
    );
    in_time("quotes", &format!("a: {}\n", "\"".repeat(100_000)));
    in_time("question marks", &"? ".repeat(50_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Damage of any sort to a real template, and never a panic.
    #[test]
    fn damaged_templates_end(
        which in 0_usize..3,
        at in 0.0_f64..1.0,
        length in 0_usize..40,
        with in prop::sample::select(vec!["", "\0", "{", "]", "!Ref ", "\n", ": ", "&a ", "*a", "\u{feff}", "!If [", "- ", "\"", "'"]),
    ) {
        let names = ["gold-plan.yaml", "conditions.yaml", "orders/assembly/OrdersStack.template.json"];
        let text = fixture(names[which]);
        let from = (0..=((text.len() as f64) * at) as usize).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let to = (from + length..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let damaged = format!("{}{with}{}", &text[..from], &text[to.max(from)..]);
        let _ = read(damaged.as_bytes(), &[]);
    }
}
