//! The lines of a log, read and hashed by several threads and handed on in their order.
//!
//! What a line says is independent of the lines around it, so it is worked out wherever there is a core;
//! whether the lines hang together is for the one who takes them, one after the other.

use std::io::{self, BufRead};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, available_parallelism};

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use sha2::{Digest as _, Sha256};

use crate::model::inventory::hex;
use crate::model::text::{Interning, Text};
use crate::model::{Instant, instant};

/// The longest line that is looked at: a record with the tail of a tool's output is far shorter.
const LONGEST_LINE: u64 = 16 << 20;

/// Bytes of lines that are handed to a thread at a time.
const CHUNK: usize = 1 << 18;

/// Chunks that may wait for one thread: memory stays bounded whatever the size of the log.
const WAITING: usize = 2;

/// More threads than this only wait for the one that joins their results.
const MOST_THREADS: usize = 8;

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sha([u8; 32]);

impl Sha {
    /// That of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// What `prev` of a stream's first record says.
    pub(super) const GENESIS: Self = Self([0; 32]);

    /// In lower-case hex.
    pub(super) fn hex(self) -> String {
        hex(&self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        // What is no digit leaves its mark in `wrong`: a million of these are read.
        let mut wrong = 0;
        let mut digit = |byte: u8| {
            let (of_ten, of_six) = (byte.wrapping_sub(b'0'), byte.wrapping_sub(b'a'));
            let value = if of_ten < 10 { of_ten } else { of_six.wrapping_add(10) };
            wrong |= u8::from(of_ten >= 10 && of_six >= 6);
            value
        };
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high).wrapping_shl(4) | (digit(*low) & 0xf);
        }
        (wrong == 0).then_some(Self(bytes))
    }
}

/// What is read of a record: its place in the chain, and what else a reader asks for. The rest is passed over.
#[derive(Debug, Deserialize)]
pub struct Fields<A = IgnoredAny, S = IgnoredAny, C = IgnoredAny> {
    pub(super) schema: Text,
    /// The UUID of its stream.
    pub stream: Text,
    /// Its number in the stream.
    pub seq: u64,
    /// The line before it; none where that is no SHA-256, which no line has.
    #[serde(deserialize_with = "sha")]
    pub(super) prev: Option<Sha>,
    #[serde(deserialize_with = "instant::deserialize")]
    pub(super) time: Instant,
    /// What it is for.
    #[serde(rename = "type")]
    pub record_type: Text,
    #[serde(default)]
    pub(super) note: Option<Text>,
    /// What happened.
    #[serde(default = "nothing")]
    pub activity: Option<A>,
    /// What was stated.
    #[serde(default = "nothing")]
    pub attestation: Option<S>,
    /// The number of the record that it corrects.
    #[serde(default = "nothing")]
    pub corrects: Option<C>,
}

/// A record's place in the chain.
pub type Header = Fields;

/// A record's place in the chain, and what else a reader took from it; or why it is no record.
pub type Read<T> = Result<(Header, T), serde_json::Error>;

impl<'de, A: Deserialize<'de>, S: Deserialize<'de>, C: Deserialize<'de>> Fields<A, S, C> {
    /// Read a record. Where only what it says is not understood, it keeps its place in the chain.
    ///
    /// # Errors
    /// Why it is no record.
    pub fn read<T>(
        line: &'de [u8],
        take: impl FnOnce(Option<A>, Option<S>, Option<C>) -> T,
    ) -> Read<Result<T, String>> {
        match from_line::<Self>(line) {
            Ok(Self { schema, stream, seq, prev, time, record_type, note, activity, attestation, corrects }) => {
                let taken = take(activity, attestation, corrects);
                let (activity, attestation, corrects) = (None, None, None);
                let header =
                    Fields { schema, stream, seq, prev, time, record_type, note, activity, attestation, corrects };
                Ok((header, Ok(taken)))
            }
            Err(error) => from_line(line).map(|header| (header, Err(error.to_string()))),
        }
    }
}

/// JSON of a line. To look once whether it is text is faster than to look at each string.
pub(super) fn from_line<'de, T: Deserialize<'de>>(line: &'de [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(line) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(line),
    }
}

fn nothing<T>() -> Option<T> {
    None
}

fn sha<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sha>, D::Error> {
    std::borrow::Cow::<str>::deserialize(deserializer).map(|text| Sha::parse(&text))
}

/// A line that was read.
pub(super) struct Line<T> {
    /// Over its bytes without the line feed.
    pub(super) sha: Sha,
    /// Whether a line feed ended it.
    pub(super) ended: bool,
    /// The record, or why it is none, with its bytes.
    pub(super) content: Result<(Header, T), (serde_json::Error, Vec<u8>)>,
}

/// Whole lines of a log.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where each line ends in `bytes`, its line feed included.
    ends: Vec<usize>,
    /// Whether the log ends with it.
    last: bool,
}

