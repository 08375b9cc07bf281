//! Encoding and decoding an instruction, frame and all, against `serde_json` of the same struct without a frame.
//!
//! `cargo bench --bench codec`, with `-- --quick` for a smoke test. Both run in turns; a sample is a batch of 100.

use std::hint::black_box;
use std::time::Instant;

use lotbridge::protocol::{FrameReader, HubSession, ToSlave};

use frame::{instruction, session};
use stats::{Spread, is_quick, quantile, ratio_head, ratio_line};

#[path = "common/frame.rs"]
mod frame;
#[path = "common/stats.rs"]
mod stats;

/// What goes wrong in a benchmark ends it.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Instructions in a batch: their frames fit one read.
const BATCH: u32 = 100;

/// Nanoseconds an instruction, of a round's median batch.
struct Round {
    encode: f64,
    decode: f64,
    json_encode: f64,
    json_decode: f64,
}

fn main() -> Outcome<()> {
    let (rounds, batches) = if is_quick() { (3, 100) } else { (11, 5_000) };
    let message = ToSlave::Instruction(instruction()?);
    let mut ours = Ours { session: session(), reader: FrameReader::default(), bytes: Vec::new() };
    let mut json = Json { bytes: Vec::new(), ends: Vec::new() };
    let mut measured = Vec::new();
    // The first round is not counted: caches and branch predictors get acquainted.
    for round in 0..=rounds {
        let (mut our_spans, mut json_spans) = (Spans::default(), Spans::default());
        for _ in 0..batches {
            our_spans.note(ours.batch(&message)?);
            json_spans.note(json.batch(&message)?);
        }
        if round > 0 {
            let ((encode, decode), (json_encode, json_decode)) = (our_spans.medians(), json_spans.medians());
            measured.push(Round { encode, decode, json_encode, json_decode });
        }
    }
    println!("An instruction: an open with both stops");
    println!("\n{:<34}{:>10}{:>10}{:>8}   median of rounds", "", "encode ns", "decode ns", "bytes");
    let line = |what, encode: fn(&Round) -> f64, decode: fn(&Round) -> f64, bytes| {
        let median = |number: fn(&Round) -> f64| Spread::of(measured.iter().map(number)).median;
        println!("{what:<34}{:>10.0}{:>10.0}{bytes:>8}", median(encode), median(decode));
    };
    line("LotBridge, with its frame", |r| r.encode, |r| r.decode, frame::frame()?.len());
    line("serde_json, without", |r| r.json_encode, |r| r.json_decode, serde_json::to_vec(&message)?.len());
    println!("\n{}", ratio_head("ratio to serde_json", measured.len()));
    let ratio = |what, of: fn(&Round) -> f64| {
        println!("{}", ratio_line(what, Spread::of(measured.iter().map(of)), None));
    };
    ratio("encode", |r| r.encode / r.json_encode);
    ratio("decode", |r| r.decode / r.json_decode);
    ratio("both", |r| (r.encode + r.decode) / (r.json_encode + r.json_decode));
    Ok(())
}

/// Nanoseconds of every batch: encoding, decoding.
#[derive(Default)]
struct Spans {
    encode: Vec<u32>,
    decode: Vec<u32>,
}

impl Spans {
    fn note(&mut self, (encode, decode): (u32, u32)) {
        self.encode.push(encode);
        self.decode.push(decode);
    }

    fn medians(&self) -> (f64, f64) {
        let each = |spans| quantile(spans, 50) / f64::from(BATCH);
        (each(&self.encode), each(&self.decode))
    }
}

fn nanoseconds_since(start: Instant) -> Outcome<u32> {
    Ok(u32::try_from(start.elapsed().as_nanos())?)
}

struct Ours {
    session: HubSession,
    reader: FrameReader,
    bytes: Vec<u8>,
}

impl Ours {
    fn batch(&mut self, message: &ToSlave) -> Outcome<(u32, u32)> {
        self.bytes.clear();
        let start = Instant::now();
        for _ in 0..BATCH {
            self.session.write(black_box(message), &mut self.bytes)?;
        }
        let encode = nanoseconds_since(start)?;
        let space = self.reader.space().get_mut(..self.bytes.len()).ok_or("a batch fits one read")?;
        space.copy_from_slice(&self.bytes);
        self.reader.filled(self.bytes.len());
        let start = Instant::now();
        for _ in 0..BATCH {
            let decoded = self.reader.next_message::<ToSlave>()?;
            if black_box(decoded).as_ref() != Some(message) {
                return Err("what was decoded is not what was encoded".into());
            }
        }
        Ok((encode, nanoseconds_since(start)?))
    }
}

struct Json {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Json {
    fn batch(&mut self, message: &ToSlave) -> Outcome<(u32, u32)> {
        self.bytes.clear();
        self.ends.clear();
        let start = Instant::now();
        for _ in 0..BATCH {
            serde_json::to_writer(&mut self.bytes, black_box(message))?;
            self.ends.push(self.bytes.len());
        }
        let encode = nanoseconds_since(start)?;
        let start = Instant::now();
        let mut from = 0;
        for end in &self.ends {
            let decoded: ToSlave = serde_json::from_slice(&self.bytes[from..*end])?;
            if black_box(&decoded) != message {
                return Err("what was decoded is not what was encoded".into());
            }
            from = *end;
        }
        Ok((encode, nanoseconds_since(start)?))
    }
}
