//! Tables that a trader can read: when, what is done, what comes of it.

mod accounts;
mod checks;
mod close_by;
mod faults;
mod netting;
mod orders;
mod pending;
mod properties;
mod quotes;
mod recorded;
mod rules;

use std::fmt::Write;

use super::{
    BalanceOperation, Charges, Faults, RecordedClose, RecordedOpen, StatementLine, Terminal, TerminalError,
    TerminalSettings,
};
use crate::domain::{
    Deal, DealEntry, Expiration, Filling, Instrument, Login, Lots, Magic, MarginMode, Money, OrderAction,
    OrderRequest, OrderResult, PendingKind, PendingOrder, PendingTerms, PositionId, Price, Rate, Ratio,
    Retcode, ServerTime, Side, Symbol, TradeRules, text,
};

/// Monday, 2024-01-01, 00:00.
const MONDAY_MS: i64 = 1_704_067_200_000;
const DAY_MS: i64 = 86_400_000;

pub(super) fn of<T: std::str::FromStr>(value: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    value.parse().unwrap_or_else(|e| panic!("\"{value}\": {e:?}"))
}

fn gold() -> Instrument {
    Instrument {
        symbol: text("XAUUSD").unwrap(),
        digits: 2,
        contract_size: of("100"),
        tick_size: of("0.01"),
        tick_value: of("1"),
        lots_min: of("0.01"),
        lots_max: of("20"),
        lot_step: of("0.01"),
        margin_per_lot: Money::ZERO,
        stops_level_points: 50,
        bid: Price::ZERO,
        ask: Price::ZERO,
        trading: TradeRules::default(),
    }
}

/// USDJPY on an account in dollars: a tick of 0.001 yen is worth 100 yen per lot, about 0.67 dollars.
fn yen() -> Instrument {
    Instrument {
        symbol: text("USDJPY").unwrap(),
        digits: 3,
        contract_size: of("100000"),
        tick_size: of("0.001"),
        tick_value: of("0.66666667"),
        lots_min: of("0.1"),
        lots_max: of("100"),
        lot_step: of("0.1"),
        stops_level_points: 0,
        ..gold()
    }
}

fn settings() -> TerminalSettings {
    TerminalSettings {
        login: Login(5001),
        currency: text("USD").unwrap(),
        currency_digits: 2,
        margin_mode: MarginMode::Hedging,
        leverage: 100,
        opening_balance: of("10000"),
        seed: 1,
        slippage_points_max: 0,
        delay_ms_max: 0,
        stop_out_percent: None,
        pending_orders_max: 0,
        stops_after_opening: false,
        sessions: Vec::new(),
        faults: Faults::default(),
    }
}

fn terminal_with(settings: TerminalSettings) -> Terminal {
    let mut terminal = Terminal::new(settings).unwrap();
    terminal.add_instrument(gold()).unwrap();
    terminal.add_instrument(yen()).unwrap();
    terminal
}

/// 10,000 USD at 1:100; XAUUSD and USDJPY; no charges, no slippage, no stop-out.
pub(super) fn terminal() -> Terminal {
    terminal_with(settings())
}

fn charges(commission: &str, long: &str, short: &str) -> Charges {
    Charges { commission_per_lot: of(commission), swap_long_per_lot: of(long), swap_short_per_lot: of(short) }
}

/// `mon 10:00`, or `wed+1 00:00` for a week later.
pub(super) fn moment(when: &str) -> ServerTime {
    let (day, clock) = when.split_once(' ').unwrap();
    let (day, week) = day.split_once('+').unwrap_or((day, "0"));
    let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|d| *d == day).unwrap();
    let (hour, minute) = clock.split_once(':').unwrap();
    let minutes = of::<i64>(hour) * 60 + of::<i64>(minute);
    let days = i64::try_from(day).unwrap() + 7 * of::<i64>(week);
    ServerTime(MONDAY_MS + days * DAY_MS + minutes * 60_000)
}

