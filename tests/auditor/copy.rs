//! One `copy` object of a replay report, as the auditor reads it: exact numbers, nothing of the allocation's types.

use std::fmt;

use serde::Deserialize;

use super::number::Number;

/// One member's entry for one position of the master.
#[derive(Debug, Clone, Deserialize)]
pub struct Copy {
    pub login: u64,
    pub pool: String,
    pub master_position: u64,
    pub symbol: String,
    pub master_lots: Number,
    pub opened_lots: Number,
    pub closed_lots: Number,
    pub open_time: Option<serde_json::Value>,
    pub close_time: Option<serde_json::Value>,
    pub skip: Option<String>,
    pub decision: Decision,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Decision {
    pub method: String,
    pub facts: Facts,
    pub lots_before_rounding: Option<Number>,
    pub rounding: Rounding,
    pub caps: Vec<Cap>,
    pub skip: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Rounding {
    pub policy: String,
    pub step: Number,
    pub lots: Number,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Cap {
    pub limit: String,
    pub lots: Number,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Facts {
    pub master_lots: Number,
    pub profile: Number,
    pub lots_min: Number,
    pub lots_max: Number,
    pub lot_step: Number,
    pub symbol_factor: Option<Number>,
    pub lots: Option<Number>,
    pub per: Option<String>,
    pub master_size: Option<Number>,
    pub size: Option<Number>,
    pub rate: Option<Number>,
    #[serde(default)]
    pub rate_inverse: bool,
    pub master_contract_size: Option<Number>,
    pub contract_size: Option<Number>,
    pub master_leverage: Option<u32>,
    pub leverage: Option<u32>,
    pub percent: Option<Number>,
    pub entry: Option<Number>,
    pub stop_loss: Option<Number>,
    pub tick_size: Option<Number>,
    pub tick_value: Option<Number>,
    pub block_multiplier: Option<Number>,
    pub weight: Option<u64>,
    pub total_weight: Option<u64>,
    pub blend: Option<Vec<BlendPart>>,
    pub credit: Option<i64>,
    pub cap: Option<Number>,
    pub formula: Option<Formula>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct BlendPart {
    pub kind: String,
    pub coefficient: Number,
    pub weight: u64,
    pub total: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Formula {
    pub variables: std::collections::BTreeMap<String, String>,
    pub error: Option<String>,
}

/// Something that the auditor finds otherwise than the report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub pool: String,
    pub master_position: u64,
    pub login: u64,
    /// Which field or rule.
    pub what: String,
    pub found: String,
    pub expected: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pool, master_position, login, what, found, expected } = self;
        write!(
            f,
            "pool {pool}, position {master_position}, login {login}: {what} is {found}, expected {expected}"
        )
    }
}

impl Copy {
    pub fn difference(
        &self,
        what: &str,
        found: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Difference {
        Difference {
            pool: self.pool.clone(),
            master_position: self.master_position,
            login: self.login,
            what: what.to_owned(),
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }

    /// Did the copy come to nothing for a reason that may come up after its size was worked out?
    pub fn skipped_after_sizing(&self) -> bool {
        self.decision.skip.as_deref().is_some_and(|reason| {
            // A guard may trip at any moment.
            let guarded = reason.starts_with("guard_");
            guarded
                || matches!(
                    reason,
                    "stale_facts"
                        | "not_connected"
                        | "too_late"
                        | "price_moved"
                        | "master_closed"
                        | "late_join"
                        | "not_supported"
                        | "margin_buffer"
                        | "limit_lots_per_trade"
                        | "limit_lots_per_symbol"
                        | "limit_lots_total"
                        | "limit_open_copies"
                        | "trade_mode"
                        | "volume_limit"
                )
        })
    }
}
