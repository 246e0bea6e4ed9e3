//! Shared, immutable text. An inventory repeats the same ARNs, accounts and regions a million times.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;

use arcstr::ArcStr;
use foldhash::{HashSet, HashSetExt as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A cheaply cloned string of one machine word: there are a dozen in every recovery point. Equal texts
/// made while an [`Interning`] guard lives share one allocation, which keeps large inventories small.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(ArcStr);

thread_local! {
    static POOL: RefCell<Option<HashSet<ArcStr>>> = const { RefCell::new(None) };
}

/// While this guard lives, equal texts made on this thread share one allocation.
#[must_use = "interning ends when the guard is dropped"]
#[derive(Debug)]
pub struct Interning(());

impl Interning {
    /// Start sharing on this thread. Guards do not nest: the first one dropped ends the sharing.
    pub fn start() -> Self {
        POOL.with(|pool| *pool.borrow_mut() = Some(HashSet::new()));
        Self(())
    }
}

impl Drop for Interning {
    fn drop(&mut self) {
        POOL.with(|pool| *pool.borrow_mut() = None);
    }
}

impl Text {
    /// The text as a plain string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Read a text that no other will equal, such as an id: it is not kept for sharing.
    ///
    /// # Errors
    /// Why it is no text.
    pub fn of_its_own<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader(|value: &str| Self(ArcStr::from(value))))
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        POOL.with(|pool| match pool.borrow_mut().as_mut() {
            None => Self(ArcStr::from(value)),
            Some(pool) => match pool.get(value) {
                Some(shared) => Self(ArcStr::clone(shared)),
                None => {
                    let fresh = ArcStr::from(value);
                    pool.insert(ArcStr::clone(&fresh));
                    Self(fresh)
                }
            },
        })
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<&String> for Text {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::from("")
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader(|value: &str| Self::from(value)))
    }
}

struct Reader<F>(F);

impl<F: FnOnce(&str) -> Text> serde::de::Visitor<'_> for Reader<F> {
    type Value = Text;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Text, E> {
        Ok((self.0)(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_one_allocation_while_interning() {
        let guard = Interning::start();
        let (a, b) = (Text::from("us-east-1"), Text::from("us-east-1"));
        assert!(ArcStr::ptr_eq(&a.0, &b.0));
        drop(guard);
        assert!(!ArcStr::ptr_eq(&a.0, &Text::from("us-east-1").0));
    }
}
