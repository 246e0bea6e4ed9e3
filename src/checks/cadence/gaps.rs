//! The intervals between good copies.

use super::record::Good;
use crate::model::Instant;
use crate::model::span::Span;

/// The stretch of time that is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// Its beginning: that of the window, or the creation of the resource.
    pub(super) start: Instant,
    /// Its end.
    pub(super) as_of: Instant,
    /// Whether the interval at the beginning counts from a good copy before it, where there is one.
    pub(super) earlier: bool,
}

/// An interval without a new good copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap<'g, 'a> {
    /// Its beginning.
    pub(super) from: Instant,
    /// Its end.
    pub(super) to: Instant,
    /// The good copy before it; `None` at the beginning of the stretch.
    pub(super) before: Option<&'g Good<'a>>,
    /// The good copy after it; `None` when it lasts until now.
    pub(super) after: Option<&'g Good<'a>>,
}

impl<'g, 'a> Gap<'g, 'a> {
    /// The interval since a good copy.
    pub(super) fn since(last: &'g Good<'a>, as_of: Instant) -> Self {
        Self { from: last.to, to: as_of, before: Some(last), after: None }
    }

    /// How long it is, in whole seconds.
    pub(super) fn length(&self) -> Span {
        Span::between(self.from, self.to)
    }

    /// Whether it is longer than allowed, to the nanosecond.
    pub(super) fn exceeds(&self, limit: Span) -> bool {
        self.to.signed_duration_since(self.from) > limit.delta()
    }

    fn longer_of(self, other: Self) -> Self {
        let length = |gap: &Self| gap.to.signed_duration_since(gap.from);
        if length(&other) > length(&self) { other } else { self }
    }
}

/// What a sweep over the good copies found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Swept<'g, 'a> {
    /// The largest interval; the earliest of several.
    pub(super) largest: Gap<'g, 'a>,
    /// The first good copy inside the stretch.
    pub(super) first: Option<&'g Good<'a>>,
    /// The newest good copy that still exists.
    pub(super) last: Option<&'g Good<'a>>,
    /// The newest good copy on record, even if it is gone.
    pub(super) newest: Option<&'g Good<'a>>,
    /// Whether a good copy from before the stretch set the beginning.
    pub(super) has_earlier: bool,
    /// How many good copies touch the stretch.
    pub(super) points: usize,
}

impl<'g, 'a> Swept<'g, 'a> {
    /// The interval from the beginning of the window to the first good copy.
    pub(super) fn beginning(&self, window: Instant, as_of: Instant) -> Gap<'g, 'a> {
        let to = self.first.map_or(as_of, |first| first.from);
        Gap { from: window.min(to), to, before: None, after: self.first }
    }
}

/// Find the largest interval. `goods` come in order of their beginning.
pub(super) fn sweep<'g, 'a: 'g>(goods: impl Iterator<Item = &'g Good<'a>>, stretch: &Stretch) -> Swept<'g, 'a> {
    let mut newest: Option<&Good<'_>> = None;
    let mut last: Option<&Good<'_>> = None;
    let mut first = None;
    let mut largest = Gap { from: stretch.start, to: stretch.start, before: None, after: None };
    let (mut has_earlier, mut points) = (false, 0);
    for good in goods {
        let inside = good.to >= stretch.start;
        if !inside && !stretch.earlier {
            continue;
        }
        points += usize::from(inside);
        if good.from < stretch.start {
            has_earlier = true;
        } else {
            first = first.or(Some(good));
            let from = newest.map_or(stretch.start, |newest| newest.to);
            largest = largest.longer_of(Gap { from, to: good.from, before: newest, after: Some(good) });
        }
        if newest.is_none_or(|newest| good.to > newest.to) {
            newest = Some(good);
        }
        if good.stored && last.is_none_or(|last| good.to > last.to) {
            last = Some(good);
        }
    }
    let from = last.map_or(stretch.start, |last| last.to);
    largest = largest.longer_of(Gap { from, to: stretch.as_of, before: last, after: None });
    Swept { largest, first, last, newest, has_earlier, points }
}
