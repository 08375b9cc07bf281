//! Pools of any method that a configuration offers, with any of its options, drawn from a seed.

use super::super::random::Random;
use super::SLAVES;

/// Formulas that [`super::super::sizes`] works out once more.
pub const FORMULAS: [&str; 3] = [
    "min(master_lots * equity / master_equity * profile, 0.6)",
    "if stop_distance > 0 { min(equity * 0.002 / (stop_distance / tick_size * tick_value), 1) } else { 0.02 }",
    "floor(balance / 1000) * 0.01 + master_lots * 0.1",
];

/// Two kinds of weight or more, and what members need for them.
const BLENDS: [(&str, bool, bool); 4] = [
    (r#"{"equity": "0.7", "equal": "0.3"}"#, false, false),
    (r#"{"balance": "0.5", "percent": "0.25", "risk_weight": "0.25"}"#, true, true),
    (r#"{"equity": "0.3333", "balance": "0.6667"}"#, false, false),
    (r#"{"equal": "0.1", "risk_weight": "0.9"}"#, false, true),
];

/// What a method's members have beside their logins.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent options")]
struct Needs {
    lots: bool,
    percent: bool,
    weight: bool,
    /// Their profiles would not be used.
    no_profile: bool,
}

/// One pool or two; `more` is what every pool has beside.
pub fn drawn(random: &mut Random, more: &str) -> String {
    let all = pool(random, "drawn", more, None);
    if random.per_mille(600) {
        return format!("[{all}]");
    }
    let left_out = random.per_mille(500).then(|| random.place(SLAVES.len()));
    format!("[{all}, {}]", pool(random, "also", more, left_out))
}

/// Of all slaves, or of all but one.
/// Each kind of filter now and then; those by the hour about the midnight that every run begins at.
const FILTERS: [(&str, [&str; 5]); 5] = [
    (
        "symbols",
        [r#"["*USD", "!EUR*"]"#, r#"["XAU*"]"#, r#"["!XAUUSD"]"#, r#"["EURUSD", "X*U*D"]"#, r#"["EUR*"]"#],
    ),
    (
        "magic",
        [
            "[0]",
            r#"[15, {"from": 25, "to": 30}]"#,
            r#"[{"from": 1, "to": 29}]"#,
            "[30, 0]",
            r#"[{"from": 0, "to": 15}]"#,
        ],
    ),
    ("side", [r#""buy""#, r#""sell""#, r#""both""#, r#""buy""#, r#""sell""#]),
    ("comments", [r#"["EA1*"]"#, r#"["!EA1*"]"#, r#"["*2", "EA1 s*p"]"#, r#"["!*2"]"#, r#"["EA*", "!EA1"]"#]),
    (
        "hours",
        [
            r#"[{"days": ["sun"], "from": "23:00", "to": "24:00"}]"#,
            r#"[{"days": ["mon", "fri"], "from": "00:00", "to": "12:00"}]"#,
            r#"[{"days": ["sun"], "from": "23:30", "to": "00:01"}]"#,
            r#"[{"from": "00:01", "to": "00:00"}]"#,
            r#"[{"days": ["sat"], "from": "23:59", "to": "10:00"}, {"from": "00:00", "to": "23:59"}]"#,
        ],
    ),
];

fn filter(random: &mut Random) -> String {
    let mut parts = Vec::new();
    for (kind, options) in &FILTERS {
        if random.per_mille(200) {
            parts.push(format!(r#""{kind}": {}"#, random.pick(options)));
        }
    }
    parts.join(", ")
}

fn pool(random: &mut Random, name: &str, more: &str, left_out: Option<usize>) -> String {
    let (allocation, needs) = allocation(random);
    let late = *random.pick(&["skip", "not_worse", "always"]);
    let members = members(random, &needs, left_out);
    let filter = filter(random);
    format!(
        r#"{{"name": "{name}", "late_copies": "{late}", "filter": {{{filter}}}, {more}
            "allocation": {{{allocation}}}, "members": [{members}]}}"#
    )
}

fn members(random: &mut Random, needs: &Needs, left_out: Option<usize>) -> String {
    let logins = || SLAVES.iter().enumerate().filter(|(at, _)| Some(*at) != left_out);
    let percentages: &[&str] = if left_out.is_some() { &["62.5", "37.5"] } else { &["50", "30", "20"] };
    let mut members = Vec::new();
    for ((_, login), percent) in logins().zip(percentages) {
        let mut member = vec![format!(r#""login": {}"#, login.0)];
        if needs.lots {
            member.push(format!(r#""lots": "{}""#, random.pick(&["0.01", "0.05", "0.17", "0.40"])));
        } else if !needs.no_profile && random.per_mille(500) {
            member.push(format!(r#""profile": "{}""#, random.pick(&["0.1", "0.5", "1.25", "3"])));
        }
        if needs.percent {
            member.push(format!(r#""percent": "{percent}""#));
        }
        if needs.weight {
            member.push(format!(r#""weight": "{}""#, random.pick(&["1", "2.5", "7"])));
        }
        members.push(format!("{{{}}}", member.join(", ")));
    }
    members.join(", ")
}

/// A method with its options, and what its members need for it.
fn allocation(random: &mut Random) -> (String, Needs) {
    let mut needs = Needs::default();
    let flag = |random: &mut Random, name: &str| {
        if random.per_mille(250) { format!(r#", "{name}": false"#) } else { String::new() }
    };
    let allocation = match random.between(0, 9) {
        0 => {
            needs.lots = true;
            let per = random.pick(&["trade", "master_lot"]);
            format!(r#""method": "fixed_lots", "per": "{per}""#)
        }
        1 => format!(r#""method": "multiplier"{}"#, flag(random, "contract_size")),
        2 | 3 => {
            let method = random.pick(&["balance_ratio", "equity_ratio", "free_margin_ratio"]);
            let (contract_size, leverage) = (flag(random, "contract_size"), flag(random, "leverage"));
            format!(r#""method": "{method}"{contract_size}{leverage}"#)
        }
        4 | 5 => {
            let percent = random.pick(&["0.05", "0.2", "0.5"]);
            format!(r#""method": "risk_percent", "percent": "{percent}""#)
        }
        6 => {
            let by = *random.pick(&["equity", "balance", "percent", "equal", "risk_weight"]);
            (needs.percent, needs.weight) = (by == "percent", by == "risk_weight");
            format!(r#""method": "block", "by": "{by}"{}"#, block(random))
        }
        7 => {
            let (blend, percent, weight) = *random.pick(&BLENDS);
            (needs.percent, needs.weight) = (percent, weight);
            format!(r#""method": "hybrid", "blend": {blend}{}"#, block(random))
        }
        _ => {
            let formula = random.pick(&FORMULAS);
            needs.no_profile = !formula.contains("profile");
            format!(r#""method": "formula", "expression": "{formula}""#)
        }
    };
    (allocation, needs)
}

/// What blocks have in common; as often as not nothing special.
fn block(random: &mut Random) -> String {
    let mut options = Vec::new();
    if random.per_mille(600) {
        options.push(format!(r#", "block_multiplier": "{}""#, random.pick(&["0.35", "2", "3.5"])));
    }
    let residual = random.pick(&["largest_remainder", "largest_account", "carry"]);
    options.push(format!(r#", "residual": "{residual}""#));
    if random.per_mille(400) {
        options.push(format!(r#", "excess": "{}""#, random.pick(&["others", "remainder"])));
    }
    options.concat()
}
