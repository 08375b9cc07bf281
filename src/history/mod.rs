//! A manager's own exported history, read into positions: signal CSV, order-book CSV, MetaTrader 5 HTML report.
