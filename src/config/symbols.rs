//! How a slave's broker names the master's symbols.

use std::collections::BTreeMap;

use crate::domain::Symbol;

/// How a slave's broker names the master's symbols: `XAUUSD` is `GOLD`, all others have a suffix `.a`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SymbolMap {
    /// From the master's name to the slave's; comes before prefix and suffix.
    pub map: BTreeMap<Symbol, Symbol>,
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
            return Some(*named);
        }
        let mut name = self.prefix;
        name.try_push_str(&master_symbol).ok()?;
        name.try_push_str(&self.suffix).ok()?;
        Some(name)
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
            map: [(symbol("XAUUSD"), symbol("GOLD"))].into(),
            prefix: symbol("m"),
            suffix: symbol(".a"),
        };
        let long = "A".repeat(29);
        for (map, master, slave) in [
            (&plain, "EURUSD", Some("EURUSD")),
            (&named, "EURUSD", Some("mEURUSD.a")),
            (&named, "XAUUSD", Some("GOLD")),
            (&named, "XAUUSDx", Some("mXAUUSDx.a")),
            (&named, &long, Some(format!("m{long}.a").as_str())),
            (&named, &"A".repeat(30), None),
        ] {
            assert_eq!(map.to_slave(symbol(master)), slave.map(symbol), "{master}");
        }
    }
}
