//! The shared real files, where they are.

use std::path::PathBuf;

use crate::domain::{Money, Side};
use crate::history::{Event, Format, History, HistoryError, instruments, read_file, tick_value_at, timeline};

/// The history in a shared file; `None`, and a line that says so, where it is absent.
fn shared(name: &str) -> Option<History> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: data not found ({})", path.display());
        return None;
    }
    Some(read_file(&path).unwrap())
}

#[test]
fn scratch() {
    for entry in std::fs::read_dir("/tmp/hx").unwrap() {
        let path = entry.unwrap().path();
        match read_file(&path) {
            Ok(h) => {
                println!(
                    "{path:?} {:?} login {:?} {:?} lev {:?} open {:?} pos {} pend {} ops {} notes {:?}",
                    h.format,
                    h.login,
                    h.currency,
                    h.leverage,
                    h.opening_balance,
                    h.positions.len(),
                    h.pending_orders,
                    h.balance_operations.len(),
                    h.notes
                );
                println!("{:?}", instruments(&h));
                let exits: usize = h.positions.iter().map(|p| p.exits.len()).sum();
                println!("exits {exits} steps {}", timeline(&h).len());
            }
            Err(e) => println!("{path:?} ERR {e}"),
        }
    }
    for n in ["signal-gold-positions.csv", "signal-gold-orderbook.csv", "tester-report.html"] {
        let h = shared(n).unwrap();
        println!(
            "{n} {:?} login {:?} {:?} lev {:?} open {:?} pos {} pend {} ops {:?} notes {:?}",
            h.format,
            h.login,
            h.currency,
            h.leverage,
            h.opening_balance,
            h.positions.len(),
            h.pending_orders,
            h.balance_operations,
            h.notes
        );
        println!("{:?}", instruments(&h));
    }
}
