//! The assessment itself, as indented JSON, written verdict by verdict.
//!
//! The value is exact. Characters that would act on a terminal or reorder a line are written as
//! `\u` escapes, which every reader turns back into the same text.

use std::io;

use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::model::assessment::Assessment;

use super::RenderOptions;
use super::safe::is_active;

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    pretty(assessment, out)?;
    out.write_all(b"\n")
}

/// Add a field to an object.
pub(super) fn set(object: &mut serde_json::Value, name: &str, value: serde_json::Value) {
    if let serde_json::Value::Object(fields) = object {
        fields.insert(name.to_owned(), value);
    }
}

/// A value, indented.
pub(super) fn pretty<T: serde::Serialize>(value: &T, mut out: &mut dyn io::Write) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(&mut out, Indented(PrettyFormatter::new())))?)
}

/// A value on one line.
pub(super) fn compact<T: serde::Serialize>(value: &T, mut out: &mut dyn io::Write) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(&mut out, Compact(CompactFormatter)))?)
}

fn fragment<W: ?Sized + io::Write>(writer: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_active(*c)) {
        let (before, after) = rest.split_at(at);
        writer.write_all(before.as_bytes())?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(writer, "\\u{unit:04x}")?;
        }
        rest = after.get(c.len_utf8()..).unwrap_or_default();
    }
    writer.write_all(rest.as_bytes())
}

struct Compact(CompactFormatter);

impl Formatter for Compact {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        fragment(writer, text)
    }
}

struct Indented<'a>(PrettyFormatter<'a>);

macro_rules! delegate {
    ($($name:ident($($argument:ident)?)),*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: bool)?) -> io::Result<()> {
            self.0.$name(writer $(, $argument)?)
        })*
    };
}

impl Formatter for Indented<'_> {
    delegate!(
        begin_array(),
        end_array(),
        begin_array_value(first),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first),
        begin_object_value(),
        end_object_value()
    );

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        fragment(writer, text)
    }
}
