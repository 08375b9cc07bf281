//! A netting account: whose shares its position is made of, and how they are closed.

use super::super::netting::Netting;
use super::*;

/// Copies by number, the investor's own deals as `hand`, another program's as `robot`.
fn magic(who: &str) -> Magic {
    match who {
        "hand" => Magic(0),
        "robot" => Magic(77),
        copy => Magic::of_copy(signature(), key(copy)),
    }
}

fn who(magic: Magic) -> String {
    match magic {
        Magic(0) => "hand".into(),
        Magic(77) => "robot".into(),
        ours => ours.copy(signature()).unwrap().position_low().to_string(),
    }
}

/// The account after these deals, `1 buy 0.10, hand sell 0.05`, of which the first `unseen` are not handed over.
pub(super) fn account(deals: &str, unseen: usize) -> Snapshot {
    let mut shown = snapshot(&["nothing"]);
    shown.account.margin_mode = MarginMode::Netting;
    let mut net = 0;
    for (at, deal) in deals.split(", ").filter(|deal| !deal.is_empty()).enumerate() {
        let [whose, side, lots] = deal.split(' ').collect::<Vec<_>>()[..] else { panic!("no deal: {deal}") };
        let (lots, side) = (of::<Lots>(lots), if side == "buy" { Side::Buy } else { Side::Sell });
        let time = ServerTime(i64::try_from(at).unwrap() * 1000);
        if net == 0 {
            shown.positions = vec![Position { open_time: time, ..position(at, magic(whose)) }];
        }
        let id = shown.positions[0].id;
        let before = net;
        net += side.sign() * lots.units();
        let entry = match (before.signum() * side.sign(), before.signum() * net.signum()) {
            (0 | 1, _) => DealEntry::In,
            (_, -1) => DealEntry::InOut,
            _ => DealEntry::Out,
        };
        shown.positions[0].side = if net < 0 { Side::Sell } else { Side::Buy };
        shown.positions[0].lots = Lots::from_units(net.abs());
        shown.deals.push(Deal {
            ticket: 1_000 + u64::try_from(at).unwrap(),
            position: id,
            symbol: text("XAUUSD").unwrap(),
            side,
            entry,
            lots,
            price: of("2000"),
            time,
            magic: magic(whose),
            commission: Money::ZERO,
            swap: Money::ZERO,
            profit: Money::ZERO,
        });
    }
    shown.positions.retain(|position| position.lots.is_positive());
    shown.deals.drain(..unseen);
    shown.account.time = ServerTime(100_000);
    shown
}

fn position(at: usize, magic: Magic) -> Position {
    Position {
        id: PositionId(500 + u64::try_from(at).unwrap()),
        ticket: 500 + u64::try_from(at).unwrap(),
        symbol: text("XAUUSD").unwrap(),
        side: Side::Buy,
        lots: Lots::ZERO,
        open_price: of("2000"),
        open_time: ServerTime(0),
        stop_loss: None,
        take_profit: None,
        magic,
        comment: Comment::new(),
    }
}

/// The account as the agent takes it, two seconds being enough for its lists to agree.
fn look(netting: &mut Netting, now: Micros, shown: &Snapshot) -> Snapshot {
    netting.view(now, shown, signature(), |since| now >= since.plus_ms(2_000))
}

