//! Every reader of native records over any bytes: it may refuse them, and never panics. The first byte chooses the
//! reader and what is known besides; standard output and standard error are divided by a zero byte.
#![no_main]

use lastgood::sources::logs::native::{Known, Native, READERS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let index = usize::from(*choice) % READERS.len();
    let (stdout, stderr) = match rest.iter().position(|byte| *byte == 0) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &rest[..0]),
    };
    let known = match choice >> 6 {
        0 => Known::default(),
        1 => Known { exit_status: Some(0), started_at: "2026-11-22T00:00:00Z".parse().ok(), ..Known::default() },
        2 => Known { exit_status: Some(1), timezone: Some("America/New_York".parse().unwrap()), ..Known::default() },
        _ => Known { exit_status: Some(0), timezone: Some("Asia/Tokyo".parse().unwrap()), ..Known::default() },
    };
    let _ = READERS[index].read(&Native { stdout, stderr, known: &known });
});
