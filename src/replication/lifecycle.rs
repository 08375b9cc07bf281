//! A copy's life as one table. What is not in it cannot happen, and says so when it does.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a copy is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// To be opened; nothing was sent, or what was sent is proved not to have been executed.
    Planned,
    /// The opening instruction is with the slave.
    Sent,
    /// The account holds its pending order.
    Pending,
    /// The account holds it.
    Open,
    /// The last closing instruction is with the slave.
    Closing,
    /// The account held it and does no more. Never reopens.
    Closed,
    /// Not made, with a reason.
    Skipped,
    /// Refused by the slave's trade server for good.
    Rejected,
    /// It may have been opened: only the account's own positions, orders and deals can tell.
    InDoubt,
}

impl State {
    /// Is there nothing left to do about it?
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Skipped | Self::Rejected)
    }
}

/// What happens to a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The opening instruction goes to the slave.
    Send,
    /// The slave's terminal says that the open was executed.
    Executed,
    /// The account shows a position with the copy's magic.
    SeenOpen,
    /// The account's deals show that the position was opened and closed.
    SeenClosed,
    /// The slave's terminal says that the pending order was placed.
    Placed,
    /// The account shows a pending order with the copy's magic, and no position.
    SeenPending,
    /// The pending order was withdrawn, to enter at market instead.
    Withdrawn,
    /// The trade server refused the open for now.
    Retry,
    /// The trade server refused the open for good.
    Refused,
    /// Not to be made after all.
    Skip,
    /// No answer, or one that leaves open whether it was executed.
    Lost,
    /// The account, connected for long enough, shows no trace of it.
    NotExecuted,
    /// A late joiner may have it after all.
    Join,
    /// The closing instruction goes to the slave.
    Close,
    /// The close did not happen.
    CloseFailed,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 15] = [
        Self::Send,
        Self::Executed,
        Self::SeenOpen,
        Self::SeenClosed,
        Self::Placed,
        Self::SeenPending,
        Self::Withdrawn,
        Self::Retry,
        Self::Refused,
        Self::Skip,
        Self::Lost,
        Self::NotExecuted,
        Self::Join,
        Self::Close,
        Self::CloseFailed,
    ];
}

/// An event that a copy in this state cannot meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a copy that is {state} cannot meet the event {event:?}")]
pub struct Impossible {
    /// The copy's state.
    pub state: State,
    /// What was said to have happened.
    pub event: Event,
}

impl State {
    /// The state after `event`.
    ///
    /// # Errors
    /// The event cannot happen in this state.
    #[expect(clippy::match_same_arms, reason = "one row an event, as a table is read")]
    pub const fn after(self, event: Event) -> Result<Self, Impossible> {
        use Event as E;
        use State as S;
        Ok(match (self, event) {
            (S::Planned, E::Send) => S::Sent,
            (S::Sent | S::InDoubt, E::Executed) => S::Open,
            // What the account shows beats every answer: "error" was said, yet the trade opened.
            (
                S::Planned | S::Sent | S::InDoubt | S::Skipped | S::Rejected | S::Pending | S::Open,
                E::SeenOpen,
            ) => S::Open,
            (S::Closing, E::SeenOpen) => S::Closing,
            // A second execution of a copy that is over: open on the account, but wanted no more (`Copy::over`).
            (S::Closed, E::SeenOpen) => S::Open,
            (_, E::SeenClosed) => S::Closed,
            (S::Sent | S::InDoubt, E::Placed) => S::Pending,
            (S::Open, E::SeenPending) => S::Open,
            (S::Closing, E::SeenPending) => S::Closing,
            (_, E::SeenPending) => S::Pending,
            (S::Pending, E::Withdrawn) => S::Planned,
            (S::Sent | S::InDoubt, E::Retry) => S::Planned,
            (S::Sent | S::InDoubt, E::Refused) => S::Rejected,
            (S::Planned | S::Sent | S::InDoubt | S::Pending, E::Skip) => S::Skipped,
            (S::Sent | S::InDoubt, E::Lost) => S::InDoubt,
            (S::InDoubt, E::NotExecuted) | (S::Skipped, E::Join) => S::Planned,
            (S::Open, E::Close) => S::Closing,
            (S::Closing, E::CloseFailed | E::Lost) => S::Open,
            (state, event) => return Err(Impossible { state, event }),
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Pending => "pending",
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Skipped => "skipped",
            Self::Rejected => "rejected",
            Self::InDoubt => "in doubt",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 9] = [
        State::Planned,
        State::Sent,
        State::Pending,
        State::Open,
        State::Closing,
        State::Closed,
        State::Skipped,
        State::Rejected,
        State::InDoubt,
    ];

    /// A row an event, a column a state in the order of `STATES`; `-` is impossible.
    const TABLE: &str = "
        Send         sent      -         -        -        -         -         -         -         -
        Executed     -         open      -        -        -         -         -         -         open
        SeenOpen     open      open      open     open     closing   open      open      open      open
        SeenClosed   closed    closed    closed   closed   closed    closed    closed    closed    closed
        Placed       -         pending   -        -        -         -         -         -         pending
        SeenPending  pending   pending   pending  open     closing   pending   pending   pending   pending
        Withdrawn    -         -         planned  -        -         -         -         -         -
        Retry        -         planned   -        -        -         -         -         -         planned
        Refused      -         rejected  -        -        -         -         -         -         rejected
        Skip         skipped   skipped   skipped  -        -         -         -         -         skipped
        Lost         -         in_doubt  -        -        open      -         -         -         in_doubt
        NotExecuted  -         -         -        -        -         -         -         -         planned
        Join         -         -         -        -        -         -         planned   -         -
        Close        -         -         -        closing  -         -         -         -         -
        CloseFailed  -         -         -        -        open      -         -         -         -
    ";

    #[test]
    fn the_whole_table() {
        let rows: Vec<Vec<&str>> = TABLE
            .lines()
            .map(|l| l.split_whitespace().collect::<Vec<_>>())
            .filter(|r| !r.is_empty())
            .collect();
        assert_eq!(rows.len(), Event::ALL.len());
        for (row, event) in rows.iter().zip(Event::ALL) {
            assert_eq!(row[0], format!("{event:?}"));
            for (state, expected) in STATES.iter().zip(&row[1..]) {
                let after = state.after(event).map_or("-".to_owned(), |s| s.to_string().replace(' ', "_"));
                assert_eq!(&after, expected, "{state} after {event:?}");
            }
        }
    }

    #[test]
    fn an_impossible_event_names_both() {
        let error = State::Closed.after(Event::Send).unwrap_err();
        assert_eq!(error.to_string(), "a copy that is closed cannot meet the event Send");
    }
}
