//! One master's process and many slaves' processes for as long as asked: does anything grow?
//!
//! `cargo bench --bench soak -- --slaves 50 --events 100 --seconds 86400`. The master opens, modifies and closes, so many
//! events a second; every slave follows. Every ten seconds a line: resident memory, threads and open descriptors of the
//! master and of the slave that has most, copies made, and how old an order is when a slave's wait returns it (p50 and
//! p99 of the slave that has the largest). At the end, after three fifths as warm-up, a least-squares line through each: what
//! grows by more than its noise ends the program with 1. The hub remembers 65,536 positions that are over: its memory stands
//! still when it has so many: at 100 events a second after 33 minutes, which is what the warm-up of an hour is for.
//!
//! `--stall 5` holds the master up for five seconds after a third of the time; what was missed comes in one burst. The
//! lines after it tell how soon everybody has caught up.

#[cfg(target_os = "linux")]
#[path = "../fuzz/targets/facts.rs"]
mod facts;
#[cfg(target_os = "linux")]
#[path = "soak/gauge.rs"]
mod gauge;
#[cfg(target_os = "linux")]
#[path = "soak/master.rs"]
mod master;
#[cfg(target_os = "linux")]
#[path = "soak/slave.rs"]
mod slave;

/// What goes wrong ends it.
#[cfg(target_os = "linux")]
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[cfg(target_os = "linux")]
fn main() -> Outcome<()> {
    if slave::serve_if_slave()? {
        return Ok(());
    }
    let asked = |name: &str, usual: u64| -> Outcome<u64> {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        Ok(arguments.nth(1).map_or(Ok(usual), |number| number.parse())?)
    };
    let plan = master::Plan {
        slaves: asked("--slaves", 50)?,
        events: asked("--events", 100)?.clamp(1, 10_000),
        seconds: asked("--seconds", 60)?,
        stall: asked("--stall", 0)?,
    };
    let steady = master::run(plan)?;
    if !steady {
        std::process::exit(1);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("memory, threads and descriptors are read from /proc, which there is on Linux only");
}
