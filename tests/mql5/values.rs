//! The numbers behind MQL5's names, given by the host: the programs are compiled with them and the host answers by them.
//! Those that the documentation gives are as it has them; where it gives none, any will do, and a program that relied on
//! one would be found out.

use std::fmt::Write;

macro_rules! values {
    ($($group:ident { $($name:ident = $value:expr),* $(,)? })*) => {
        $($(
            #[allow(dead_code, reason = "a program may use more names than its host asks for")]
            pub const $name: i32 = $value;
        )*)*
        /// Every enumeration with its names.
        const GROUPS: &[(&str, &[(&str, i32)])] = &[$((stringify!($group), &[$((stringify!($name), $value)),*])),*];
    };
}

values! {
    ENUM_INIT_RETCODE { INIT_SUCCEEDED = 0, INIT_FAILED = 1, INIT_PARAMETERS_INCORRECT = 2 }
    ENUM_MQL_INFO_INTEGER { MQL_TESTER = 306, MQL_OPTIMIZATION = 307, MQL_DLLS_ALLOWED = 302, MQL_TRADE_ALLOWED = 303 }
    ENUM_TERMINAL_INFO_INTEGER { TERMINAL_CONNECTED = 406, TERMINAL_DLLS_ALLOWED = 407, TERMINAL_TRADE_ALLOWED = 408 }
    ENUM_TERMINAL_INFO_STRING { TERMINAL_COMMONDATA_PATH = 453 }
    ENUM_ACCOUNT_INFO_INTEGER {
        ACCOUNT_LOGIN = 500, ACCOUNT_LEVERAGE = 535, ACCOUNT_MARGIN_MODE = 554, ACCOUNT_CURRENCY_DIGITS = 555,
        ACCOUNT_TRADE_ALLOWED = 533, ACCOUNT_TRADE_EXPERT = 534,
    }
    ENUM_ACCOUNT_INFO_DOUBLE {
        ACCOUNT_BALANCE = 537, ACCOUNT_EQUITY = 540, ACCOUNT_MARGIN = 541, ACCOUNT_MARGIN_FREE = 542,
    }
    ENUM_ACCOUNT_INFO_STRING { ACCOUNT_CURRENCY = 536 }
    ENUM_ACCOUNT_MARGIN_MODE {
        ACCOUNT_MARGIN_MODE_RETAIL_NETTING = 20, ACCOUNT_MARGIN_MODE_EXCHANGE = 21,
        ACCOUNT_MARGIN_MODE_RETAIL_HEDGING = 22,
    }
    ENUM_SYMBOL_INFO_INTEGER {
        SYMBOL_EXIST = 681, SYMBOL_DIGITS = 617, SYMBOL_TRADE_STOPS_LEVEL = 631, SYMBOL_TRADE_FREEZE_LEVEL = 632, SYMBOL_FILLING_MODE = 650,
        SYMBOL_EXPIRATION_MODE = 649,
        SYMBOL_TRADE_MODE = 630, SYMBOL_TRADE_EXEMODE = 633, SYMBOL_TRADE_CALC_MODE = 629,
    }
    ENUM_SYMBOL_INFO_DOUBLE {
        SYMBOL_TRADE_CONTRACT_SIZE = 728, SYMBOL_TRADE_TICK_SIZE = 727, SYMBOL_TRADE_TICK_VALUE = 726,
        SYMBOL_VOLUME_MIN = 734, SYMBOL_VOLUME_MAX = 735, SYMBOL_VOLUME_STEP = 736, SYMBOL_VOLUME_LIMIT = 755,
    }
    ENUM_SYMBOL_INFO_STRING { SYMBOL_CURRENCY_BASE = 822, SYMBOL_CURRENCY_PROFIT = 823 }
    ENUM_SYMBOL_TRADE_MODE {
        SYMBOL_TRADE_MODE_DISABLED = 30, SYMBOL_TRADE_MODE_LONGONLY = 31, SYMBOL_TRADE_MODE_SHORTONLY = 32,
        SYMBOL_TRADE_MODE_CLOSEONLY = 33, SYMBOL_TRADE_MODE_FULL = 34,
    }
    ENUM_SYMBOL_TRADE_EXECUTION {
        SYMBOL_TRADE_EXECUTION_REQUEST = 40, SYMBOL_TRADE_EXECUTION_INSTANT = 41,
        SYMBOL_TRADE_EXECUTION_MARKET = 42, SYMBOL_TRADE_EXECUTION_EXCHANGE = 43,
    }
    ENUM_SYMBOL_CALC_MODE {
        SYMBOL_CALC_MODE_FOREX = 50, SYMBOL_CALC_MODE_FOREX_NO_LEVERAGE = 51, SYMBOL_CALC_MODE_FUTURES = 52,
        SYMBOL_CALC_MODE_CFD = 53,
    }
    ENUM_POSITION_PROPERTY_INTEGER {
        POSITION_TICKET = 117, POSITION_IDENTIFIER = 113, POSITION_MAGIC = 112, POSITION_TIME_MSC = 114,
        POSITION_TYPE = 102,
    }
    ENUM_POSITION_PROPERTY_DOUBLE {
        POSITION_VOLUME = 103, POSITION_PRICE_OPEN = 104, POSITION_SL = 106, POSITION_TP = 107,
    }
    ENUM_POSITION_PROPERTY_STRING { POSITION_SYMBOL = 100, POSITION_COMMENT = 111 }
    ENUM_POSITION_TYPE { POSITION_TYPE_BUY = 0, POSITION_TYPE_SELL = 1 }
    ENUM_ORDER_PROPERTY_INTEGER {
        ORDER_TICKET = 221, ORDER_TYPE = 203, ORDER_STATE = 211, ORDER_TYPE_TIME = 209, ORDER_TIME_EXPIRATION = 202,
        ORDER_MAGIC = 214, ORDER_TIME_SETUP_MSC = 218, ORDER_TIME_DONE_MSC = 219, ORDER_POSITION_ID = 216,
    }
    ENUM_ORDER_PROPERTY_DOUBLE {
        ORDER_VOLUME_CURRENT = 205, ORDER_PRICE_OPEN = 206, ORDER_PRICE_STOPLIMIT = 212, ORDER_SL = 207, ORDER_TP = 208,
    }
    ENUM_ORDER_PROPERTY_STRING { ORDER_SYMBOL = 200, ORDER_COMMENT = 213 }
    ENUM_ORDER_TYPE {
        ORDER_TYPE_BUY = 0, ORDER_TYPE_SELL = 1, ORDER_TYPE_BUY_LIMIT = 2, ORDER_TYPE_SELL_LIMIT = 3,
        ORDER_TYPE_BUY_STOP = 4, ORDER_TYPE_SELL_STOP = 5, ORDER_TYPE_BUY_STOP_LIMIT = 6,
        ORDER_TYPE_SELL_STOP_LIMIT = 7, ORDER_TYPE_CLOSE_BY = 8,
    }
    ENUM_ORDER_TYPE_FILLING { ORDER_FILLING_FOK = 0, ORDER_FILLING_IOC = 1, ORDER_FILLING_RETURN = 2 }
    ENUM_ORDER_TYPE_TIME {
        ORDER_TIME_GTC = 60, ORDER_TIME_DAY = 61, ORDER_TIME_SPECIFIED = 62, ORDER_TIME_SPECIFIED_DAY = 63,
    }
    ENUM_ORDER_STATE {
        ORDER_STATE_STARTED = 70, ORDER_STATE_PLACED = 71, ORDER_STATE_CANCELED = 72, ORDER_STATE_PARTIAL = 73,
        ORDER_STATE_FILLED = 74, ORDER_STATE_REJECTED = 75, ORDER_STATE_EXPIRED = 76,
    }
    ENUM_DEAL_PROPERTY_INTEGER {
        DEAL_TYPE = 303, DEAL_POSITION_ID = 310, DEAL_MAGIC = 309, DEAL_TIME_MSC = 311, DEAL_TIME = 302,
        DEAL_ENTRY = 304,
    }
    ENUM_DEAL_PROPERTY_DOUBLE {
        DEAL_VOLUME = 305, DEAL_PRICE = 306, DEAL_COMMISSION = 307, DEAL_SWAP = 308, DEAL_PROFIT = 312, DEAL_FEE = 313,
    }
    ENUM_DEAL_PROPERTY_STRING { DEAL_SYMBOL = 300 }
    ENUM_DEAL_TYPE { DEAL_TYPE_BUY = 80, DEAL_TYPE_SELL = 81, DEAL_TYPE_BALANCE = 82 }
    ENUM_DEAL_ENTRY { DEAL_ENTRY_IN = 90, DEAL_ENTRY_OUT = 91, DEAL_ENTRY_INOUT = 92, DEAL_ENTRY_OUT_BY = 93 }
    ENUM_TRADE_REQUEST_ACTIONS {
        TRADE_ACTION_DEAL = 11, TRADE_ACTION_PENDING = 15, TRADE_ACTION_SLTP = 16, TRADE_ACTION_MODIFY = 17,
        TRADE_ACTION_REMOVE = 18, TRADE_ACTION_CLOSE_BY = 20,
    }
    ENUM_TRADE_TRANSACTION_TYPE {
        TRADE_TRANSACTION_ORDER_ADD = 0, TRADE_TRANSACTION_DEAL_ADD = 6, TRADE_TRANSACTION_POSITION = 9,
    }
    ENUM_OBJECT { OBJ_LABEL = 102, OBJ_BUTTON = 103 }
    ENUM_OBJECT_PROPERTY_INTEGER {
        OBJPROP_XDISTANCE = 1002, OBJPROP_YDISTANCE = 1003, OBJPROP_XSIZE = 1019, OBJPROP_YSIZE = 1020,
        OBJPROP_FONTSIZE = 1100, OBJPROP_STATE = 1018,
    }
    ENUM_OBJECT_PROPERTY_STRING { OBJPROP_TEXT = 999, OBJPROP_FONT = 1001 }
    ENUM_CHART_EVENT { CHARTEVENT_OBJECT_CLICK = 1, CHARTEVENT_CUSTOM = 1000 }
    ENUM_CODE_PAGE { CP_UTF8 = 65001 }
    ENUM_RETCODE {
        TRADE_RETCODE_DONE = 10009, TRADE_RETCODE_PRICE_OFF = 10021, TRADE_RETCODE_POSITION_CLOSED = 10036,
        TRADE_RETCODE_INVALID_CLOSE_VOLUME = 10038,
    }
    function {
        GetLastError = 1, ResetLastError = 2, GetTickCount64 = 3, GetMicrosecondCount = 4, TimeCurrent = 5, IsStopped = 6,
        EventSetMillisecondTimer = 7, EventKillTimer = 8, EventChartCustom = 9, Print = 10, Comment = 11, Alert = 12,
        SymbolsTotal = 13, SymbolSelect = 14, PositionsTotal = 15, PositionGetTicket = 16, PositionSelectByTicket = 17,
        PositionSelect = 18, OrdersTotal = 19, OrderGetTicket = 20, HistorySelect = 21, HistorySelectByPosition = 22,
        HistoryDealsTotal = 23, HistoryDealGetTicket = 24, HistoryOrdersTotal = 25, HistoryOrderGetTicket = 26,
        ObjectCreate = 27, ObjectDelete = 28, ObjectsDeleteAll = 29, ObjectSetText = 30, ChartRedraw = 31,
        ObjectSetState = 32, ObjectGetState = 33,
    }
}

/// Constants that are numbers rather than names of an enumeration.
const NUMBERS: [&str; 3] = ["ENUM_CHART_EVENT", "ENUM_CODE_PAGE", "ENUM_RETCODE"];

/// The table as the programs' runtime has it.
pub fn header() -> String {
    let mut out =
        String::from("/* Made by tests/mql5/values.rs. */\n#ifndef MQL5_VALUES_H\n#define MQL5_VALUES_H\n");
    for (group, names) in GROUPS {
        if *group == "function" {
            out.push_str("namespace rt { enum class function : int {\n");
            for (name, value) in *names {
                let _ = writeln!(out, "    {name} = {value},");
            }
            out.push_str("}; }\n");
        } else if NUMBERS.contains(group) {
            let kind = if *group == "ENUM_CHART_EVENT" { "int" } else { "unsigned int" };
            for (name, value) in *names {
                let _ = writeln!(out, "constexpr {kind} mql_{name} = {value};");
            }
        } else {
            let _ = writeln!(out, "enum mql_{group} : int {{");
            for (name, value) in *names {
                let _ = writeln!(out, "    mql_{name} = {value},");
            }
            out.push_str("};\n");
        }
    }
    out.push_str("#endif\n");
    out
}
