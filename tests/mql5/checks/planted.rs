//! That the checks can fail: errors planted into copies of the programs, each of them refused.

use std::path::{Path, PathBuf};

use super::{grammar, header};
use crate::compile::{build, mql5, translated};

const SLAVE: &str = "Experts/LotBridge/LotBridgeSlave.mq5";
const IMPORT: &str = "Include/LotBridge/Import.mqh";
const SLAVE_PANEL: &str = "Include/LotBridge/SlavePanel.mqh";

/// A copy of the terminal's folder with one thing changed.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn new(file: &str, was: &str, is: &str) -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap() };
        for from in grammar::files() {
            let to = copy.path().join(from.strip_prefix(mql5()).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&from, &to).unwrap();
        }
        let path = copy.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(was), "{file} has no {was:?} to change");
        std::fs::write(&path, text.replacen(was, is, 1)).unwrap();
        copy
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn translated(&self) -> Result<crate::translate::Program, String> {
        translated(self.path(), Path::new(SLAVE))
    }

    fn built(&self) -> Result<crate::translate::Program, String> {
        let out: PathBuf = self.path().join("made/slave.so");
        build(self.path(), Path::new(SLAVE), &out)
    }
}

/// File, what stands there, what is planted, and what the translator says of it.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (IMPORT, "   uchar     symbol[32];", "   string    symbol;", "crosses an import: a struct with a field"),
    (
        IMPORT,
        "lb_last_error(uchar &buffer[]",
        "lb_last_error(string buffer",
        "a string's buffer has no known length",
    ),
    (SLAVE, "void OnTick()", "void OnTickk()", "there is no event handler `OnTickk`"),
    (SLAVE, "void OnTimer()", "void onTimer()", "there is no event handler `onTimer`"),
    (SLAVE, "void OnTimer()", "void InTimer()", "there is no event handler `InTimer`"),
    (
        SLAVE,
        "void OnDeinit(const int reason)",
        "void OnDeinit(int reason)",
        "the handler is `void OnDeinit(const int",
    ),
    (SLAVE, "int OnInit()", "void OnInit()", "the handler is `int OnInit()`"),
    (SLAVE, "   int answer = lb_slave_status", "   auto answer = lb_slave_status", "`auto` is not for these"),
    (SLAVE, "   int answer = lb_slave_status", "   int answer{0}; answer = lb_slave_status", "`;` is due"),
    (SLAVE, "g_snapshot.Equity()", "g_snapshot->Equity()", "a dot for every member"),
    (SLAVE, "   ulong number  = 0;", "   ulong *number = 0;", "no pointers"),
    (SLAVE, "   ulong number  = 0;", "   ulong number = nullptr;", "`nullptr` is not for these"),
    (SLAVE, "   uint wait_ms = ", "   unsigned int wait_ms = ", "`unsigned` is not for these"),
    (
        SLAVE,
        "   HandOverWhenDue();\n",
        "   try { HandOverWhenDue(); } catch (int) {}\n",
        "`try` is not for these",
    ),
    (
        SLAVE,
        "   ulong number  = 0;",
        "   ulong number = [](){ return 0; }();",
        "an index belongs to an array",
    ),
    (SLAVE, "   ulong number  = 0;", "   ulong &number = g_handle;", "a local is no reference"),
    (SLAVE, "   ulong number  = 0;", "   ulong number = &g_handle;", "no addresses"),
    (
        SLAVE,
        "Execute(const LbOrder &order)",
        "Execute(const LbOrder order)",
        "an object is passed by reference",
    ),
    (SLAVE, "input string InpConfig", "sinput string InpConfig", "a type is due, `sinput` is none"),
    (SLAVE, "   g_shown = text;", "   InpConfig = text;", "the input InpConfig is the user's"),
    (SLAVE, "#property version ", "#property strict ", "#property strict is not known"),
    (
        SLAVE,
        "void Show(const string text)",
        "template<typename T> void Show(T text)",
        "a type is due, `template`",
    ),
    (
        "Include/LotBridge/History.mqh",
        "   bool              m_read;",
        "   bool m_read = false;",
        "gets its value in a method",
    ),
    ("Include/LotBridge/History.mqh", "class CLbHistory", "union CLbHistory", "a type is due, `union`"),
];

