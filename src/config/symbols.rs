//! How a slave's broker names the master's symbols.

use std::collections::BTreeMap;

use crate::domain::{Ratio, Symbol};

/// A slave's symbol for one of the master's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaveSymbol {
    /// Its name.
    pub name: Symbol,
    /// How many lots of it stand for one of the master's, contract sizes aside; positive.
    pub factor: Ratio,
}

/// How a slave's broker names the master's symbols: `XAUUSD` is `GOLD`, all others have a suffix `.a`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SymbolMap {
    /// From the master's name to the slave's symbol; comes before prefix and suffix.
    pub map: BTreeMap<Symbol, SlaveSymbol>,
    /// Put before every other name.
    pub prefix: Symbol,
    /// Put after every other name.
    pub suffix: Symbol,
}

impl SymbolMap {
    /// The slave's name of a master's symbol; `None` when prefix and suffix make it longer than the 32 bytes that
    /// a symbol has, so that no broker can have it.
    pub fn to_slave(&self, master_symbol: Symbol) -> Option<Symbol> {
        if let Some(named) = self.map.get(&master_symbol) {
            return Some(named.name);
        }
        let mut name = self.prefix;
        name.try_push_str(&master_symbol).ok()?;
        name.try_push_str(&self.suffix).ok()?;
        Some(name)
    }

    /// How many lots of the slave's symbol stand for one of the master's, contract sizes aside; one unless an entry
    /// says otherwise.
    pub fn factor(&self, master_symbol: Symbol) -> Ratio {
        self.map.get(&master_symbol).map_or(Ratio::UNIT, |named| named.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text;

    #[test]
    fn an_entry_comes_before_prefix_and_suffix() {
        let symbol = |name: &str| text::<32>(name).unwrap();
        let plain = SymbolMap::default();
        let named = SymbolMap {
            map: [
                (symbol("XAUUSD"), SlaveSymbol { name: symbol("GOLD"), factor: Ratio::UNIT }),
                (symbol("DJ30"), SlaveSymbol { name: symbol("US30"), factor: "0.1".parse().unwrap() }),
            ]
            .into(),
            prefix: symbol("m"),
            suffix: symbol(".a"),
        };
        let long = "A".repeat(29);
        for (map, master, slave, factor) in [
            (&plain, "EURUSD", Some("EURUSD"), "1"),
            (&named, "EURUSD", Some("mEURUSD.a"), "1"),
            (&named, "XAUUSD", Some("GOLD"), "1"),
            (&named, "XAUUSDx", Some("mXAUUSDx.a"), "1"),
            (&named, "DJ30", Some("US30"), "0.1"),
            (&named, &long, Some(format!("m{long}.a").as_str()), "1"),
            (&named, &"A".repeat(30), None, "1"),
        ] {
            assert_eq!(map.to_slave(symbol(master)), slave.map(symbol), "{master}");
            assert_eq!(map.factor(symbol(master)), factor.parse().unwrap(), "{master}");
        }
    }
}
