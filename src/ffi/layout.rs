//! Where everything is in the structs, for a caller to compare with what its own compiler made of them.

use std::mem::{offset_of, size_of};

use super::structs::{
    LbAccount, LbDeal, LbInstrument, LbMasterStatus, LbOrder, LbPastOrder, LbPendingOrder, LbPosition,
    LbRate, LbResult, LbSlaveStatus,
};

macro_rules! layouts {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        /// Every struct with its size, every field with its offset.
        const LAYOUTS: &[(&str, usize)] = &[$(
            (stringify!($name), size_of::<$name>()),
            $((concat!(stringify!($name), ".", stringify!($field)), offset_of!($name, $field)),)*
        )*];
    };
}

layouts! {
    LbAccount {
        login, time_ms, balance, equity, margin, free_margin, leverage, currency_digits,
        margin_mode, connected, currency,
    }
    LbInstrument {
        symbol, digits, stops_level_points, contract_size, tick_size, tick_value, lots_min,
        lots_max, lot_step, margin_per_lot, bid, ask, volume_limit, trade_mode, execution,
        filling_modes, freeze_level_points, expiration_modes, reserved,
    }
    LbRate {
        from, to, rate,
    }
    LbPosition {
        id, ticket, magic, open_time_ms, lots, open_price, stop_loss, take_profit, side,
        reserved, symbol, comment,
    }
    LbDeal {
        ticket, position, magic, time_ms, lots, price, commission, swap, profit, side, entry,
        symbol,
    }
    LbPendingOrder {
        ticket, magic, placed_ms, expiration_ms, lots, price, limit_price, stop_loss,
        take_profit, side, kind, expiration, reserved, symbol, comment,
    }
    LbPastOrder {
        ticket, position, magic, time_ms, end, reserved,
    }
    LbMasterStatus {
        slaves_connected, copies_open, unsettled, in_doubt, impossible, alerts, records_lost,
        refused,
    }
    LbOrder {
        instruction, copy, magic, ticket, age_us, expiration_ms, lots, price, limit_price,
        stop_loss, take_profit, action, side, kind, expiration, filling, deviation_points,
        symbol, comment,
    }
    LbResult {
        instruction, ticket, deal, lots, price, retcode, reserved,
    }
    LbSlaveStatus {
        connected, guard, state, state_seen, trouble,
    }
}

/// The size of a struct, or the offset of its field: `LbAccount`, `LbAccount.login`.
pub(super) fn layout(name: &str) -> Option<u32> {
    let (_, number) = LAYOUTS.iter().find(|(known, _)| *known == name)?;
    u32::try_from(*number).ok()
}
