//! Deliberate defects, for the simulation to find: a check that cannot fail is none. Without the feature `planted`, which
//! nothing but the tests has, [`Planted`] is empty, and every question to it is `false` when the compiler reads it.

/// A deliberate defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// An open that timed out is asked for again.
    ResendOnTimeout,
    /// What was under way when the session broke was not executed.
    ForgetInDoubt,
    /// After a partial close the rest is scaled, not the original volume.
    RoundTheRest,
    /// A pending order that is gone was cancelled, though its position is there.
    FillIsCancel,
    /// What was closed by hand is wanted again.
    ReopenAfterClose,
    /// A copy is any position of its symbol.
    MatchBySymbol,
    /// Guards look at states only when something is to be opened.
    GuardOnlyAtOpen,
    /// The frame that crosses the buffer's edge is lost.
    DropFrameAtEdge,
    /// Frames that are lost or doubled are not noticed.
    IgnoreNumbers,
    /// Opened however late.
    IgnoreDeadline,
    /// Limits look at an account that is always empty.
    IgnoreLimits,
    /// Orders stay when the master's are cancelled.
    KeepOrders,
    /// Orders keep their terms when the master's change.
    KeepTerms,
    /// Skipped, and not said why.
    SkipSilently,
    /// Reverse pools trade with the master.
    IgnoreReverse,
    /// Reverse copies have their stops the wrong way round.
    KeepStopsUnswapped,
    /// Stops that were asked for when the session broke count as set.
    ForgetStops,
    /// An empty state of a terminal without connection is believed.
    TrustDisconnected,
    /// What an account does not show for a moment was never there.
    TrustGlimpse,
    /// What the master does not show for a moment is closed.
    TrustMastersGlimpse,
    /// Two glimpses of what the master does not show are a long absence, whatever was between them; and as long as a slave's
    /// is long enough.
    JoinMastersGlimpses,
    /// How much is to be closed goes by the last state, whatever was answered since.
    ForgetAnswers,
    /// Positions with our magic that nobody knows of are left alone.
    LeaveStrays,
    /// A tripped guard forbids nothing on the slave's side.
    OpenUnderGuard,
    /// Every instruction is done twice.
    DoTwice,
    /// What was closed does not go on record.
    HideCloses,
    /// Whose share of a netting account's position is to be closed: all of it is.
    CloseWholePosition,
    /// What a netting account's owner closes by hand is taken off no copy.
    IgnoreHands,
    /// A copy whose required stop loss cannot be set is kept.
    KeepBare,
    /// Pools take whatever the master trades.
    IgnoreFilters,
    /// Sized from facts however old.
    IgnoreAge,
    /// An order that the trade server still works on proves nothing.
    ForgetWorking,
    /// A netting account's shares are closed by orders the other way, whoever may be faster.
    CloseWithoutTicket,
    /// The agent opens twice the lots that it was told to.
    DoubleTheLots,
    /// The end of a copy's order is the copy's, whatever came after it.
    TrustPastOrders,
    /// Guards that are to empty an account close nothing on it.
    KeepUnderGuard,
}

impl Defect {
    /// Every one of them.
    #[cfg(feature = "planted")]
    pub const ALL: [Self; 36] = [
        Self::ResendOnTimeout,
        Self::ForgetInDoubt,
        Self::RoundTheRest,
        Self::FillIsCancel,
        Self::ReopenAfterClose,
        Self::MatchBySymbol,
        Self::GuardOnlyAtOpen,
        Self::DropFrameAtEdge,
        Self::IgnoreNumbers,
        Self::IgnoreDeadline,
        Self::IgnoreLimits,
        Self::KeepOrders,
        Self::KeepTerms,
        Self::SkipSilently,
        Self::IgnoreReverse,
        Self::KeepStopsUnswapped,
        Self::ForgetStops,
        Self::TrustDisconnected,
        Self::TrustGlimpse,
        Self::TrustMastersGlimpse,
        Self::JoinMastersGlimpses,
        Self::ForgetAnswers,
        Self::LeaveStrays,
        Self::OpenUnderGuard,
        Self::DoTwice,
        Self::HideCloses,
        Self::CloseWholePosition,
        Self::IgnoreHands,
        Self::KeepBare,
        Self::IgnoreFilters,
        Self::IgnoreAge,
        Self::ForgetWorking,
        Self::CloseWithoutTicket,
        Self::DoubleTheLots,
        Self::TrustPastOrders,
        Self::KeepUnderGuard,
    ];
}

/// Which defect is planted, if any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Planted {
    #[cfg(feature = "planted")]
    defect: Option<Defect>,
}

impl Planted {
    /// Is it this one?
    #[cfg(feature = "planted")]
    pub(crate) const fn is(self, defect: Defect) -> bool {
        matches!(self.defect, Some(planted) if planted as u8 == defect as u8)
    }

    /// It never is.
    #[cfg(not(feature = "planted"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    pub(crate) const fn is(self, defect: Defect) -> bool {
        let _ = defect;
        false
    }

    /// This one.
    #[cfg(feature = "planted")]
    pub(crate) const fn of(defect: Defect) -> Self {
        Self { defect: Some(defect) }
    }
}
