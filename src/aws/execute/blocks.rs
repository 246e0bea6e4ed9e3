//! Blocks of snapshots through the EBS direct APIs. The SDK does not verify their checksums: that is done here.

use aws_sdk_ebs::types::ChecksumAlgorithm;
use sha2::{Digest as _, Sha256};

use super::{Spot, call_error, unreadable};
use crate::aws::calls::{GET_SNAPSHOT_BLOCK, LIST_SNAPSHOT_BLOCKS};
use crate::aws::failure::Failure;
use crate::aws::join::for_each;
use crate::aws::pages::Missing;
use crate::model::arn::short;
use crate::model::plan::Sample;
use crate::model::text::Text;
use crate::remediate::port::{Block, Blocks, BlocksRead, CallError, CallErrorKind, Called};
use crate::remediate::sample::Draw;

/// The largest page of `ListSnapshotBlocks`.
const PAGE: i32 = 10_000;

/// Blocks that are read at once, and that are in memory: 32 MiB. The service lets an account read 1,000 a second.
const AT_ONCE: usize = 64;

/// Damaged blocks that are named.
const MOST_NAMED: usize = 10;

/// A block of the list.
struct Listed {
    index: i32,
    token: String,
}

/// A page of the list, with what it says of the whole snapshot.
struct Page {
    blocks: Vec<Listed>,
    next: Option<String>,
    volume_bytes: u64,
    block_size: u64,
}

/// What a block's bytes are.
struct Read {
    bytes: Vec<u8>,
    sha256: [u8; 32],
    /// Whether the service names this checksum.
    sound: bool,
}

pub(super) async fn read(
    spot: &Spot,
    snapshot: &str,
    sample: Option<Sample>,
    to: &mut dyn Blocks,
) -> Called<BlocksRead> {
    let id = short(snapshot);
    let mut so_far = BlocksRead::default();
    let mut draw = sample.map(Draw::new);
    let (mut token, mut block_size, mut last): (Option<String>, Option<u64>, i32) = (None, None, -1);
    loop {
        let page = page(spot, id, token.clone()).await?;
        if block_size.is_none() {
            to.begin(page.volume_bytes).map_err(here)?;
            block_size = Some(page.block_size);
        }
        so_far.listed += page.blocks.len() as u64;
        // In ascending order, over all pages: a list that goes back would never end, or hand on a block twice.
        for block in &page.blocks {
            if block.index <= last {
                return Err(unreadable(LIST_SNAPSHOT_BLOCKS, "blocks in ascending order"));
            }
            last = block.index;
        }
        match &mut draw {
            Some(draw) => page.blocks.into_iter().for_each(|block| draw.offer(block)),
            None => take(spot, id, page.blocks, page.block_size, &mut so_far, to).await?,
        }
        match page.next {
            Some(next) if Some(&next) == token.as_ref() => {
                return Err(unreadable(LIST_SNAPSHOT_BLOCKS, "new page token"));
            }
            Some(next) => token = Some(next),
            None => break,
        }
    }
    if let (Some(draw), Some(block_size)) = (draw, block_size) {
        let mut drawn = draw.done();
        drawn.sort_by_key(|block| block.index);
        take(spot, id, drawn, block_size, &mut so_far, to).await?;
    }
    Ok(so_far)
}

async fn page(spot: &Spot, id: &str, token: Option<String>) -> Called<Page> {
    let request = spot.clients.ebs.list_snapshot_blocks().snapshot_id(id).max_results(PAGE).set_next_token(token);
    let answer = spot.send(LIST_SNAPSHOT_BLOCKS, request.send()).await?;
    let gib = answer.volume_size().and_then(|gib| u64::try_from(gib).ok());
    let block_size = answer.block_size().and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
    let blocks = answer.blocks.unwrap_or_default().into_iter().map(|block| {
        Ok(Listed {
            index: block.block_index.filter(|index| *index >= 0).ok_or(Missing("BlockIndex"))?,
            token: block.block_token.ok_or(Missing("BlockToken"))?,
        })
    });
    let blocks: Result<Vec<Listed>, Missing> = blocks.collect();
    Ok(Page {
        blocks: blocks.map_err(|Missing(field)| unreadable(LIST_SNAPSHOT_BLOCKS, field))?,
        next: answer.next_token,
        volume_bytes: gib
            .and_then(|gib| gib.checked_mul(1 << 30))
            .ok_or_else(|| unreadable(LIST_SNAPSHOT_BLOCKS, "VolumeSize"))?,
        block_size: block_size.ok_or_else(|| unreadable(LIST_SNAPSHOT_BLOCKS, "BlockSize"))?,
    })
}

/// Read these blocks, a bounded number at a time, and hand the sound ones on in order.
async fn take(
    spot: &Spot,
    id: &str,
    blocks: Vec<Listed>,
    block_size: u64,
    so_far: &mut BlocksRead,
    to: &mut dyn Blocks,
) -> Called<()> {
    for group in blocks.chunks(AT_ONCE) {
        let answers = for_each(AT_ONCE, group, |block| async move {
            let first = one(spot, id, block).await?;
            // Once more: what differs on its way is not damaged where it lies.
            if first.sound { Ok::<Read, CallError>(first) } else { one(spot, id, block).await }
        })
        .await;
        for (listed, answer) in group.iter().zip(answers) {
            let read = answer?;
            let index = u64::from(listed.index.unsigned_abs());
            if !read.sound {
                if so_far.damaged.len() < MOST_NAMED {
                    so_far.damaged.push(index);
                }
                continue;
            }
            to.block(&Block { index, block_size, bytes: &read.bytes, sha256: read.sha256 }).map_err(here)?;
            so_far.read += 1;
            so_far.bytes += read.bytes.len() as u64;
        }
    }
    Ok(())
}

async fn one(spot: &Spot, id: &str, block: &Listed) -> Called<Read> {
    let request =
        spot.clients.ebs.get_snapshot_block().snapshot_id(id).block_index(block.index).block_token(&block.token);
    let answer = spot.send(GET_SNAPSHOT_BLOCK, request.send()).await?;
    if answer.checksum_algorithm() != Some(&ChecksumAlgorithm::ChecksumAlgorithmSha256) {
        return Err(unreadable(GET_SNAPSHOT_BLOCK, "SHA-256 as its checksum"));
    }
    let named = answer.checksum().and_then(|sum| aws_smithy_types::base64::decode(sum).ok());
    let named = named.ok_or_else(|| unreadable(GET_SNAPSHOT_BLOCK, "Checksum"))?;
    let body = answer.block_data.collect().await;
    let bytes = body.map_err(|error| call_error(GET_SNAPSHOT_BLOCK, &Failure::of_body(&error)))?.to_vec();
    let sha256: [u8; 32] = Sha256::digest(&bytes).into();
    Ok(Read { sound: named == sha256, bytes, sha256 })
}

/// This machine could not take what was read.
fn here(why: String) -> CallError {
    CallError {
        kind: CallErrorKind::Failed,
        call: Text::from("this machine"),
        code: Text::from("not-kept"),
        message: Text::from(why),
    }
}
