//! A headless MetaTrader 5: accounts, orders, deals, fills, faults.