/// What the translator refuses.
pub fn the_translator_refuses() {
    for (file, was, is, why) in REFUSED {
        let refused = Copy::new(file, was, is).translated();
        assert!(
            refused.as_ref().is_err_and(|text| text.contains(why)),
            "{is:?}: {:?}",
            refused.map(|_| "taken")
        );
    }
}

/// What only the compiler can see.
pub fn the_compiler_refuses() {
    for (file, was, is, why) in [
        (SLAVE, "EventKillTimer();", "EventStopTimer();", "mql_EventStopTimer"),
        (SLAVE, "LbExecute(order, report);", "LbExecute(report, order);", "LbExecute"),
        (SLAVE_PANEL, "LbLines(handle, LB_LINES_SLAVE_ALERTS)", "LbLines(handle, \"alerts\")", "LbLines"),
        (IMPORT, "int lb_slave_report(ulong handle, const LbResult &result);\n", "", "mql_lb_slave_report"),
        (
            IMPORT,
            "   double    balance;\n   double    equity;",
            "   double    equity;\n   double    balance;",
            "LbAccount.balance: another place",
        ),
        (
            IMPORT,
            "lb_close(ulong handle)",
            "lb_close(long handle)",
            "the import's number is not of the header's type",
        ),
        (SLAVE, "   uint wait_ms = SLAVE_WAIT_MS;", "   uint wait_ms = 0.5;", "wait_ms"),
        (SLAVE, "AccountInfoDouble(ACCOUNT_EQUITY)", "AccountInfoDouble(ACCOUNT_LOGIN)", "ACCOUNT_LOGIN"),
        (SLAVE, "void OnTimer()\n  {\n", "void OnTimer()\n  {\n   printf(\"x\");\n", "mql_printf"),
    ] {
        let refused = Copy::new(file, was, is).built();
        assert!(
            refused.as_ref().is_err_and(|text| text.contains(why)),
            "{is:?}: {:?}",
            refused.map(|_| "taken")
        );
    }
}

/// What differs from the header.
pub fn the_header_is_missed() {
    for (was, is, why) in [
        ("#define LB_CLOSE                   2", "#define LB_CLOSE                   3", "LB_CLOSE is 2"),
        (
            "   ulong     login;\n   long      time_ms;",
            "   long      login;\n   long      time_ms;",
            "LbAccount: ",
        ),
        (
            "   double    balance;\n   double    equity;",
            "   double    equity;\n   double    balance;",
            "LbAccount: ",
        ),
        (
            "lb_slave_wait(ulong handle, uint wait_ms, LbOrder &order)",
            "lb_slave_wait(ulong handle, int wait_ms, LbOrder &order)",
            "lb_slave_wait(",
        ),
        ("int lb_slave_rearm(ulong handle);\n", "", "lb_slave_rearm("),
        (
            "int lb_slave_rearm(ulong handle);\n",
            "int lb_slave_rearm(ulong handle);\nint lb_slave_more(ulong handle);\n",
            "lb_slave_more is in no header",
        ),
    ] {
        let program = Copy::new(IMPORT, was, is).translated().unwrap();
        let wrong = header::differences(&program);
        assert!(wrong.len() == 1 && wrong[0].contains(why), "{is:?}: {wrong:?}");
    }
}

/// What the other grammar finds.
pub fn the_other_grammar_refuses() {
    for (bad, what) in [
        ("auto x = 1;", "auto"),
        ("int x{1};", "braces"),
        ("p->x = 1;", "->"),
        ("int *p = 0;", "a pointer"),
        ("x = nullptr;", "nullptr"),
        ("unsigned int x = 1;", "unsigned"),
        ("try { f(); } catch (int e) { g(); }", "try"),
        ("x = [](int a) { return a; };", "a lambda"),
        ("int &x = y;", "a reference"),
        ("f(&x);", "an address"),
        ("f(x;", "cannot be read"),
    ] {
        let text = format!("void f()\n  {{\n   {bad}\n  }}\n");
        let found = grammar::findings(&text);
        assert!(found.iter().any(|finding| finding.contains(what)), "{bad}: {found:?}");
    }
}
