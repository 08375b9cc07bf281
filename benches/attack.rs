//! Do honest slaves notice an attack? From the master's commit to the return of a slave's wait, in quiet and while a
//! process of the same user holds a thousand connections and sends what is wrong.
//!
//! `cargo bench --bench attack`, with `-- --quick` for a smoke test. As `latency` otherwise.

#[cfg(unix)]
mod common;

#[cfg(unix)]
fn main() -> common::Outcome<()> {
    run::main()
}

#[cfg(not(unix))]
fn main() {
    println!("this benchmark attacks a Unix socket; there are none here");
}

#[cfg(unix)]
mod run {
    use std::time::Duration;

    use crate::common::stats::{Spread, is_quick, quantile, ratio_head, ratio_line};
    use crate::common::{Effort, Outcome, Pace, Round, frame, measure, serve_if_slave};

    const PACE: Pace = Pace { pause: Duration::from_micros(500), span: Duration::from_micros(500) };

    pub fn main() -> Outcome<()> {
        if serve_if_slave()? {
            return Ok(());
        }
        let (rounds, turns) = if is_quick() { (3, 4) } else { (11, 10) };
        println!("Master's commit to the return of the slave's wait, {} bytes", frame::frame()?.len());
        let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let effort = Effort { rounds: 1, turns, samples: 50, attacked: false };
            quiet.append(&mut measure(1, effort, PACE)?);
            attacked.append(&mut measure(1, Effort { attacked: true, ..effort }, PACE)?);
        }
        println!("\n{:<34}{:>8}{:>8}   median of rounds", "µs, a new position", "p50", "p99");
        let micros = |rounds: &[Round], percent| {
            Spread::of(rounds.iter().map(|round| quantile(&round.open, percent) / 1_000.0)).median
        };
        for (what, rounds) in [("in quiet", &quiet), ("under attack", &attacked)] {
            println!("{what:<34}{:>8.1}{:>8.1}", micros(rounds, 50), micros(rounds, 99));
        }
        println!("\n{}", ratio_head("under attack, against quiet", rounds));
        let ratios = |samples: fn(&Round) -> &[u32], percent| {
            let pairs = quiet.iter().zip(&attacked);
            Spread::of(pairs.map(|(quiet, attacked)| {
                quantile(samples(attacked), percent) / quantile(samples(quiet), percent)
            }))
        };
        println!("{}", ratio_line("a new position, p50", ratios(|round| &round.open, 50), None));
        println!("{}", ratio_line("a new position, p99", ratios(|round| &round.open, 99), Some(2.0)));
        println!("{}", ratio_line("its close, p99", ratios(|round| &round.close, 99), Some(2.0)));
        println!("{}", ratio_line("bare sockets, p99", ratios(|round| &round.raw, 99), None));
        Ok(())
    }
}
