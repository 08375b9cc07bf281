//! From what is asked of the accounts to the verdict on the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lotbridge::allocation::Method;
use lotbridge::allocation::adequacy::Ruin;
use lotbridge::domain::{Login, Lots};

use super::assess::{Row, Sheet, Terms, Total};
use crate::sizing::Book;
use crate::table;

/// How many further symbols a sentence names.
const MORE_SYMBOLS: usize = 5;

/// What is said of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The account bears it and can follow finely.
    Ok,
    /// The account bears it; its usual copy is under ten steps.
    Coarse,
    /// It would be ruined.
    Ruin,
    /// It would be ruined, and was accepted by name.
    Accepted,
    /// Nothing is known of the symbol, or no price.
    Unchecked,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Coarse => "tracks coarsely",
            Self::Ruin => "ruin",
            Self::Accepted => "accepted",
            Self::Unchecked => "unchecked",
        })
    }
}

/// The verdict on a whole configuration.
pub struct Verdict<'a> {
    book: &'a Book<'a>,
    accepted: &'a BTreeSet<Login>,
    /// One for each account that would be ruined, and for each that was accepted without need.
    pub sentences: Vec<String>,
    /// The verdict in one line.
    pub last_line: String,
    /// Accounts whose usual copy is under ten steps.
    pub coarse: usize,
    /// May it not trade?
    pub refused: bool,
}

impl<'a> Verdict<'a> {
    /// Judges every account.
    pub fn new(book: &'a Book<'a>, sheets: &[Sheet], terms: Terms, accepted: &'a BTreeSet<Login>) -> Self {
        let mut verdict = Self {
            book,
            accepted,
            sentences: Vec::new(),
            last_line: String::new(),
            coarse: 0,
            refused: false,
        };
        let mut ruined: BTreeMap<Login, Vec<(&Sheet, Ruin)>> = BTreeMap::new();
        for sheet in sheets {
            for login in sheet.totals.keys() {
                if let Some(ruin) = ruin(book, sheet, *login) {
                    ruined.entry(*login).or_default().push((sheet, ruin));
                }
            }
        }
        let by_name = ruined.keys().filter(|login| accepted.contains(login)).count();
        let refused = ruined.len() - by_name;
        for (login, cases) in ruined.iter().filter(|(login, _)| !accepted.contains(login)) {
            verdict.sentences.extend(sentence(book, terms, *login, cases));
        }
        let rows = || sheets.iter().flat_map(|sheet| sheet.rows.iter().map(move |row| (sheet, row)));
        let logins = |standing: Standing| -> BTreeSet<Login> {
            let rows = rows().filter(|(sheet, row)| verdict.standing(sheet, row) == standing);
            rows.map(|(_, row)| row.login).collect()
        };
        let needed = logins(Standing::Accepted);
        let needless = accepted.difference(&needed);
        let needless: Vec<String> = needless
            .map(|login| format!("account {login} would not be ruined: --accept {login} was not needed"))
            .collect();
        let unchecked = logins(Standing::Unchecked).len();
        let coarse = logins(Standing::Coarse).len();
        verdict.coarse = coarse;
        verdict.sentences.extend(needless);
        let (lots, all) = (lots_in_words(terms.lots), book.slaves.len());
        let last_line = if refused > 0 {
            format!("Refused: {lots} would ruin {refused} of {all} accounts.")
        } else if unchecked > 0 {
            format!("Not fully checked: {unchecked} of {all} accounts could not be judged, see above.")
        } else if needed.is_empty() {
            format!("Adequate: every account bears {lots} of each symbol.")
        } else {
            let unjudged = match needed.len() - by_name {
                0 => String::new(),
                n => format!(" and {n} could not be judged"),
            };
            format!("Accepted: {lots} would ruin {by_name} of {all} accounts{unjudged}; accepted by name.")
        };
        let coarsely = match coarse {
            0 => String::new(),
            1 => " 1 account tracks coarsely.".into(),
            n => format!(" {n} accounts track coarsely."),
        };
        (verdict.last_line, verdict.refused) =
            (format!("{last_line}{coarsely}"), refused > 0 || unchecked > 0);
        verdict
    }

