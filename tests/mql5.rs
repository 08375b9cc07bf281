//! The MQL5 programs of `mql5/`, unchanged: translated to C++, compiled, and run on headless terminals in processes of their
//! own, through the real library and over the real socket.
//!
//! This file is also the program that such a process runs: `mql5 terminal --login N`.
#![cfg_attr(not(unix), allow(dead_code, unused_imports))]

#[cfg(unix)]
#[path = "mql5/accounts.rs"]
mod accounts;
#[path = "mql5/checks/mod.rs"]
mod checks;
#[path = "mql5/compile.rs"]
mod compile;
#[cfg(unix)]
#[path = "mql5/desk.rs"]
mod desk;
#[cfg(unix)]
#[path = "mql5/history.rs"]
mod history;
#[cfg(unix)]
#[path = "mql5/host/mod.rs"]
mod host;
#[cfg(unix)]
#[path = "mql5/panels.rs"]
mod panels;
#[cfg(unix)]
#[path = "mql5/timing.rs"]
mod timing;
#[cfg(unix)]
#[path = "mql5/trading.rs"]
mod trading;
#[path = "mql5/translate/mod.rs"]
mod translate;
#[cfg(unix)]
#[path = "mql5/trouble.rs"]
mod trouble;
#[path = "mql5/values.rs"]
#[allow(non_upper_case_globals, reason = "functions are listed under MQL5's own names")]
mod values;
#[path = "../src/bin/lotbridge/replay/wire.rs"]
mod wire;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let given: Vec<String> = std::env::args().collect();
    #[cfg(unix)]
    if given.get(1).is_some_and(|first| first == "terminal") {
        let login = given.get(3).and_then(|login| login.parse().ok()).expect("terminal --login N");
        if let Err(text) = host::run(login) {
            eprintln!("terminal {login}: {text}");
            std::process::exit(1);
        }
        return;
    }
    libtest_mimic::run(&Arguments::from_args(), tests()).exit();
}

/// A test: what panics has failed.
fn test(name: &'static str, run: fn()) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(run).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failed::from(text.unwrap_or_default())
        })
    })
}

fn tests() -> Vec<Trial> {
    let mut tests = vec![
        test("checks::the_programs_compile", the_programs_compile),
        test("checks::imports_are_the_headers", checks::header::imports_are_the_headers),
        test("checks::another_grammar_reads_every_file", checks::grammar::another_grammar_reads_every_file),
        test("checks::deleted_signs_are_found", checks::grammar::deleted_signs_are_found),
        test("checks::the_translator_refuses", checks::planted::the_translator_refuses),
        test("checks::the_compiler_refuses", checks::planted::the_compiler_refuses),
        test("checks::the_header_is_missed", checks::planted::the_header_is_missed),
        test("checks::the_other_grammar_refuses", checks::planted::the_other_grammar_refuses),
    ];
    #[cfg(unix)]
    tests.extend([
        test("trading::an_open_and_a_close", trading::an_open_and_a_close),
        test("trading::a_whole_trade", trading::a_whole_trade),
        test("trading::two_hundred_at_once", trading::two_hundred_at_once),
        test("trading::pending_orders", trading::pending_orders),
        test("trading::a_broker_without_expirations", trading::a_broker_without_expirations),
        test("trading::filling_modes", trading::filling_modes),
        test("trouble::faults", trouble::faults),
        test("trouble::opens_that_do_not_come", trouble::opens_that_do_not_come),
        test("trouble::orders_that_are_worked_on", trouble::orders_that_are_worked_on),
        test("trouble::a_history_that_comes_late", trouble::a_history_that_comes_late),
        test("trouble::lost_transactions", trouble::lost_transactions),
        test("trading::a_netting_slave", trading::a_netting_slave),
        test("trading::a_maximum_that_falls", trading::a_maximum_that_falls),
        test(
            "trading::a_symbol_that_market_watch_does_not_show",
            trading::a_symbol_that_market_watch_does_not_show,
        ),
        test("trouble::restarts", trouble::restarts),
        test("trouble::a_terminal_is_cut_off_and_comes_back", trouble::a_terminal_is_cut_off_and_comes_back),
        test(
            "trouble::a_close_in_doubt_is_not_repeated_after_an_outage",
            trouble::a_close_in_doubt_is_not_repeated_after_an_outage,
        ),
        test("trouble::refusals", trouble::refusals),
        test("trouble::trading_off", trouble::trading_off),
        test("trouble::a_name_that_is_too_long", trouble::a_name_that_is_too_long),
        test("trouble::charts_and_accounts_change", trouble::charts_and_accounts_change),
        test(
            "trouble::another_account_in_the_masters_terminal",
            trouble::another_account_in_the_masters_terminal,
        ),
        test("events::are_lost_as_in_metatrader", host::events_are_lost_as_in_metatrader),
        test("trading::a_netting_master_adds_after_days", trading::a_netting_master_adds_after_days),
        test("panels::panels_and_buttons", panels::panels_and_buttons),
        test("panels::a_guard_is_armed_anew_by_hand", panels::a_guard_is_armed_anew_by_hand),
        test("panels::the_masters_buttons", panels::the_masters_buttons),
        test("panels::a_click_is_not_undone_by_the_next", panels::a_click_is_not_undone_by_the_next),
        test("trading::the_self_test", trading::the_self_test),
        test("timing::from_trade_to_order_send", timing::from_trade_to_order_send),
        test(
            "timing::a_hundred_positions_cost_the_master_little",
            timing::a_hundred_positions_cost_the_master_little,
        ),
        test("timing::a_busy_week_costs_the_master_little", timing::a_busy_week_costs_the_master_little),
        test("history::ends_as_in_the_replay", history::a_history_ends_as_in_the_replay),
        test("history::killed_terminals_end_the_same", history::killed_terminals_end_the_same),
    ]);
    tests
}

/// The script that a user runs first.
const SELF_TEST: &str = "Scripts/LotBridge/LotBridgeSelfTest";

fn the_programs_compile() {
    for program in ["Experts/LotBridge/LotBridgeMaster", "Experts/LotBridge/LotBridgeSlave", SELF_TEST] {
        let out = compile::made().join(program).with_extension("so");
        let program = std::path::PathBuf::from(program).with_extension("mq5");
        compile::build(&compile::mql5(), &program, &out).unwrap_or_else(|error| panic!("{error}"));
    }
}