impl Chunk {
    /// Take in the next lines, in the place of those that it held.
    fn refill(mut self, input: &mut dyn BufRead) -> io::Result<Self> {
        self.bytes.clear();
        self.ends.clear();
        while self.bytes.len() < CHUNK {
            if next_line(input, &mut self.bytes)?.is_none() {
                self.last = true;
                break;
            }
            self.ends.push(self.bytes.len());
        }
        Ok(self)
    }

    fn read<T>(&self, read: &mut impl FnMut(&[u8]) -> Read<T>) -> Vec<Line<T>> {
        let mut from = 0;
        let mut line = |to: &usize| {
            let bytes = self.bytes.get(from..*to).unwrap_or_default();
            from = *to;
            let (bytes, ended) = bytes.strip_suffix(b"\n").map_or((bytes, false), |bytes| (bytes, true));
            let content = read(bytes).map_err(|error| (error, bytes.to_vec()));
            Line { sha: Sha::of(bytes), ended, content }
        };
        self.ends.iter().map(&mut line).collect()
    }
}

/// Read the next line behind what `bytes` holds, its line feed included; `None` at the end.
pub(super) fn next_line(input: &mut dyn BufRead, bytes: &mut Vec<u8>) -> io::Result<Option<()>> {
    let read = io::Read::take(&mut *input, LONGEST_LINE).read_until(b'\n', bytes)?;
    if read as u64 == LONGEST_LINE && bytes.last() != Some(&b'\n') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 16 MiB; this is no log"));
    }
    Ok((read > 0).then_some(()))
}

/// Read all lines with readers that `reader` makes, one for each thread, and hand them on in their order.
///
/// # Errors
/// What the system says.
pub(super) fn each<T: Send, R: FnMut(&[u8]) -> Read<T>>(
    input: &mut dyn BufRead,
    reader: impl Fn() -> R + Sync,
    take: &mut dyn FnMut(Line<T>),
) -> io::Result<()> {
    let mut chunk = Chunk::default().refill(input)?;
    let threads = available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    if chunk.last || threads == 1 {
        let mut read = reader();
        loop {
            chunk.read(&mut read).into_iter().for_each(&mut *take);
            if chunk.last {
                return Ok(());
            }
            chunk = chunk.refill(input)?;
        }
    }
    std::thread::scope(|scope| {
        // Each thread gets every n-th chunk, so that the results come back in order.
        let workers: Vec<Worker<T>> = (0..threads).map(|_| Worker::start(scope, &reader)).collect();
        let of = |turn: usize| workers.get(turn % threads);
        let (mut sent, mut taken, mut used) = (0_usize, 0_usize, Chunk::default());
        loop {
            let last = chunk.last;
            // Sending and receiving fail only where a thread has panicked, and the scope says so.
            let _ = of(sent).map(|worker| worker.work.send(chunk));
            sent += 1;
            while taken < sent && (last || sent - taken >= threads * WAITING) {
                if let Some((lines, read)) = of(taken).and_then(|worker| worker.done.recv().ok()) {
                    lines.into_iter().for_each(&mut *take);
                    used = read;
                }
                taken += 1;
            }
            if last {
                return Ok(());
            }
            chunk = std::mem::take(&mut used).refill(input)?;
        }
    })
}

/// A thread that reads chunks in the order in which it gets them, and gives them back to be filled again.
struct Worker<T> {
    work: SyncSender<Chunk>,
    done: Receiver<(Vec<Line<T>>, Chunk)>,
}

impl<T: Send> Worker<T> {
    fn start<'scope, R: FnMut(&[u8]) -> Read<T>>(
        scope: &'scope Scope<'scope, '_>,
        reader: &'scope (impl Fn() -> R + Sync),
    ) -> Self
    where
        T: 'scope,
    {
        let (work, chunks) = sync_channel::<Chunk>(WAITING);
        let (finished, done) = sync_channel(WAITING);
        scope.spawn(move || {
            let _interning = Interning::start();
            let mut read = reader();
            for chunk in chunks {
                if finished.send((chunk.read(&mut read), chunk)).is_err() {
                    break;
                }
            }
        });
        Self { work, done }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sha_is_64_digits_in_lower_case_and_nothing_else() {
        let sha = Sha::of(b"a line");
        let hex = sha.hex();
        assert_eq!(Sha::parse(&hex), Some(sha));
        assert_eq!(Sha::parse(&"0".repeat(64)), Some(Sha::GENESIS));
        for wrong in ["g", "F", "/", ":", "`", "\u{0}"] {
            assert_eq!(Sha::parse(&format!("{}{wrong}", &hex[1..])), None, "{wrong}");
            assert_eq!(Sha::parse(&format!("{wrong}{}", &hex[1..])), None, "{wrong}");
        }
        for wrong in [&hex[1..], &hex[2..], &format!("{hex}0"), &format!("{hex}00"), ""] {
            assert_eq!(Sha::parse(wrong), None, "{wrong}");
        }
    }
}
