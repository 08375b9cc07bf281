//! From the master's commit to the return of the last of 10 and of 100 slaves' waits, against a loop that writes the
//! same bytes to as many bare Unix sockets, in the same processes.
//!
//! `cargo bench --bench fanout`, with `-- --quick` for a smoke test. Nobody reports, and nobody is asked for its
//! stamp, before the sample is over. Nothing is pinned.

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

    type Samples = fn(&Round) -> &[u32];

    const RAW: Samples = |round| &round.raw;
    const OPEN: Samples = |round| &round.open;
    const CLOSE: Samples = |round| &round.close;

    pub fn main() -> Outcome<()> {
        if serve_if_slave()? {
            return Ok(());
        }
        println!(
            "Master's commit to the return of the last slave's wait, {} bytes each",
            frame::frame()?.len()
        );
        let (rounds, turns) = if is_quick() { (3, 1) } else { (11, 8) };
        crew(10, Effort { rounds, turns, samples: 10, attacked: false }, Duration::from_millis(2))?;
        crew(100, Effort { rounds, turns, samples: 5, attacked: false }, Duration::from_millis(10))
    }

    fn crew(slaves: u32, effort: Effort, pause: Duration) -> Outcome<()> {
        let rounds = measure(slaves, effort, Pace { pause, span: pause })?;
        println!(
            "\n{slaves} slaves, a process each: {} samples a round, {} ms pause",
            effort.turns * effort.samples,
            pause.as_millis()
        );
        println!("{:<34}{:>8}{:>8}   median of rounds", "µs to the last", "p50", "p90");
        let lines = [
            ("bare Unix sockets", RAW),
            ("LotBridge, a new position", OPEN),
            ("LotBridge, its close", CLOSE),
        ];
        for (what, samples) in lines {
            let micros =
                |percent| Spread::of(rounds.iter().map(|r| quantile(samples(r), percent) / 1_000.0)).median;
            println!("{what:<34}{:>8.0}{:>8.0}", micros(50), micros(90));
        }
        println!("{}", ratio_head("ratio to the bare sockets", rounds.len()));
        let ratios = |samples: Samples, percent| {
            Spread::of(rounds.iter().map(|r| quantile(samples(r), percent) / quantile(RAW(r), percent)))
        };
        println!("{}", ratio_line("a new position, p50", ratios(OPEN, 50), Some(1.2)));
        println!("{}", ratio_line("a new position, p90", ratios(OPEN, 90), None));
        println!("{}", ratio_line("its close, p50", ratios(CLOSE, 50), Some(1.2)));
        println!("{}", ratio_line("its close, p90", ratios(CLOSE, 90), None));
        Ok(())
    }
}