/// Plays a table of `when | what | what comes of it` lines; an empty `when` is the line before's.
///
/// | what | |
/// | --- | --- |
/// | `quote SYMBOL BID ASK`, `pass` | the deals it made |
/// | `buy`/`sell SYMBOL LOTS`, `close SYMBOL TICKET LOTS`, `modify SYMBOL TICKET`; then any of `sl= tp= price= dev= magic= fill=ioc/return` | ticket and price, or the refusal |
/// | `buy-limit`, `sell-stop`, `buy-stop-limit`, … `SYMBOL LOTS PRICE`, `amend SYMBOL TICKET PRICE`; then any of `limit= sl= tp= magic= until=today/mon_10:00/day:mon_10:00`; `cancel SYMBOL TICKET` | the order's ticket, or the refusal |
/// | `close-by TICKET TICKET` | as for a close |
/// | `orders`, `past` | the pending orders that wait; those that are over |
/// | `cash AMOUNT`, `account`, `drawdown`, `position TICKET`, `stops TICKET` | the facts |
pub(super) fn play(terminal: &mut Terminal, table: &str) {
    let mut time = moment("mon 00:00");
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [when, what, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        if !when.is_empty() {
            time = moment(when);
        }
        let words: Vec<&str> = what.split_whitespace().collect();
        let came = act(terminal, time, &words);
        assert_eq!(came, expected, "in the line: {line}");
    }
}

fn act(terminal: &mut Terminal, time: ServerTime, words: &[&str]) -> String {
    let made = |deals: Result<Vec<Deal>, TerminalError>| match deals {
        Ok(deals) => deals.iter().map(deal_text).collect::<Vec<_>>().join("; "),
        Err(e) => e.to_string(),
    };
    match words {
        ["quote", symbol, bid, ask] => made(terminal.quote(time, symbol, of(bid), of(ask))),
        ["pass"] => made(terminal.pass_time(time)),
        ["cash", amount] => {
            terminal.balance_operation(time, of(amount)).unwrap();
            account_text(terminal)
        }
        ["account"] => account_text(terminal),
        ["drawdown"] => {
            let drawdown = terminal.drawdown();
            format!("peak {} amount {} percent {}", drawdown.peak, drawdown.amount, drawdown.percent)
        }
        ["position", ticket] => match terminal.positions().find(|p| p.position.ticket == of::<u64>(ticket)) {
            Some(p) => {
                format!("{} lots {} profit {} swap {}", p.position.side, p.position.lots, p.profit, p.swap)
            }
            None => "none".into(),
        },
        ["stops", ticket] => {
            let open = terminal.positions().find(|p| p.position.ticket == of::<u64>(ticket)).unwrap();
            stops_text(open.position.stop_loss, open.position.take_profit)
        }
        ["orders"] => terminal.orders().map(order_text).collect::<Vec<_>>().join("; "),
        ["past"] => {
            let past = terminal.past_orders(ServerTime(0));
            past.map(|o| format!("{} {:?} {}", o.ticket, o.end, o.position)).collect::<Vec<_>>().join("; ")
        }
        ["close-by", ticket, opposite] => result_text(&terminal.close_by(time, of(ticket), of(opposite))),
        _ => result_text(&terminal.order_send(time, &request(words)).result),
    }
}

fn result_text(result: &OrderResult) -> String {
    let OrderResult { retcode, deal, ticket, lots, price } = result;
    let prefix = match *retcode {
        Retcode::DONE => "done",
        Retcode::DONE_PARTIAL => "part",
        Retcode::PLACED if *ticket != 0 => "placed",
        refused => {
            assert_eq!(*result, OrderResult::refused(refused));
            return refused.text().into();
        }
    };
    if *deal == 0 { format!("{prefix} {ticket}") } else { format!("{prefix} {ticket} {lots} @ {price}") }
}

/// `1 buy limit 0.10 @ 1990 sl 1980 tp -`
fn order_text(order: &PendingOrder) -> String {
    let PendingOrder { ticket, side, kind, lots, terms, .. } = order;
    let kind = match kind {
        PendingKind::Limit => "limit".into(),
        PendingKind::Stop => "stop".into(),
        PendingKind::StopLimit => format!("stop limit {}", terms.limit_price.unwrap()),
    };
    let stops = stops_text(terms.stop_loss, terms.take_profit);
    format!("{ticket} {side} {kind} {lots} @ {} {stops}", terms.price)
}

fn stops_text(stop_loss: Option<Price>, take_profit: Option<Price>) -> String {
    let show = |price: Option<Price>| price.map_or("-".into(), |price| price.to_string());
    format!("sl {} tp {}", show(stop_loss), show(take_profit))
}

