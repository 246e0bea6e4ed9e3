//! Names that attack the reader, in every field that holds text.

use lastgood::model::assessment::Assessment;
use lastgood::report::Format;

use super::{estate, plain, reread};

pub(super) const NAMES: [&str; 14] = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\"><img src=x onerror=1>",
    "](javascript:1)",
    "![x](http://evil.example/x.png) <http://evil.example> www.evil.example @octocat #1 GH-2 :+1: $x$",
    "line\none\r\n\n# two\n\n* three",
    "\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}31m",
    "\u{202e}gpj.exe\u{2066}",
    "nul\0byte",
    "a`b``c|d\\|e",
    "@SUM(1+1)",
    "\t-1+1",
    "</style></svg></title><iframe src=//evil.example>",
    "備份🗄é\u{301}-----------------------------------------------------------------------------------------long",
];

/// Text whose form is fixed: the reader would refuse anything else.
const FIXED: [&str; 44] = [
    "schema",
    "as_of",
    "from",
    "to",
    "captured_at",
    "severity",
    "kind",
    "outcome",
    "raw_outcome",
    "status",
    "at",
    "expires",
    "line",
    "in_force",
    "complete",
    "counts",
    "summary",
    "recovery_points",
    "fingerprint",
    "rule",
    "rules",
    "days",
    "state",
    "strength",
    "on",
    "valid_until",
    "recorded_at",
    "started_at",
    "completed_at",
    "trigger",
    "depth",
    "validation",
    "why",
    "since",
    "first_at",
    "last_at",
    "anchored_since",
    "usable",
    "copies",
    "held",
    "overdue",
    "other",
    "earliest",
    "latest",
];

fn poison(value: &mut serde_json::Value, next: &mut usize) {
    match value {
        serde_json::Value::String(text) => {
            *text = NAMES[*next % NAMES.len()].to_owned();
            *next += 1;
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| poison(item, next)),
        serde_json::Value::Object(fields) => {
            fields.iter_mut().filter(|(name, _)| !FIXED.contains(&name.as_str())).for_each(|(_, v)| poison(v, next));
        }
        _ => {}
    }
}

/// The estate of these tests with such names everywhere; rules keep apart by a number at the end.
pub(super) fn assessment() -> Assessment {
    let mut value = serde_json::to_value(estate::assessment()).unwrap();
    poison(&mut value, &mut 0);
    for verdict in value["verdicts"].as_array_mut().unwrap() {
        let rule = verdict["rule"].as_str().unwrap().to_owned();
        verdict["rule"] = format!("{}{rule}", NAMES[rule.len() % NAMES.len()]).into();
        for name in NAMES {
            verdict["observed"][name] = name.into();
            verdict["expected"][name] = name.into();
        }
    }
    serde_json::from_value(value).unwrap()
}

#[test]
fn no_format_lets_a_control_or_reordering_character_through() {
    for info in super::texts() {
        let shown = plain(&assessment(), info.format);
        let acting = |c: char| {
            (c.is_control() && c != '\n' && c != '\r')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
        };
        let found = shown.find(acting);
        assert_eq!(
            found.map(|at| shown[at.saturating_sub(40)..].chars().take(60).collect::<String>()),
            None,
            "{}",
            info.name
        );
        assert_eq!(shown.contains('\r'), info.format == Format::Csv, "{}", info.name);
    }
}

#[test]
fn json_gives_the_exact_names_back() {
    assert_eq!(serde_json::to_value(reread(&assessment())).unwrap(), serde_json::to_value(assessment()).unwrap());
    let shown = plain(&assessment(), Format::JsonLines);
    assert_eq!(shown.lines().count(), assessment().verdicts.len() + 1);
}

#[test]
fn no_cell_is_a_formula_and_no_row_is_split() {
    let shown = plain(&assessment(), Format::Csv);
    assert_eq!(shown.matches("\r\n").count(), assessment().verdicts.len() + 1);
    assert_eq!(shown.lines().count(), assessment().verdicts.len() + 1);
    let mut quoted = 0;
    for record in csv::Reader::from_reader(shown.as_bytes()).records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            quoted += usize::from(cell.starts_with('\''));
        }
    }
    assert!(quoted > 0);
}

/// Every tag and attribute of the page is one of ours; the rest is text.
#[test]
fn the_page_holds_no_foreign_element() {
    const TAGS: &str = " !DOCTYPE html head meta title style body header nav ol ul li a main section h1 h2 h3 h4 p span \
                        strong em b br code bdi div table caption thead tbody tr th td dl dt dd figure figcaption svg \
                        desc defs pattern rect path circle g text article details summary label input fieldset legend \
                        button pre footer script ";
    const ATTRIBUTES: &str = " html lang charset http-equiv content name class id href aria-label aria-labelledby \
                              aria-hidden tabindex role scope data-total data-outcome width height viewBox x y d fill \
                              cx cy r transform patternUnits preserveAspectRatio focusable type value checked hidden \
                              autocomplete ";
    let shown = plain(&assessment(), Format::Html);
    assert!(!shown.contains("href=\"h") && !shown.contains(" src=\"") && !shown.contains("url(h"), "links out");
    let (before, rest) = shown.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, rest) = rest.split_once("<script>").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    for part in [before, body, after] {
        for tag in part.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap().trim_start_matches('/').trim_end_matches('/');
            let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
            assert!(TAGS.contains(&format!(" {name} ")), "<{inside}>");
            while let Some((attribute, after)) = rest.trim_start().split_once("=\"") {
                let attribute = attribute.split(' ').next_back().unwrap();
                assert!(ATTRIBUTES.contains(&format!(" {attribute} ")), "{attribute} in <{inside}>");
                rest = after.split_once('"').unwrap().1;
            }
        }
    }
    assert!(shown.contains("default-src 'none'; style-src 'sha256-") && !shown.contains("unsafe"));
    assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(shown.contains("\\u{202e}gpj.exe") && shown.contains("nul\\u{0}byte"));
}

/// A Markdown reader that nobody here wrote finds no link, picture or HTML but ours.
#[test]
fn the_comment_holds_no_foreign_markup() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let shown = plain(&assessment(), Format::Markdown);
    let mut text = String::new();
    for event in Parser::new_ext(&shown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("a link to {dest_url}"),
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Strikethrough | Tag::Emphasis) => {
                panic!("{event:?}")
            }
            Event::InlineHtml(html) => assert!(["<span>", "</span>"].contains(&&*html), "{html}"),
            Event::Html(html) => panic!("{html}"),
            Event::Text(part) => text.push_str(&part),
            Event::End(_) | Event::SoftBreak | Event::HardBreak | Event::Code(_) => text.push('\n'),
            _ => {}
        }
    }
    for (sign, what) in [('@', "mention"), ('#', "reference")] {
        for (at, _) in text.match_indices(sign) {
            let next = text[at + 1..].chars().next();
            assert!(!next.is_some_and(char::is_alphanumeric), "a {what}: {:?}", &text[at..at + 8]);
        }
    }
    assert!(!text.contains("://") && !text.contains("www."), "GitHub links these by themselves");
    let rows = |text: &str| {
        let row = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        text.lines().filter(|line| line.starts_with('|')).map(row).collect::<Vec<_>>()
    };
    assert_eq!(rows(&shown), rows(&plain(&estate::assessment(), Format::Markdown)), "a cell was split");
}
