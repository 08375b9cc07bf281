//! What a process takes, and whether it grows.

use std::fs;

use super::Outcome;

/// What one process takes: resident memory in KiB, threads, open descriptors.
pub type Taken = [u64; 3];

/// Their names.
pub const NAMES: [&str; 3] = ["memory (KiB)", "threads", "descriptors"];

/// What a process takes now.
pub fn taken(process: u32) -> Outcome<Taken> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let number = |name: &str| -> Outcome<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in status")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    };
    let descriptors = fs::read_dir(format!("/proc/{process}/fd"))?.count();
    Ok([number("VmRSS:")?, number("Threads:")?, u64::try_from(descriptors)?])
}

/// The largest of each.
pub fn most(of: impl IntoIterator<Item = Taken>) -> Taken {
    of.into_iter().fold(Taken::default(), |most, one| std::array::from_fn(|at| most[at].max(one[at])))
}

/// A number over time.
#[derive(Default)]
pub struct Series(Vec<(f64, f64)>);

impl Series {
    #[expect(clippy::cast_precision_loss, reason = "KiB and counts")]
    pub fn add(&mut self, seconds: f64, number: u64) {
        self.0.push((seconds, number as f64));
    }

    /// The least-squares line's growth over the whole span, and the mean.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand samples")]
    pub fn growth(&self) -> (f64, f64) {
        let count = self.0.len().max(1) as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| self.0.iter().map(of).sum::<f64>() / count;
        let (middle, level) = (mean(|sample| sample.0), mean(|sample| sample.1));
        let spread: f64 = self.0.iter().map(|(at, _)| (at - middle).powi(2)).sum();
        let rise: f64 = self.0.iter().map(|(at, number)| (at - middle) * (number - level)).sum();
        let span = self.0.last().map_or(0.0, |last| last.0) - self.0.first().map_or(0.0, |first| first.0);
        (if spread > 0.0 { rise / spread * span } else { 0.0 }, level)
    }
}

/// Says how a number did; does it stand still? Of memory a hundredth and a half MiB is noise, of the rest one.
pub fn verdict(who: &str, what: usize, series: &Series) -> bool {
    let (growth, level) = series.growth();
    let noise = if what == 0 { 512.0 + level / 100.0 } else { 1.0 };
    let steady = growth <= noise;
    let word = if steady { "flat" } else { "GROWS" };
    println!("{who:<8}{:<14}{level:>10.0} on average, {growth:>+9.0} over the span: {word}", NAMES[what]);
    steady
}