fn request(words: &[&str]) -> OrderRequest {
    let (plain, options): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| !word.contains('='));
    let option = |name: &str| options.iter().find_map(|o| o.strip_prefix(name)?.strip_prefix('='));
    let (stop_loss, take_profit) = (option("sl").map(of), option("tp").map(of));
    let terms = |price: &str| PendingTerms {
        price: of(price),
        limit_price: option("limit").map(of),
        stop_loss,
        take_profit,
        expiration: option("until").map_or(Expiration::Gtc, expiration),
    };
    let (symbol, action, lots) = match plain[..] {
        ["buy", symbol, lots] => {
            (symbol, OrderAction::Open { side: Side::Buy, stop_loss, take_profit }, lots)
        }
        ["sell", symbol, lots] => {
            (symbol, OrderAction::Open { side: Side::Sell, stop_loss, take_profit }, lots)
        }
        ["close", symbol, ticket, lots] => (symbol, OrderAction::Close { ticket: of(ticket) }, lots),
        ["modify", symbol, ticket] => {
            (symbol, OrderAction::Modify { ticket: of(ticket), stop_loss, take_profit }, "0")
        }
        ["amend", symbol, ticket, price] => {
            (symbol, OrderAction::ModifyPending { ticket: of(ticket), terms: terms(price) }, "0")
        }
        ["cancel", symbol, ticket] => (symbol, OrderAction::Cancel { ticket: of(ticket) }, "0"),
        [order, symbol, lots, price] => {
            let (side, kind) = order.split_once('-').unwrap_or_else(|| panic!("unknown command: {words:?}"));
            let side = if side == "buy" { Side::Buy } else { Side::Sell };
            let kind = match kind {
                "limit" => PendingKind::Limit,
                "stop" => PendingKind::Stop,
                "stop-limit" => PendingKind::StopLimit,
                _ => panic!("unknown kind of order: {kind}"),
            };
            (symbol, OrderAction::Place { side, kind, terms: terms(price) }, lots)
        }
        _ => panic!("unknown command: {words:?}"),
    };
    OrderRequest {
        symbol: text(symbol).unwrap(),
        action,
        lots: of(lots),
        price: of(option("price").unwrap_or("0")),
        deviation_points: of(option("dev").unwrap_or("0")),
        magic: Magic(of(option("magic").unwrap_or("0"))),
        filling: match option("fill") {
            None | Some("fok") => Filling::FillOrKill,
            Some("ioc") => Filling::ImmediateOrCancel,
            Some("return") => Filling::Return,
            Some(other) => panic!("unknown filling: {other}"),
        },
    }
}

fn expiration(until: &str) -> Expiration {
    let at = |moment_text: &str| moment(&moment_text.replace('_', " "));
    match until.split_once("day:") {
        _ if until == "today" => Expiration::Day,
        Some((_, day)) => Expiration::SpecifiedDay(at(day)),
        None => Expiration::Specified(at(until)),
    }
}

fn deal_text(deal: &Deal) -> String {
    let entry = match deal.entry {
        DealEntry::In => "in",
        DealEntry::Out => "out",
        DealEntry::InOut => "inout",
        DealEntry::OutBy => "out-by",
    };
    let Deal { position, side, lots, price, profit, .. } = deal;
    let mut shown = format!("{entry} {position} {side} {lots} @ {price} profit {profit}");
    for (name, charge) in [("commission", deal.commission), ("swap", deal.swap)] {
        if !charge.is_zero() {
            write!(shown, " {name} {charge}").unwrap();
        }
    }
    shown
}

fn account_text(terminal: &Terminal) -> String {
    let a = terminal.account();
    format!("balance {} equity {} margin {} free {}", a.balance, a.equity, a.margin, a.free_margin)
}

fn deals_text(terminal: &Terminal) -> Vec<String> {
    terminal.deals().iter().map(deal_text).collect()
}

/// 0.01 lots of gold bought at 2,000, as a history has it.
pub(super) fn opening_of_gold(id: u64, time: ServerTime) -> RecordedOpen {
    RecordedOpen {
        id: PositionId(id),
        time,
        symbol: gold().symbol,
        side: Side::Buy,
        lots: of("0.01"),
        price: of("2000"),
        stop_loss: None,
        take_profit: None,
        magic: Magic(3),
        commission: Money::ZERO,
    }
}