fn shares(view: &Snapshot) -> String {
    let shares = view.positions.iter().map(|p| format!("{} {} {}", who(p.magic), p.side, p.lots));
    shares.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_copy_has_its_share() {
    for (deals, held) in [
        ("", ""),
        ("1 buy 0.10", "1 buy 0.10"),
        ("1 buy 0.10, 1 sell 0.04", "1 buy 0.06"),
        ("1 buy 0.10, 1 buy 0.05", "1 buy 0.15"),
        ("1 buy 0.10, 2 buy 0.20", "1 buy 0.10, 2 buy 0.20"),
        ("1 buy 0.10, 2 buy 0.20, 1 sell 0.10", "2 buy 0.20"),
        // Opposite copies: no position, two shares.
        ("1 buy 0.10, 2 sell 0.10", "1 buy 0.10, 2 sell 0.10"),
        ("1 buy 0.10, 2 sell 0.10, 1 sell 0.10", "2 sell 0.10"),
        ("1 buy 0.10, 2 sell 0.30, 2 buy 0.30", "1 buy 0.10"),
        // The investor's hand closes the oldest first, but his own before.
        ("1 buy 0.10, 2 buy 0.20, hand sell 0.10", "2 buy 0.20"),
        ("1 buy 0.10, 2 buy 0.20, hand sell 0.15", "2 buy 0.15"),
        ("1 buy 0.10, hand buy 0.05, hand sell 0.05", "1 buy 0.10"),
        ("1 buy 0.10, hand buy 0.05, hand sell 0.15", ""),
        ("1 buy 0.10, hand sell 0.10", ""),
        ("1 buy 0.10, hand sell 0.30", "hand sell 0.20"),
        // Only as far as the position goes.
        ("1 buy 0.10, 2 sell 0.10, hand buy 0.10", "1 buy 0.10, 2 sell 0.10, hand buy 0.10"),
        ("1 buy 0.30, 2 sell 0.10, hand sell 0.25", "1 buy 0.10, 2 sell 0.10, hand sell 0.05"),
        // A stop carries the magic of whoever opened the position.
        ("1 buy 0.10, 2 buy 0.20, 1 sell 0.30", ""),
        ("1 sell 0.01, 2 buy 0.12, 1 buy 0.01, 1 sell 0.12", ""),
        // Another program's trades are its own, unless they close all.
        ("1 buy 0.10, robot sell 0.05", "1 buy 0.10, robot sell 0.05"),
        ("robot buy 0.10, 1 buy 0.10, robot sell 0.10", "1 buy 0.10"),
        ("robot buy 0.10, 1 buy 0.20, robot sell 0.30", ""),
        // A copy closed twice over: what is too much is nobody's copy.
        ("1 buy 0.10, 1 sell 0.10, 1 sell 0.10", "hand sell 0.10"),
    ] {
        let shown = account(deals, 0);
        let view = look(&mut Netting::default(), Micros(0), &shown);
        assert_eq!(shares(&view), held, "after {deals}");
        for magic in ["1", "2"].map(magic) {
            let dealt = |entry| {
                let of = view.deals.iter().filter(|d| d.position == PositionId(magic.0) && d.entry == entry);
                of.map(|deal| deal.lots.units()).sum::<i64>()
            };
            let held =
                view.positions.iter().filter(|p| p.magic == magic).map(|p| p.lots.units()).sum::<i64>();
            assert_eq!(dealt(DealEntry::In) - dealt(DealEntry::Out), held, "{deals}: deals of {magic:?}");
        }
    }
}

#[test]
fn what_is_older_than_the_deals_is_told_from_lists_of_two_moments_by_time() {
    let mut netting = Netting::default();
    let gold = std::iter::once(text("XAUUSD").unwrap()).collect::<BTreeSet<Symbol>>();
    let older = account("hand buy 0.50, 1 sell 0.10", 1);
    let view = look(&mut netting, Micros(0), &older);
    assert_eq!(shares(&view), "hand buy 0.50, 1 sell 0.10");
    assert_eq!((&netting.adrift, netting.older.len()), (&gold, 0));
    look(&mut netting, Micros(1_999_999), &older);
    assert_eq!(netting.adrift, gold);
    look(&mut netting, Micros(2_000_000), &older);
    assert_eq!((netting.adrift.len(), &netting.older), (0, &gold));
    assert_eq!(netting.notices.len(), 1, "told once");
    look(&mut netting, Micros(2_100_000), &older);
    assert_eq!(netting.notices.len(), 1, "told once");
    netting.view(Micros(2_150_000), &older, signature(), |_| false);
    assert_eq!((netting.adrift.len(), &netting.older), (0, &gold), "a standstill unsettles nothing");
    // Its deals are ahead of its position for a moment.
    let mut ahead = account("hand buy 0.50, 1 sell 0.10, 1 buy 0.10", 1);
    ahead.positions = older.positions;
    look(&mut netting, Micros(2_200_000), &ahead);
    assert_eq!((&netting.adrift, netting.older.len()), (&gold, 0));
}

/// A hand has closed the first copy's position; the second's deal is still to come. Taken for older than the deals, it would
/// have been what the hand closed, and the first copy would be there again.
#[test]
fn a_position_that_is_newer_than_the_deals_is_not_taken_for_older() {
    let mut netting = Netting::default();
    let mut shown = account("1 sell 0.11, hand buy 0.11, 2 sell 0.08", 0);
    let late = shown.deals.pop().unwrap();
    let view = look(&mut netting, Micros(0), &shown);
    assert_eq!((shares(&view).as_str(), netting.adrift.len()), ("", 1));
    shown.deals.push(late);
    let view = look(&mut netting, Micros(300_000), &shown);
    assert_eq!((shares(&view).as_str(), netting.adrift.len()), ("2 sell 0.08", 0));
}

#[test]
fn what_older_deals_came_to_is_kept_and_newer_ones_are_asked_for() {
    let days = |n: i64| ServerTime(n * 24 * 3_600_000);
    // Two copies against each other, opened long ago; the account is flat and nobody would know.
    let mut shown = account("1 buy 0.10, 2 sell 0.10", 0);
    shown.account.time = days(30);
    let mut netting = Netting::default();
    assert_eq!(netting.deals_from(), ServerTime(0), "all there are");
    look(&mut netting, Micros(0), &shown);
    assert_eq!(netting.deals_from(), ServerTime(0), "position and deals may be of two moments");
    look(&mut netting, Micros(2_000_000), &shown);
    assert_eq!(netting.deals_from(), days(27));
    shown.deals.clear();
    let view = look(&mut netting, Micros(2_100_000), &shown);
    assert_eq!((shares(&view).as_str(), view.deals.len()), ("1 buy 0.10, 2 sell 0.10", 0));
    // One of them is closed; a week later that is past, too.
    let close = account("1 buy 0.10, 2 sell 0.10, 1 sell 0.10", 2);
    shown.positions = close.positions;
    shown.deals = vec![Deal { time: days(30), ..close.deals[0].clone() }];
    let view = look(&mut netting, Micros(2_200_000), &shown);
    assert_eq!((shares(&view).as_str(), view.deals.len()), ("2 sell 0.10", 1));
    shown.account.time = days(37);
    look(&mut netting, Micros(2_300_000), &shown);
    assert_eq!(netting.deals_from(), days(34));
    shown.deals.clear();
    assert_eq!(shares(&look(&mut netting, Micros(2_400_000), &shown)), "2 sell 0.10");
}

/// Three days and a second after the first deal.
fn cut_at_the_second_deal(deals: &str) -> Snapshot {
    let mut shown = account(deals, 0);
    shown.account.time = ServerTime(3 * 24 * 3_600_000 + 1_000);
    shown
}

#[test]
fn a_deal_of_the_moment_at_which_the_books_are_closed_is_counted_once() {
    let shown = cut_at_the_second_deal("1 buy 0.10, 2 buy 0.20");
    let mut netting = Netting::default();
    for now in [0, 2_000_000, 2_100_000] {
        let view = look(&mut netting, Micros(now), &shown);
        assert_eq!(shares(&view), "1 buy 0.10, 2 buy 0.20", "at {now}");
    }
    assert_eq!(netting.deals_from(), ServerTime(1_000));
}

#[test]
fn what_is_older_than_the_deals_stays_when_the_books_are_closed() {
    for (deals, held) in [
        ("hand buy 0.50, 1 sell 0.10", "hand buy 0.50, 1 sell 0.10"),
        ("hand sell 0.50, 1 buy 0.10", "hand sell 0.50, 1 buy 0.10"),
    ] {
        let mut shown = account(deals, 1);
        shown.account.time = ServerTime(30 * 24 * 3_600_000);
        let mut netting = Netting::default();
        for now in [0, 2_000_000, 4_000_000] {
            assert_eq!(shares(&look(&mut netting, Micros(now), &shown)), held, "at {now}");
        }
        assert!(netting.deals_from() > ServerTime(0));
        shown.deals.clear();
        assert_eq!(shares(&look(&mut netting, Micros(4_100_000), &shown)), held);
    }
}

/// A copy that is closed twice over has nothing in the other direction, however long ago it was opened.
#[test]
fn which_way_a_copy_goes_is_known_after_the_books_are_closed() {
    let shown = cut_at_the_second_deal("2 sell 0.10, 1 buy 0.30");
    let mut netting = Netting::default();
    look(&mut netting, Micros(0), &shown);
    look(&mut netting, Micros(2_000_000), &shown);
    let shown = cut_at_the_second_deal("2 sell 0.10, 1 buy 0.30, 1 sell 0.30, 2 buy 0.10, 2 buy 0.10");
    let view = look(&mut netting, Micros(2_100_000), &shown);
    assert_eq!(shares(&view), "hand buy 0.10");
}

/// The hand's deal is still to come: nothing is older than the deals.
#[test]
fn of_a_position_whose_opening_deal_is_there_nothing_is_older() {
    let mut shown = account("1 buy 0.10, 1 buy 0.10, hand sell 0.05", 0);
    shown.deals.pop();
    let view = look(&mut Netting::default(), Micros(0), &shown);
    assert_eq!(shares(&view), "1 buy 0.20");
}

#[test]
fn the_owner_is_told_once_of_what_is_older() {
    let (login, rules) = (Login(2001), AccountRules::default());
    let mut agent = Agent::new(AgentSettings { login, signature: signature(), rules, doubt_ms: 2000 });
    for now in [0, 1_000_000, 2_000_000, 2_100_000] {
        agent.on_snapshot(Micros(now), account("hand buy 0.50, 1 sell 0.10", 1));
    }
    assert!(agent.poll_notice().is_some_and(|notice| notice.starts_with("XAUUSD: ")));
    assert_eq!(agent.poll_notice(), None);
}

/// They add up to no position, and have no stops.
#[test]
fn shares_against_each_other_are_given_no_stops() {
    play(
        "0  | net: 1 buy 0.10, 2 sell 0.10 |
         10 | hub: modify 1 none           | 1: 10025 0.00
         20 | hub: modify 1 1990           | 1: already",
    );
}

/// The position's stops are its owner's, too.
#[test]
fn what_its_owner_shares_keeps_its_stops() {
    for (shares, answer) in [
        ("1 buy 0.10, 2 buy 0.10", "order modify #500 XAUUSD 0.00"),
        ("1 buy 0.10, 2 buy 0.10, hand buy 0.05", "1: already"),
        ("1 buy 0.10, hand buy 0.05", "1: already"),
    ] {
        play(&format!("0 | net: {shares} |\n 10 | hub: modify 1 none | {answer}"));
    }
}

#[test]
fn a_share_without_a_position_is_given_no_stops() {
    let (login, rules) = (Login(2001), AccountRules::default());
    let settings = AgentSettings { login, signature: signature(), rules, doubt_ms: 2000 };
    let (agent, now, orders) = (Agent::new(settings), Micros(2_000_000), BTreeMap::new());
    let mut script = Script { agent, now, instructions: 0, orders };
    let mut shown = account("1 buy 0.10", 0);
    shown.positions.clear();
    for now in [0, 1_000_000, 2_000_000] {
        script.agent.on_snapshot(Micros(now), shown.clone());
    }
    assert_eq!(script.act("hub: modify 1 1990"), "1: already");
}

#[test]
fn deals_are_told_by_the_shares_that_they_changed() {
    let told = deals_by_magic(&account("1 buy 0.10, 2 buy 0.20, hand sell 0.15", 0).deals, signature());
    let told: Vec<String> = told
        .iter()
        .map(|(magic, deals)| {
            let lots: Vec<String> =
                deals.iter().map(|deal| format!("{:?} {}", deal.entry, deal.lots)).collect();
            format!("{}: {}", who(*magic), lots.join(", "))
        })
        .collect();
    assert_eq!(told, ["1: In 0.10, Out 0.10", "2: In 0.20, Out 0.05"]);
}

impl Script {
    /// The state of a netting account; `behind`: its deals lack the last one, `works`: a sale of copy 1 is worked on.
    pub(super) fn net(&mut self, deals: &str, how: &str) {
        let mut shown = account(deals, 0);
        match how {
            "behind" => drop(shown.deals.pop()),
            "works" => shown.working.push(super::account::working("1", "sells")),
            _ => {}
        }
        self.agent.on_snapshot(self.now, shown);
    }
}