    /// What is said of a row.
    pub fn standing(&self, sheet: &Sheet, row: &Row) -> Standing {
        let accepted = self.accepted.contains(&row.login);
        let ruined = row.lots().is_positive() && ruin(self.book, sheet, row.login).is_some();
        match (ruined, row.burden.is_none()) {
            (true, _) | (_, true) if accepted => Standing::Accepted,
            (true, _) => Standing::Ruin,
            (_, true) => Standing::Unchecked,
            _ if row.coarse => Standing::Coarse,
            _ => Standing::Ok,
        }
    }
}

/// How one trade in this symbol, through all pools of the account, would ruin it.
pub fn ruin(book: &Book, sheet: &Sheet, login: Login) -> Option<Ruin> {
    sheet.totals.get(&login)?.burden.ruins(book.slaves.get(&login)?.equity)
}

/// In the table.
pub const fn cause(ruin: Ruin) -> &'static str {
    match ruin {
        Ruin::Margin => "margin exceeds equity",
        Ruin::Loss => "loss reaches equity",
    }
}

/// `one master lot`, `0.50 master lots`.
pub fn lots_in_words(lots: Lots) -> String {
    if lots.units() == Lots::ONE { "one master lot".into() } else { format!("{lots} master lots") }
}

/// What would ruin an account, by the symbol that asks most of it, and what to do.
fn sentence(book: &Book, terms: Terms, login: Login, cases: &[(&Sheet, Ruin)]) -> Option<String> {
    let burden = |sheet: &Sheet| sheet.totals.get(&login).map(|total| total.burden);
    let (sheet, ruin) = cases.iter().max_by_key(|(sheet, _)| burden(sheet).map(|b| b.margin.max(b.loss)))?;
    let total = sheet.totals.get(&login)?;
    let equity = table::money(book.slaves.get(&login)?.equity);
    let symbol = sheet.listing.symbol;
    let lots = terms.lots;
    let (needs, loses) = if lots.units() == Lots::ONE { ("needs", "loses") } else { ("need", "lose") };
    let what = match ruin {
        Ruin::Margin => {
            format!("{needs} margin {} of its {equity} equity", table::money(total.burden.margin))
        }
        Ruin::Loss => format!(
            "{loses} {} of its {equity} equity when the price moves {} % against it",
            table::money(total.burden.loss),
            terms.percent
        ),
    };
    let others: Vec<&str> = cases
        .iter()
        .map(|(other, _)| other.listing.symbol.as_str())
        .filter(|other| *other != symbol.as_str())
        .collect();
    let too = match others.len() {
        0 => String::new(),
        n if n <= MORE_SYMBOLS => format!(" ({} would ruin it, too)", others.join(", ")),
        n => format!(" ({n} other symbols would ruin it, too)"),
    };
    Some(format!(
        "account {login} in {}: {} of {symbol} {what}{too}; {} or run again with --accept {login}",
        pools(book, total),
        lots_in_words(lots),
        remedy(book, total)
    ))
}

/// `pool lamm`, `pools lamm and mam`.
fn pools(book: &Book, total: &Total) -> String {
    let names: Vec<&str> = total.pools.iter().map(|at| book.setup.pools[*at].name.as_str()).collect();
    let word = if names.len() == 1 { "pool" } else { "pools" };
    format!("{word} {}", names.join(" and "))
}

fn remedy(book: &Book, total: &Total) -> &'static str {
    let fixed = |at: &usize| matches!(book.setup.pools[*at].method, Method::FixedLots { .. });
    if total.pools.iter().all(fixed) {
        "lower its lots"
    } else {
        "lower its profile, set its limits.lots_per_trade"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_are_said_in_words() {
        assert_eq!(lots_in_words("1".parse().unwrap()), "one master lot");
        assert_eq!(lots_in_words("0.5".parse().unwrap()), "0.50 master lots");
        assert_eq!(Standing::Coarse.to_string(), "tracks coarsely");
        assert_eq!(cause(Ruin::Loss), "loss reaches equity");
    }
}
