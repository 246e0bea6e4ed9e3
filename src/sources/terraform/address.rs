//! Addresses and references: `module.a["x.y"].aws_s3_bucket.b[0].arn`.
//!
//! Keys hold dots, brackets and quotes of their own, so that nothing less than a parser takes them apart.

use std::borrow::Cow;

/// One step of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step<'a> {
    /// `.name`
    Name(&'a str),
    /// `["key"]` or `[0]`: the text between the brackets, which is unique for a key.
    Key(&'a str),
}

/// The steps of an address; `None` when it has another form.
pub(super) fn steps(text: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::with_capacity(4);
    let mut rest = text;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            let end = key_end(inside)?;
            steps.push(Step::Key(inside.get(..end)?));
            rest = inside.get(end + 1..)?;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let name = rest.get(..end).filter(|name| !name.is_empty())?;
            steps.push(Step::Name(name));
            rest = rest.get(end..)?;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(steps),
            None => {}
        }
    }
}

/// Where the key ends that begins here: before its closing bracket.
fn key_end(text: &str) -> Option<usize> {
    let Some(quoted) = text.strip_prefix('"') else { return text.find(']') };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return quoted.get(at + 1..)?.starts_with(']').then_some(at + 2),
            _ => {}
        }
    }
    None
}

/// A resource in a module instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// The module instances from the root on: name and key.
    pub(super) modules: Vec<(&'a str, Option<&'a str>)>,
    /// Whether it is a data source.
    pub(super) is_data: bool,
    /// `aws_s3_bucket`.
    pub(super) ty: &'a str,
    /// `b`.
    pub(super) name: &'a str,
    /// The key of `count` or `for_each`.
    pub(super) key: Option<&'a str>,
    /// What follows: attributes.
    pub(super) rest: Vec<Step<'a>>,
    /// `type.name`, with `data.` before it for a data source.
    pub(super) block: &'a str,
}

impl<'a> Address<'a> {
    /// Take a resource's address apart, or a reference to a resource.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let steps = steps(text)?;
        let mut steps = steps.into_iter().peekable();
        let mut modules = Vec::new();
        let name = |steps: &mut std::iter::Peekable<std::vec::IntoIter<Step<'a>>>| match steps.next()? {
            Step::Name(name) => Some(name),
            Step::Key(_) => None,
        };
        let mut first = name(&mut steps)?;
        while first == "module" {
            let module = name(&mut steps)?;
            let key = next_key(&mut steps);
            modules.push((module, key));
            first = name(&mut steps)?;
        }
        let is_data = first == "data";
        let ty = if is_data { name(&mut steps)? } else { first };
        let resource = name(&mut steps)?;
        let key = next_key(&mut steps);
        let block = between(text, first, resource)?;
        Some(Self { modules, is_data, ty, name: resource, key, rest: steps.collect(), block })
    }

    /// The names of its modules.
    pub(super) fn module_names(&self) -> Vec<&'a str> {
        self.modules.iter().map(|(name, _)| *name).collect()
    }
}

/// What lies in a text from one of its parts to another.
fn between<'a>(text: &'a str, first: &str, last: &str) -> Option<&'a str> {
    let start = first.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = last.as_ptr().addr().checked_sub(text.as_ptr().addr())?.checked_add(last.len())?;
    text.get(start..end)
}

fn next_key<'a>(steps: &mut std::iter::Peekable<impl Iterator<Item = Step<'a>>>) -> Option<&'a str> {
    match steps.peek() {
        Some(Step::Key(key)) => {
            let key = *key;
            steps.next();
            Some(key)
        }
        _ => None,
    }
}

/// References without those that are only the beginning of another: Terraform lists `a.b.id` and `a.b`.
pub(super) fn longest<'a>(references: &'a [Cow<'a, str>]) -> impl Iterator<Item = &'a str> {
    references.iter().map(Cow::as_ref).filter(move |one| {
        !references.iter().any(|other| other.strip_prefix(one).is_some_and(|rest| rest.starts_with(['.', '['])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_anything() {
        let address = Address::parse(r#"module.a["x.y[\"0\"]"].module.b[1].data.aws_x.n["q]."].tags["k.z"]"#).unwrap();
        assert_eq!(address.modules, [("a", Some(r#""x.y[\"0\"]""#)), ("b", Some("1"))]);
        assert_eq!((address.is_data, address.ty, address.name), (true, "aws_x", "n"));
        assert_eq!(address.key, Some(r#""q].""#));
        assert_eq!(address.rest, [Step::Name("tags"), Step::Key(r#""k.z""#)]);
        assert_eq!(address.block, "data.aws_x.n");
    }

    #[test]
    fn what_is_no_address_is_none() {
        for bad in ["", ".", "a", "a..b", "module.a", "a.b[", "a.b[\"x]", "[0].a.b", "module[0].a.b.c"] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_beginnings_of_references_are_dropped() {
        let all: Vec<Cow<'_, str>> =
            ["a.b.id", "a.b", "a.bc", "var.x", "m.y[0].z", "m.y[0]", "m.y"].map(Cow::from).to_vec();
        assert_eq!(longest(&all).collect::<Vec<_>>(), ["a.b.id", "a.bc", "var.x", "m.y[0].z"]);
    }
}
