//! From the master's commit to the return of the slave's wait, against a bare Unix socket between the same two
//! processes.
//!
//! `cargo bench --bench latency`, with `-- --quick` for a smoke test. What is measured holds the comparison of
//! states, the allocation, the encoding, the socket, the decoding and the slave's own checks. Paced: the sender
//! sleeps 500 µs before each sample. Nothing is pinned.

#[cfg(unix)]
mod common;

#[cfg(unix)]
fn main() -> common::Outcome<()> {
    run::main()
}

#[cfg(not(unix))]
fn main() {
    println!("this benchmark compares with Unix sockets; there are none here");
}

#[cfg(unix)]
mod run {
    use std::time::Duration;

    use crate::common::stats::{Spread, is_quick, quantile, ratio_head, ratio_line};
    use crate::common::{Effort, Outcome, Pace, Round, frame, measure, serve_if_slave};

    const FULL: Effort = Effort { rounds: 11, turns: 10, samples: 50, attacked: false };
    const QUICK: Effort = Effort { rounds: 3, turns: 4, samples: 25, attacked: false };
    const PACE: Pace = Pace { pause: Duration::from_micros(500), span: Duration::from_micros(300) };

    type Samples = fn(&Round) -> &[u32];

    const RAW: Samples = |round| &round.raw;
    const OPEN: Samples = |round| &round.open;
    const CLOSE: Samples = |round| &round.close;

    pub fn main() -> Outcome<()> {
        if serve_if_slave()? {
            return Ok(());
        }
        let effort = if is_quick() { QUICK } else { FULL };
        let rounds = measure(1, effort, PACE)?;
        println!(
            "Master's commit to the return of the slave's wait: two processes, {} samples a round, {} µs pause, \
             {} bytes",
            effort.turns * effort.samples,
            PACE.pause.as_micros(),
            frame::frame()?.len(),
        );
        println!("\n{:<34}{:>8}{:>8}   median of rounds", "µs", "p50", "p99");
        let lines =
            [("bare Unix socket", RAW), ("LotBridge, a new position", OPEN), ("LotBridge, its close", CLOSE)];
        for (what, samples) in lines {
            let micros =
                |percent| Spread::of(rounds.iter().map(|r| quantile(samples(r), percent) / 1_000.0)).median;
            println!("{what:<34}{:>8.1}{:>8.1}", micros(50), micros(99));
        }
        println!("\n{}", ratio_head("ratio to the bare socket", rounds.len()));
        let ratios = |samples: Samples, percent| {
            Spread::of(rounds.iter().map(|r| quantile(samples(r), percent) / quantile(RAW(r), percent)))
        };
        println!("{}", ratio_line("a new position, p50", ratios(OPEN, 50), Some(1.2)));
        println!("{}", ratio_line("a new position, p99", ratios(OPEN, 99), Some(1.5)));
        println!("{}", ratio_line("its close, p50", ratios(CLOSE, 50), Some(1.2)));
        println!("{}", ratio_line("its close, p99", ratios(CLOSE, 99), Some(1.5)));
        Ok(())
    }
}
