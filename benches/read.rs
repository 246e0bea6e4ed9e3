//! Throughput, processor time per GiB and memory of a restore test at the level `read`: every block of a snapshot, over
//! HTTP, its SHA-256 worked out.
//!
//! `cargo bench --bench read [-- GIB…]`. The other end is this program once more, as a process of its own, so that its
//! time and memory are not counted; there is no TLS, which takes about as much again. Prints figures; asserts nothing.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Instant;

use lastgood::aws::{AwsExecutor, Keys, Options};
use lastgood::model::plan::Target;
use lastgood::remediate::port::{Block, Blocks, Restorer as _};
use memory::peak_mib;
use sha2::{Digest as _, Sha256};

const BLOCK: usize = 512 * 1024;
const A_PAGE: u64 = 10_000;
const ACCOUNT: &str = "111122223333";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "serve") {
        return serve();
    }
    let asked: Vec<u64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![1, 4, 16] } else { asked };
    let this = std::env::current_exe().expect("this program has a path");
    let mut server = Command::new(this).arg("serve").stdout(Stdio::piped()).spawn().expect("it starts again");
    let mut address = String::new();
    BufReader::new(server.stdout.take().expect("its output is piped")).read_line(&mut address).expect("it says where");
    let options = Options {
        regions: vec!["eu-west-1".into()],
        endpoint_url: Some(format!("http://{}", address.trim())),
        keys: Some(Keys { access_key_id: "a".into(), secret_access_key: "b".into(), session_token: None }),
        ..Options::default()
    };
    let mut executor = AwsExecutor::open(&options, chrono::Utc::now).expect("the server answers");
    let at = Target::new(&ACCOUNT.into(), &"eu-west-1".into());
    for gib in sizes {
        let mut sink = Sink::default();
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let read = executor.read_blocks(&at, &format!("snap-{gib}"), None, &mut sink).expect("it is read");
        let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        println!(
            "{gib} GiB, {} blocks: {wall:.2} s, {:.0} MiB/s; {:.2} s of CPU per GiB; peak memory {} MiB; {} of {} sound",
            sink.blocks,
            gib as f64 * 1024.0 / wall,
            cpu / gib as f64,
            peak_mib(),
            read.read,
            read.listed
        );
    }
    server.kill().expect("it can be stopped");
    server.wait().expect("it stops");
}

/// Counts what comes.
#[derive(Default)]
struct Sink {
    blocks: u64,
}

impl Blocks for Sink {
    fn begin(&mut self, _: u64) -> Result<(), String> {
        Ok(())
    }

    fn block(&mut self, block: &Block<'_>) -> Result<(), String> {
        self.blocks += u64::from(block.bytes.len() == BLOCK);
        Ok(())
    }
}

/// Processor time of all threads of this process, in seconds: fields 14 and 15, in hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields: Vec<u64> = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<u64>() as f64 / 100.0
}

/// The other end: answers what one test asks.
fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    println!("{}", listener.local_addr().expect("it has an address"));
    let bytes: Vec<u8> = (0..BLOCK).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let sum = aws_smithy_types::base64::encode(Sha256::digest(&bytes));
    std::thread::scope(|threads| {
        for stream in listener.incoming().flatten() {
            let (bytes, sum) = (&bytes, &sum);
            threads.spawn(move || answer(stream, bytes, sum));
        }
    });
}

fn answer(stream: TcpStream, bytes: &[u8], sum: &str) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let (mut request, mut length) = (String::new(), 0_usize);
        reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok().filter(|read| *read > 0)?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let path = request.split(' ').nth(1)?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            ["snapshots", _, "blocks", _] => {
                let headers = format!(
                    "x-amz-Data-Length: {BLOCK}\r\nx-amz-Checksum: {sum}\r\nx-amz-Checksum-Algorithm: SHA256\r\n"
                );
                send(&mut writer, "application/octet-stream", &headers, bytes)?;
            }
            ["snapshots", id, "blocks"] => {
                let gib: u64 = id.rsplit('-').next()?.parse().ok()?;
                let begin: u64 =
                    query.split('&').find_map(|pair| pair.strip_prefix("pageToken=")?.parse().ok()).unwrap_or(0);
                send(&mut writer, "application/json", "", page(gib, begin).as_bytes())?;
            }
            _ => send(&mut writer, "text/xml", "", IDENTITY.as_bytes())?,
        }
    }
}

fn page(gib: u64, begin: u64) -> String {
    let all = gib * ((1 << 30) / BLOCK as u64);
    let end = all.min(begin + A_PAGE);
    let blocks: Vec<String> =
        (begin..end).map(|index| format!("{{\"BlockIndex\":{index},\"BlockToken\":\"AAABAtoken{index}\"}}")).collect();
    let next = if end < all { format!(",\"NextToken\":\"{end}\"") } else { String::new() };
    format!(
        "{{\"BlockSize\":{BLOCK},\"VolumeSize\":{gib},\"ExpiryTime\":2000000000,\"Blocks\":[{}]{next}}}",
        blocks.join(",")
    )
}

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/bench</Arn><UserId>u</UserId>\
    <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn send(to: &mut TcpStream, kind: &str, headers: &str, body: &[u8]) -> Option<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    to.write_all(head.as_bytes()).ok()?;
    to.write_all(body).ok()
}
