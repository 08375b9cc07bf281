use super::*;
use crate::domain::{Comment, Expiration, Lots, Magic, PendingKind, PendingTerms, PositionId, Price, text};

fn patterns(written: &str) -> Patterns {
    Patterns(written.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn names_by_pattern() {
    for (written, taken, left) in [
        ("", "EURUSD XAUUSD", ""),
        ("EURUSD", "EURUSD", "EURUSD.r eurusd XEURUSD"),
        ("XAU* XAG*", "XAUUSD XAGEUR XAU", "EURUSD AXAU"),
        ("*USD", "EURUSD USD", "USDJPY"),
        ("X*U*D", "XAUUSD XUD", "XAUUS"),
        ("!XAU*", "EURUSD AXAU", "XAUUSD XAU"),
        ("XA* !XAUEUR !*.r", "XAUUSD XAGUSD", "XAUEUR XAUUSD.r EURUSD"),
        ("!XAG* XA*", "XAUUSD", "XAGUSD EURUSD"),
    ] {
        for (names, takes) in [(taken, true), (left, false)] {
            for name in names.split_whitespace() {
                assert_eq!(patterns(written).takes(name), takes, "{written:?} of {name}");
            }
        }
    }
    assert!(
        patterns("!EA*").takes("") && !patterns("EA*").takes("") && patterns("*").takes(""),
        "no comment"
    );
    let both = patterns("XA* !XAUEUR EURUSD");
    assert_eq!(both.taking().collect::<Vec<_>>(), ["XA*", "EURUSD"]);
    assert_eq!(both.to_string(), "XA*, !XAUEUR, EURUSD");
}

/// The moment of a weekday of the week that began on Monday, 5 January 1970.
fn at(weekday: i64, clock: &str) -> ServerTime {
    let (hours, rest) = clock.split_once(':').unwrap();
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
    let [hours, minutes, seconds] = [hours, minutes, seconds].map(|part| part.parse::<i64>().unwrap());
    ServerTime::from_secs((4 + weekday) * 86_400 + hours * 3_600 + minutes * 60 + seconds)
}

#[test]
fn an_interval_begins_on_its_days_and_may_end_on_the_next() {
    let week = |days: &str| ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| days.contains(day));
    let all = week("mon tue wed thu fri sat sun");
    let (day, night, whole) = ((480, 1_020), (1_320, 360), (0, DAY_MINUTES));
    for (days, (from, to), weekday, clock, covers) in [
        (all, day, 0, "07:59:59", false),
        (all, day, 0, "08:00", true),
        (all, day, 6, "16:59:59", true),
        (all, day, 6, "17:00", false),
        (week("mon tue"), day, 1, "12:00", true),
        (week("mon tue"), day, 2, "12:00", false),
        (all, night, 3, "21:59:59", false),
        (all, night, 3, "22:00", true),
        (all, night, 3, "05:59:59", true),
        (all, night, 3, "06:00", false),
        (week("fri"), night, 4, "23:00", true),
        (week("fri"), night, 5, "05:00", true),
        (week("fri"), night, 4, "05:00", false),
        (week("fri"), night, 5, "23:00", false),
        (week("sun"), night, 0, "05:00", true),
        (week("sat"), whole, 5, "00:00", true),
        (week("sat"), whole, 5, "23:59:59", true),
        (week("sat"), whole, 6, "00:00", false),
        (week("sat"), (1_320, 0), 5, "23:59", true),
        (week("sat"), (1_320, 0), 6, "00:00", false),
        // From a time of day to the same on the next.
        (week("fri"), (480, 480), 4, "07:59:59", false),
        (week("fri"), (480, 480), 4, "08:00", true),
        (week("fri"), (480, 480), 5, "07:59:59", true),
        (week("fri"), (480, 480), 5, "08:00", false),
    ] {
        let hours = Hours { days, from, to };
        assert_eq!(hours.covers(at(weekday, clock)), covers, "{hours}: {weekday} {clock}");
        // A day before 1970, and one of our time, on the same weekday.
        for weeks in [-600, 2_900] {
            let time = ServerTime(at(weekday, clock).0 + weeks * 604_800_000);
            assert_eq!(hours.covers(time), covers, "{hours}: {time:?}");
        }
    }
    assert_eq!(Hours { days: week("mon fri"), from: 485, to: 1_440 }.to_string(), "mon fri 08:05 to 24:00");
}

#[test]
fn a_trade_is_taken_when_everything_fits() {
    let filter = PoolFilter {
        symbols: patterns("XAU*"),
        magic: vec![7..=7, 100..=199],
        side: SideFilter::Buy,
        comments: patterns("EA1*"),
        hours: vec![
            Hours { days: [true; 7], from: 480, to: 600 },
            Hours { days: [true; 7], from: 720, to: 780 },
        ],
    };
    let good =
        Candidate { symbol: "XAUUSD", magic: 7, side: Side::Buy, comment: "EA1 a", time: at(0, "08:00") };
    for (trade, takes) in [
        (good, true),
        (Candidate { magic: 100, ..good }, true),
        (Candidate { magic: 199, ..good }, true),
        (Candidate { time: at(2, "12:30"), ..good }, true),
        (Candidate { symbol: "XAGUSD", ..good }, false),
        (Candidate { magic: 6, ..good }, false),
        (Candidate { magic: 8, ..good }, false),
        (Candidate { magic: 99, ..good }, false),
        (Candidate { magic: 200, ..good }, false),
        (Candidate { side: Side::Sell, ..good }, false),
        (Candidate { comment: "", ..good }, false),
        (Candidate { comment: "EA2", ..good }, false),
        (Candidate { time: at(0, "11:00"), ..good }, false),
    ] {
        assert_eq!(filter.takes(&trade), takes, "{trade:?}");
        assert!(PoolFilter::default().takes(&trade), "{trade:?}");
    }
}

#[test]
fn positions_and_orders_are_judged_by_their_own_facts() {
    let comment: Comment = text("EA1").unwrap();
    let lots = Lots::from_units(Lots::ONE);
    let position = Position {
        id: PositionId(1),
        ticket: 1,
        symbol: text("XAUUSD").unwrap(),
        side: Side::Sell,
        lots,
        open_price: Price::ZERO,
        open_time: ServerTime(5),
        stop_loss: None,
        take_profit: None,
        magic: Magic(3),
        comment,
    };
    let terms = PendingTerms {
        price: Price::ZERO,
        limit_price: None,
        stop_loss: None,
        take_profit: None,
        expiration: Expiration::Gtc,
    };
    let (symbol, side, kind) = (position.symbol, Side::Sell, PendingKind::Stop);
    let order = PendingOrder {
        ticket: 1,
        symbol,
        side,
        kind,
        lots,
        terms,
        placed: ServerTime(5),
        magic: Magic(3),
        comment,
    };
    for trade in [Candidate::from(&position), Candidate::from(&order)] {
        let Candidate { symbol, magic, side, comment, time } = trade;
        assert_eq!((symbol, magic, side, comment, time.0), ("XAUUSD", 3, Side::Sell, "EA1", 5));
    }
}
