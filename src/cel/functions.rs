//! The functions and macros that there are: the list of the documents and of *did you mean*.

/// A function or macro.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is written, each way in a line of its own.
    pub usage: &'static str,
    /// What it gives, in a sentence.
    pub docs: &'static str,
}

const fn function(name: &'static str, usage: &'static str, docs: &'static str) -> Function {
    Function { name, usage, docs }
}

/// All of them, in the order of the documents.
pub const FUNCTIONS: &[Function] = &[
    function("has", "has(resource.kms_key)", "Whether a field or key is there; `unknown` if that was not read."),
    function(
        "all",
        "points.all(p, p.encrypted)",
        "Whether a condition holds for every item; `true` for an empty list, and never `true` for a list that was not read to its end.",
    ),
    function(
        "exists",
        "points.exists(p, p.usable)",
        "Whether a condition holds for some item; never `false` for a list that was not read to its end.",
    ),
    function("exists_one", "points.exists_one(p, p.usable)", "Whether a condition holds for exactly one item."),
    function("filter", "points.filter(p, p.usable)", "The items for which a condition holds."),
    function(
        "map",
        "points.map(p, p.region)",
        "What an expression gives for each item; with three arguments, for each item for which the second holds.",
    ),
    function("size", "size(points), points.size()", "The number of items, of keys, or of the characters of a text."),
    function("startsWith", "resource.name.startsWith('prod-')", "Whether a text begins with another."),
    function("endsWith", "resource.name.endsWith('-db')", "Whether a text ends with another."),
    function("contains", "resource.name.contains('db')", "Whether a text holds another."),
    function(
        "matches",
        "resource.name.matches('^db-[0-9]+$')",
        "Whether a regular expression matches somewhere in a text. It stands there as a literal, and its time is linear in the text.",
    ),
    function("lowerAscii", "resource.tags.owner.lowerAscii()", "The text with `A` to `Z` as `a` to `z`."),
    function(
        "duration",
        "duration('35d')",
        "A length of time, written as everywhere in policies: `w`, `d`, `h`, `m`, `s`; a day has 24 hours.",
    ),
    function("timestamp", "timestamp('2026-01-31T00:00:00Z')", "An instant with its zone."),
    function("int", "int(resource.tags.days)", "A text or a number as a whole number; fractions are cut off."),
    function("double", "double(resource.size_gib)", "A text or a number as a number with a fraction."),
    function("string", "string(resource.size_gib)", "Any single value as a text."),
];
