//! Pending orders of a scripted terminal, and instructions in words.

use super::super::super::instruction::Action;
use super::{Desk, of};
use crate::domain::{
    Comment, CopyId, DealEntry, Expiration, Lots, Magic, OrderEnd, PastOrder, PendingKind, PendingOrder,
    PendingTerms, Position, PositionId, Price, ServerTime, Side, text,
};

impl Desk {
    /// The ticket of the order with this magic; a new one when there is none.
    pub(super) fn ticket_of(&self, magic: Magic) -> u64 {
        let waiting = self.snapshot.orders.iter().find(|order| order.magic == magic);
        waiting.map_or(700 + self.snapshot.past_orders.len() as u64, |order| order.ticket)
    }

    /// What happens to an order: `buy limit 0.10 at 1990 sl 1980`, `filled`, `cancelled`, `expired`, `missing`.
    pub(super) fn order(&mut self, ticket: u64, magic: Magic, what: &[&str]) {
        let at = self.snapshot.orders.iter().position(|order| order.ticket == ticket);
        match what {
            ["missing"] => drop(self.snapshot.orders.remove(at.unwrap())),
            ["filled"] => self.end(at.unwrap(), OrderEnd::Filled),
            ["filled", "listed"] => {
                let order = self.snapshot.orders[at.unwrap()].clone();
                self.end(at.unwrap(), OrderEnd::Filled);
                self.snapshot.orders.push(order);
            }
            ["cancelled"] => self.end(at.unwrap(), OrderEnd::Cancelled),
            ["expired"] => self.end(at.unwrap(), OrderEnd::Expired),
            ["rejected"] => self.end(at.unwrap(), OrderEnd::Rejected),
            [side, kind, lots, terms @ ..] => {
                let order = PendingOrder {
                    ticket,
                    symbol: text("XAUUSD").unwrap(),
                    side: if *side == "buy" { Side::Buy } else { Side::Sell },
                    kind: match *kind {
                        "limit" => PendingKind::Limit,
                        "stop" => PendingKind::Stop,
                        _ => PendingKind::StopLimit,
                    },
                    lots: of(lots),
                    terms: terms_of(terms),
                    placed: self.snapshot.account.time,
                    magic,
                    comment: Comment::new(),
                };
                match at {
                    Some(at) => self.snapshot.orders[at] = order,
                    None => self.snapshot.orders.push(order),
                }
            }
            other => panic!("an order cannot {other:?}"),
        }
    }

    /// Lists an order that was refused at once.
    pub(super) fn refuse(&mut self, magic: Magic) {
        self.snapshot.past_orders.push(PastOrder {
            ticket: 900,
            position: PositionId(0),
            magic,
            end: OrderEnd::Rejected,
            time: self.snapshot.account.time,
        });
    }

    fn end(&mut self, at: usize, end: OrderEnd) {
        let order = self.snapshot.orders.remove(at);
        let id = PositionId(order.ticket);
        let time = self.snapshot.account.time;
        let position = if end == OrderEnd::Filled { id } else { PositionId(0) };
        self.snapshot.past_orders.push(PastOrder {
            ticket: order.ticket,
            position,
            magic: order.magic,
            end,
            time,
        });
        if end != OrderEnd::Filled {
            return;
        }
        let position = Position {
            id,
            ticket: order.ticket,
            symbol: order.symbol,
            side: order.side,
            lots: order.lots,
            open_price: order.terms.price,
            open_time: time,
            stop_loss: order.terms.stop_loss,
            take_profit: order.terms.take_profit,
            magic: order.magic,
            comment: Comment::new(),
        };
        self.deal(&position, DealEntry::In, Lots::max(order.lots, Lots::ZERO));
        self.snapshot.positions.push(position);
    }
}

fn terms_of(words: &[&str]) -> PendingTerms {
    let price = |name: &str| words.windows(2).find(|pair| pair[0] == name).map(|pair| of::<Price>(pair[1]));
    let until = words.windows(2).find(|pair| pair[0] == "until").map(|pair| ServerTime(of(pair[1])));
    PendingTerms {
        price: price("at").unwrap(),
        limit_price: price("limit"),
        stop_loss: price("sl"),
        take_profit: price("tp"),
        expiration: until.map_or(Expiration::Gtc, Expiration::Specified),
    }
}

pub(super) fn terms_text(terms: &PendingTerms) -> String {
    let show =
        |name: &str, price: Option<Price>| price.map_or(String::new(), |price| format!(" {name} {price}"));
    let until = match terms.expiration {
        Expiration::Specified(time) => format!(" until {}", time.0),
        _ => String::new(),
    };
    let (price, limit) = (show("at", Some(terms.price)), show("limit", terms.limit_price));
    format!("{price}{limit}{}{}{until}", show("sl", terms.stop_loss), show("tp", terms.take_profit))
}

/// An instruction, as the scripts write it.
pub(super) fn action_text(action: Action, copy: CopyId) -> String {
    let copy = copy.position_low();
    let stops = |stop_loss: Option<Price>, take_profit: Option<Price>| {
        let stop =
            |name, price: Option<Price>| price.map_or(String::new(), |price| format!(" {name} {price}"));
        format!("{}{}", stop("sl", stop_loss), stop("tp", take_profit))
    };
    match action {
        Action::Open { side, lots, stop_loss, take_profit } => {
            format!("open {copy} {side} {lots}{}", stops(stop_loss, take_profit))
        }
        Action::Place { side, kind, lots, terms } => {
            format!("place {copy} {side} {kind:?} {lots}{}", terms_text(&terms)).to_lowercase()
        }
        Action::Change { terms } => format!("change {copy}{}", terms_text(&terms)),
        Action::Cancel => format!("cancel {copy}"),
        Action::Reduce { to } => format!("reduce {copy} to {to}"),
        Action::Modify { stop_loss, take_profit } => {
            format!("modify {copy}{}", stops(stop_loss, take_profit))
        }
    }
}
