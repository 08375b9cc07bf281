use proptest::prelude::*;

use super::*;

fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// A master of 50,000 in USD, a slave of 12,500 in EUR, gold at 2,400 with a stop 8 away.
fn facts() -> Facts {
    Facts {
        master_lots: dec("1.5"),
        master_balance: dec("50000"),
        master_equity: dec("48000"),
        master_free_margin: dec("40000"),
        master_leverage: dec("500"),
        master_contract_size: dec("100"),
        balance: dec("12500"),
        equity: dec("12000"),
        free_margin: dec("11000"),
        leverage: dec("30"),
        contract_size: dec("10"),
        profile: dec("0.5"),
        entry: dec("2400"),
        stop_distance: dec("8"),
        tick_size: dec("0.01"),
        tick_value: dec("0.1"),
        lot_step: dec("0.01"),
        lots_min: dec("0.01"),
        lots_max: dec("50"),
        rate: dec("1.1"),
    }
}

#[test]
fn expressions_give_decimals() {
    for (expression, lots) in [
        ("0.10", "0.1"),
        ("1/3", "0.333333333333"),
        ("2/3*3", "2"),
        ("10/4", "2.5"),
        ("7 - 2 * 3", "1"),
        ("-(2) + 3", "1"),
        ("-profile + 3", "2.5"),
        ("3 + -profile", "2.5"),
        ("+profile + 3", "3.5"),
        ("1--1", "2"),
        ("master_lots * 2 / 3", "1"),
        ("master_lots*profile", "0.75"),
        ("master_lots * equity * rate / master_equity", "0.4125"),
        ("master_lots * contract_size / master_contract_size", "0.15"),
        ("min(master_lots, 1)", "1"),
        ("max(0.5, min ( 2 , 3 ))", "2"),
        ("abs(1 - master_lots)", "0.5"),
        ("floor(2.7) + ceil(2.1) + round(2.5)", "8"),
        ("floor(-0.5)", "-1"),
        ("round(-2.5)", "-3"),
        ("floor(1 / 3 * 3)", "1"),
        ("0.03 / 3 * 3", "0.03"),
        ("if balance > 10000 { 0.2 } else { 0.1 }", "0.2"),
        ("if balance > 20000 && equity > 1 || 1 == 2 { 0.2 } else { 0.1 }", "0.1"),
        ("if !(leverage <= 30) { 2 } else if rate != 1 { 3 } else { 4 }", "3"),
        (
            "if stop_distance > 0 { equity / 100 / (stop_distance / tick_size * tick_value) } else { 0 }",
            "1.5",
        ),
        ("\tmaster_lots\r\n + 1 ", "2.5"),
        ("9000000000000000000000 - 8999999999999999999999", "1"),
    ] {
        let formula = Formula::compile(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert_eq!(formula.evaluate(&facts()).unwrap(), dec(lots), "{expression}");
        assert_eq!(formula.source(), expression);
    }
}

#[test]
fn every_fact_is_read_under_its_own_name() {
    assert_eq!(Facts::NAMES.len(), 20);
    let shown = format!("{:?}", facts());
    assert!(facts().named().map(|(name, _)| name).eq(Facts::NAMES.iter().copied()));
    for (index, (name, named)) in facts().named().enumerate() {
        let formula = Formula::compile(name).unwrap();
        let value = formula.evaluate(&facts()).unwrap();
        assert_eq!((value, value), (named, Facts::READERS[index](&facts())), "{name}");
        assert!(shown.contains(&format!(" {name}: {value}")), "{name} {value} {shown}");
        assert!(formula.uses(name) && !formula.uses("x"));
    }
}

#[test]
fn what_is_no_formula_is_refused_when_it_is_read() {
    for (expression, phrase) in [
        ("", "empty"),
        (" \n", "empty"),
        ("balanse", "column 1: `balanse` is unknown to formulas; values are master_lots, master_balance"),
        ("1 + foo(2)", "column 5: `foo` is unknown"),
        ("eval(1)", "`eval` is unknown"),
        ("let x", "`let` is unknown"),
        ("true", "`true` is unknown"),
        ("balance(2)", "`balance` without parentheses"),
        ("min", "column 1: found `min` alone, expected `min(…)` with 2 value(s)"),
        ("min(1)", "found `min` with 1 value(s), expected 2"),
        ("if 1 > 2 { 1 } else { min(1,2,3) }", "column 23: found `min` with 3 value(s)"),
        ("abs()", "with 0 value(s), expected 1"),
        ("1,5", "decimals have a point"),
        ("(1,5)", "decimals have a point"),
        ("balance = 3", "`==`, which compares"),
        ("1 % 2", "percent"),
        (".5", "a digit before the point"),
        ("1.", "found `1.`"),
        ("1.2.3", "found `1.2.3`"),
        ("1e3", "found `1e3`"),
        ("0x10", "found `0x10`"),
        ("79228162514264337593543950336", "28 digits"),
        ("\"a\"", "found `\"`"),
        ("'a'", "found `'`"),
        ("é", "found `é`"),
        ("1; 2", "found `;`"),
        ("[1]", "found `[`"),
        ("1 // 2", "column 4: found a syntax error"),
        ("1 /* 2 */", "column 4: found a syntax error"),
        ("2 ** 3", "column 4: found a syntax error"),
        ("1 2", "column 3: found a syntax error"),
        ("(1", "column 2: found a syntax error"),
        ("1)", "column 2: found a syntax error"),
        ("1 +", "column 3: found a syntax error"),
        ("if stop_distance > 0 { 1 } else { stop_distance == 0 }", "number"),
        ("{ 1 }", "syntax error"),
        ("if 1 > 2 { 1 }", "an `if` without `else`"),
        ("if 1 > 2 { } else { 1 }", ""),
        ("if 1 { 1 } else { 2 }", "Expecting a boolean expression, not decimal"),
        ("1 > 2", "gives true or false"),
        ("1 + (1 > 2)", "mixes numbers with true or false"),
        ("!balance", "mixes numbers with true or false"),
        ("balance && 1 > 2", "mixes numbers with true or false"),
        ("min(1 > 2, 1)", "mixes numbers with true or false"),
    ] {
        let error = Formula::compile(expression).expect_err(expression).to_string();
        assert!(error.contains(phrase), "{expression}: {error}");
    }
}

#[test]
fn facts_can_make_a_formula_fail_but_not_panic() {
    let zero = Facts::default();
    let large = Facts { balance: Decimal::MAX, equity: Decimal::MIN, ..facts() };
    for (expression, facts, phrase) in [
        ("1 / stop_distance", zero, "divides by zero"),
        ("balance * 2", large, "too large"),
        ("balance + balance", large, "too large"),
        ("equity - balance", large, "too large"),
        ("balance / lot_step", large, "too large"),
        ("if rate == 0 { 1 > 2 } else { 1 }", zero, "true or false"),
    ] {
        let formula = Formula::compile(expression).unwrap();
        let error = formula.evaluate(&facts).expect_err(expression).to_string();
        assert!(error.contains(phrase), "{expression}: {error}");
    }
    for expression in ["abs(equity)", "-equity", "floor(balance)", "round(equity)", "ceil(balance)"] {
        Formula::compile(expression).unwrap().evaluate(&large).unwrap();
    }
}

/// The DLL runs on a thread of the terminal, whose stack is not ours to choose.
#[test]
fn the_longest_formulas_need_little_stack() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    let worst = move || {
        let minus = |depth: usize| format!("{}rate", "-".repeat(depth));
        let sum = |terms: usize| vec!["rate"; terms].join("+");
        let calls = |depth: usize| format!("{}1{}", "abs(".repeat(depth), ")".repeat(depth));
        let ifs = |depth: usize| "if 1>2 {1} else ".repeat(depth) + "{1}";
        let mixed = |depth: usize| {
            let inner = format!("{}{}{}", "abs(".repeat(8), minus(depth), ")".repeat(8));
            "if 1>2 {1} else ".repeat(8) + "{" + inner.as_str() + "}"
        };
        let shapes: [(&str, &dyn Fn(usize) -> String); 6] = [
            ("parentheses", &nested),
            ("minus", &minus),
            ("sum", &sum),
            ("calls", &calls),
            ("ifs", &ifs),
            ("mixed", &mixed),
        ];
        for (shape, text) in shapes {
            let fits = |size: usize| Formula::compile(&text(size)).map(|f| f.evaluate(&facts()));
            let deepest = (1..80).rev().find(|&size| fits(size).is_ok_and(|lots| lots.is_ok()));
            assert!(deepest.is_some_and(|size| size >= 8), "{shape}: {deepest:?}");
            assert!(fits(80).is_err(), "{shape}");
        }
        assert!(Formula::compile(&format!("{}1", "1-".repeat(200))).unwrap_err().to_string().contains("256"));
        assert!(Formula::compile(&"1".repeat(1_001)).unwrap_err().to_string().contains("1000 are allowed"));
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(worst).unwrap().join().unwrap();
}

#[test]
fn formulas_are_equal_by_text_and_cross_threads() {
    fn crosses<T: Send + Sync + Clone>(_: &T) {}
    let (a, b) = (Formula::compile("master_lots").unwrap(), Formula::compile("master_lots").unwrap());
    crosses(&a);
    assert_eq!(a, b);
    assert_ne!(a, Formula::compile("master_lots * 1").unwrap());
    assert_eq!(format!("{a:?}"), "Formula(\"master_lots\")");
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z0-9_+*/()<>=!&|{},. ;\"'%-]{0,60}") {
        if let Ok(formula) = Formula::compile(&text) {
            let _ = formula.evaluate(&facts());
        }
    }

    #[test]
    fn tokens_in_any_order_do_not_panic(picks in proptest::collection::vec(0_usize..24, 0..40)) {
        let tokens = [
            "1", "0", "0.5", "+", "-", "*", "/", "(", ")", "<", "==", "&&", "!", "if", "else", "{", "}", ",",
            "min", "floor", "equity", "rate", "stop_distance", "||",
        ];
        let text: Vec<&str> = picks.iter().map(|&pick| tokens[pick]).collect();
        if let Ok(formula) = Formula::compile(&text.join(" ")) {
            let _ = formula.evaluate(&Facts::default());
        }
    }

    #[test]
    fn arithmetic_is_the_decimals_own(a in 1_i64..1_000_000, b in 1_i64..1_000_000, c in -1_000_i64..1_000) {
        let (x, y, z) = (Decimal::new(a, 2), Decimal::new(b, 3), Decimal::from(c));
        let formula = Formula::compile("balance / equity * 3 - rate").unwrap();
        let result = formula.evaluate(&Facts { balance: x, equity: y, rate: z, ..Facts::default() }).unwrap();
        prop_assert_eq!(result, (x / y * Decimal::from(3) - z).round_dp(12).normalize());
    }
}

#[test]
fn an_expression_may_have_so_many_bytes() {
    for (bytes, compiles) in [(MAX_BYTES, true), (MAX_BYTES + 1, false)] {
        assert_eq!(Formula::compile(&format!("{:bytes$}", 1)).is_ok(), compiles, "{bytes}");
    }
}

#[test]
fn an_expression_may_have_so_many_tokens() {
    // A sign, and eight sums of fifteen in parentheses.
    let sums = vec![format!("({})", ["1"; 15].join("+")); 8].join("+");
    let formula = Formula::compile(&format!("-{sums}")).unwrap();
    assert_eq!(formula.evaluate(&facts()), Ok(dec("90")));
    let longer = Formula::compile(&format!("--{sums}"));
    let unit = "numbers, names and operators";
    assert_eq!(longer, Err(FormulaError::TooLong { found: MAX_TOKENS + 1, most: MAX_TOKENS, unit }));
}

#[test]
fn tokens_are_handed_on_with_their_columns() {
    let Scanned { text, starts, .. } = scan::scan(" min(2,rate)").unwrap();
    assert_eq!(text, "min ( 2.0 , rate )");
    assert_eq!(starts, [(1, 2), (5, 5), (7, 6), (11, 7), (13, 8), (18, 12)]);
}
