//! `read` and `filesystem`: the blocks of a snapshot are read and verified; for the second the volume is rebuilt from them,
//! and its file systems are checked by the real tools.

use super::super::{Ending, Stop, Work, failed};
use super::Test;
use crate::model::Instant;
use crate::model::activity::{Depth, Items, Validation};
use crate::model::plan::{Item, Level, PointFacts, Sample, TestHow};
use crate::model::span::Span;
use crate::remediate::apply::Watcher;
use crate::remediate::port::{Block, Blocks, BlocksRead, Examined, Proof, Rebuild};

/// How often it is said how far the reading is.
const SAID_EVERY: Span = Span::seconds(10);

pub(super) fn run(work: &mut Work<'_, '_>, level: Level, point: &PointFacts, how: &TestHow) -> Result<Ending, Stop> {
    work.for_real()?;
    let image = level == Level::Filesystem;
    // A sample is no image.
    let sample = how.sample.filter(|_| !image);
    work.says(if image { "is being rebuilt" } else { "is being read" });
    let mut rebuild = work.run.bench.open(&work.item.id, &point.arn, sample.is_none(), image).map_err(failed)?;
    let mut watched = Watched {
        rebuild: &mut *rebuild,
        watcher: work.run.watcher,
        item: work.item,
        now: work.run.now,
        began: (work.run.now)(),
        said: (work.run.now)(),
        bytes: 0,
    };
    let read = work.run.executor.read_blocks(&work.at, &point.arn, sample, &mut watched);
    let took = watched.took();
    let mut test = Test { depth: Some(depth(sample, image)), ..Test::default() };
    let read = match read {
        Ok(read) => read,
        Err(error) => {
            test.errors.push(error.to_string().into());
            work.test = Some(test);
            return Err(error.into());
        }
    };
    test.bytes = Some(read.bytes);
    test.items = Items {
        total: Some(read.listed),
        done: Some(read.read),
        failed: Some(read.damaged.len() as u64),
        ..Items::default()
    };
    let whole = sample.is_none();
    let examined = judge(&read, whole, &mut test, || rebuild.finish());
    let sentence = said(&read, sample, &took);
    let ending = match examined {
        Ok(Examined { proof, sentence: more, .. }) => {
            let sentence = if more.is_empty() { sentence } else { format!("{sentence}; {more}") };
            match proof {
                Proof::Whole => Ok(Ending::Done { what: sentence.into(), made: Vec::new() }),
                Proof::Part => {
                    test.partial = true;
                    Err(failed(format!("it proves only a part: {sentence}")))
                }
                Proof::Damage => Err(failed(sentence)),
            }
        }
        Err(why) => Err(failed(format!("{why}; {sentence}"))),
    };
    work.test = Some(test);
    ending
}

const fn depth(sample: Option<Sample>, image: bool) -> Depth {
    match (sample, image) {
        (Some(_), _) => Depth::Sampled,
        (None, false) => Depth::FullRead,
        (None, true) => Depth::Restored,
    }
}

/// What the blocks and the examination prove together.
fn judge(
    read: &BlocksRead,
    whole: bool,
    test: &mut Test,
    finish: impl FnOnce() -> Result<Examined, String>,
) -> Result<Examined, String> {
    if let Some(first) = read.damaged.first() {
        test.validation = Some(Validation::Failed);
        test.errors = read.damaged.iter().map(|index| format!("block {index} is not what was stored").into()).collect();
        return Err(format!("block {first} is not what was stored: its SHA-256 differs, read twice"));
    }
    if whole && read.read != read.listed {
        return Err(format!("only {} of {} blocks were read", read.read, read.listed));
    }
    if read.read == 0 && read.listed > 0 {
        return Err("no block was read".into());
    }
    let examined = finish()?;
    test.evidence.clone_from(&examined.evidence);
    test.compared_by = Some(if examined.files_compared { "file-manifest" } else { "checksums" });
    test.validation = match examined.proof {
        Proof::Whole => Some(Validation::Successful),
        Proof::Damage => Some(Validation::Failed),
        Proof::Part => None,
    };
    if examined.files_compared && examined.proof == Proof::Whole {
        test.depth = Some(Depth::Compared);
    }
    if examined.proof == Proof::Damage {
        test.errors.push(examined.sentence.clone());
    }
    Ok(examined)
}

/// What was read, in a sentence; of a sample, what it would have found.
fn said(read: &BlocksRead, sample: Option<Sample>, took: &str) -> String {
    let BlocksRead { listed, read: done, .. } = read;
    match sample {
        None => format!("all {listed} blocks read and verified ({took})"),
        Some(Sample { seed, .. }) => format!(
            "{done} of {listed} blocks, drawn by the seed {seed}, read and verified ({took}): damage to 0.1 % of the blocks would have been found with a probability of {} %",
            detection(*done, *listed)
        ),
    }
}

/// The probability in whole percent, rounded down, that a sample holds one of the blocks of which 0.1 % are damaged: at least
/// `1 - (1 - f)^k`, and certainty where all were read.
fn detection(read: u64, listed: u64) -> u64 {
    if read >= listed {
        return 100;
    }
    let missed = 0.999_f64.powf(read as f64);
    (((1.0 - missed) * 100.0).floor() as u64).min(99)
}

/// Blocks on their way to the bench, with how fast they come.
struct Watched<'w, 'a> {
    rebuild: &'w mut dyn Rebuild,
    watcher: &'w mut (dyn Watcher + 'a),
    item: &'w Item,
    now: &'w dyn Fn() -> Instant,
    began: Instant,
    said: Instant,
    bytes: u64,
}

impl Watched<'_, '_> {
    fn took(&self) -> String {
        let mib = self.bytes >> 20;
        let millis = ((self.now)() - self.began).num_milliseconds().max(1).unsigned_abs();
        let speed = (u128::from(self.bytes) * 1000 / u128::from(millis)) >> 20;
        format!("{mib} MiB at {speed} MiB/s")
    }
}

impl Blocks for Watched<'_, '_> {
    fn begin(&mut self, volume_bytes: u64) -> Result<(), String> {
        self.rebuild.begin(volume_bytes)
    }

    fn block(&mut self, block: &Block<'_>) -> Result<(), String> {
        self.bytes += block.bytes.len() as u64;
        let now = (self.now)();
        if Span::between(self.said, now) >= SAID_EVERY {
            self.said = now;
            let took = self.took();
            self.watcher.says(self.item, &took);
        }
        self.rebuild.block(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probability_of_a_sample_is_stated_and_never_too_high() {
        assert_eq!(detection(3_000, 204_800), 95, "3,000 blocks find 0.1 % with 95 %");
        assert_eq!(detection(1, 1_000_000), 0);
        assert_eq!(detection(900_000, 1_000_000), 99, "only all are certainty");
        assert_eq!((detection(7, 7), detection(0, 0)), (100, 100));
    }
}
