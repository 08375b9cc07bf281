//! Quantiles of samples, and what a number did over the rounds.

/// The smallest sample that at least `percent` of them do not exceed (nearest rank), in the samples' unit.
pub fn quantile(samples: &[u32], percent: usize) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(f64::NAN, |sample| f64::from(*sample))
}

/// What a number did over the rounds.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// The smallest.
    pub least: f64,
    /// The one in the middle, of an odd number of rounds.
    pub median: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// Of one number a round.
    pub fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        Self { least: at(0), median: at(sorted.len() / 2), most: at(sorted.len().saturating_sub(1)) }
    }
}

/// A line of a table of ratios: the spread over the rounds, and the target when there is one.
pub fn ratio_line(what: &str, ratios: Spread, target: Option<f64>) -> String {
    let Spread { least, median, most } = ratios;
    let verdict = match target {
        Some(target) if median <= target => format!("at most {target:.2}: met"),
        Some(target) => format!("at most {target:.2}: MISSED"),
        None => "-".to_owned(),
    };
    format!("{what:<34}{least:>8.2}{median:>8.2}{most:>8.2}   {verdict}")
}

/// The head of a table of ratios.
pub fn ratio_head(what: &str, rounds: usize) -> String {
    let what = format!("{what}, {rounds} rounds");
    format!("{what:<34}{:>8}{:>8}{:>8}   target (median)", "min", "median", "max")
}

/// All rounds or, for a smoke test and without `cargo bench`'s own flag, few.
pub fn is_quick() -> bool {
    let mut full = false;
    for argument in std::env::args() {
        match argument.as_str() {
            "--quick" => return true,
            "--bench" => full = true,
            _ => {}
        }
    }
    !full
}
