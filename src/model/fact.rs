//! A fact is known, or it was not read. There is no third way, and no default value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One observed property. `Unread` covers everything that kept us from knowing (denied, throttled,
/// not asked, known only after apply); the reason stands in the inventory's gaps. "Not configured"
/// is an answer, hence `Known`.
///
/// In a saved inventory a known fact is its value, and an unread one is absent.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Fact<T> {
    /// The service answered, and this is what it said.
    Known(T),
    /// Nobody knows. A check that needs this fact must answer `unknown`.
    #[default]
    Unread,
}

impl<T> Fact<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unread => None,
        }
    }

    /// Whether nothing was read; serde's `skip_serializing_if`.
    pub fn is_unread(&self) -> bool {
        matches!(self, Self::Unread)
    }
}

impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unread, Self::Known)
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Unread => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(Self::from)
    }
}
