mod broken;

use std::io::Write;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::allocation::{
    BelowMinimum, DrawdownFrom, Excess, FixedPer, GuardRules, Guarded, LateCopies, Loss, Method, Reaction,
    Residual, Rounding, SideFilter, StopsAt, Unfilled, WeightKind,
};
use crate::domain::{BasisPoints, Lots, PoolTag, Ratio, text};

const SAMPLE: &str = include_str!("tests/sample.json");

/// The least that a configuration may be.
const SMALL: &str = r#"{"master": {"login": 1001, "currency": "USD"}, "secret": "s",
    "pools": [{"name": "a", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]}]}"#;

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn points(text: &str) -> BasisPoints {
    text.parse().unwrap()
}

#[test]
fn what_goes_on_record_lacks_the_secret_alone() {
    let setup = Setup::parse(SAMPLE).unwrap();
    assert!(!setup.text.contains("secret") && !setup.text.contains(setup.secret.expose()), "{}", setup.text);
    let (mut written, kept): (Value, Value) =
        (serde_json::from_str(SAMPLE).unwrap(), serde_json::from_str(&setup.text).unwrap());
    written.as_object_mut().unwrap().remove("secret").unwrap();
    assert_eq!(kept, written);
}

#[test]
fn the_sample_covers_every_method() {
    let setup = Setup::parse(SAMPLE).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(setup.master.login, Login(1001));
    assert_eq!(setup.master.endpoint_dir.as_deref(), Some(Path::new("C:/LotBridge/run")));
    let times = (setup.master.valid_for_ms, setup.master.max_snapshot_age_ms, setup.master.doubt_ms);
    assert_eq!((times, setup.master.deviation_points), ((8000, 4000, 2500), 50));
    assert_eq!(setup.secret.expose(), "correct horse battery staple");
    let methods: Vec<&Method> = setup.pools.iter().map(|pool| &pool.method).collect();
    assert_eq!(methods[0], &Method::FixedLots { per: FixedPer::MasterLot });
    assert_eq!(
        methods[1..5],
        [&Method::Multiplier, &Method::BalanceRatio, &Method::EquityRatio, &Method::FreeMarginRatio]
    );
    assert_eq!(methods[5], &Method::RiskPercent { percent: ratio("1.25") });
    let carried = Method::Block {
        by: WeightKind::Percent,
        block_multiplier: ratio("2.5"),
        residual: Residual::Carry,
        excess: Excess::Remainder,
    };
    assert_eq!(methods[6], &carried);
    assert!(
        matches!(methods[7], Method::Block { by: WeightKind::RiskWeight, block_multiplier, residual, excess }
        if *block_multiplier == Ratio::UNIT && *residual == Residual::LargestAccount && *excess == Excess::Others)
    );
    assert!(matches!(methods[8], Method::Hybrid { blend, block_multiplier, residual, .. }
        if blend.len() == 5 && blend[0] == (WeightKind::Equity, points("0.4"))
            && *block_multiplier == ratio("3") && *residual == Residual::LargestRemainder));
    assert!(matches!(methods[9], Method::Formula(formula) if formula.uses("profile")));
    for pool in &setup.pools[1..] {
        assert_eq!(pool.tag, PoolTag::of_name(&pool.name));
    }
}

#[test]
fn the_sample_gives_pools_accounts_and_replay() {
    let setup = Setup::parse(SAMPLE).unwrap();
    let gold = &setup.pools[0];
    assert_eq!((gold.name.as_str(), gold.tag, gold.late_copies), ("gold", PoolTag(7), LateCopies::Skip));
    assert_eq!(
        (gold.filter.side, gold.filter.magic.as_slice()),
        (SideFilter::Buy, [42..=42, 43..=43, 100..=199].as_slice())
    );
    assert_eq!(
        (gold.filter.symbols.to_string().as_str(), gold.filter.comments.to_string().as_str()),
        ("XAU*, XAG*, !*.r", "EA1*, !EA1 test")
    );
    let hours: Vec<String> = gold.filter.hours.iter().map(ToString::to_string).collect();
    assert_eq!(hours, ["mon fri 08:00 to 17:00", "22:00 to 02:30"]);
    let lots: Vec<_> = gold.members.iter().map(|m| (m.login.0, m.lots)).collect();
    let expected: Lots = "0.1".parse().unwrap();
    assert_eq!(lots, [(2001, Some(Lots::from_units(2 * Lots::ONE))), (2002, Some(expected))], "by login");
    assert_eq!((gold.contract_size, gold.leverage), (true, true));
    let multiplier = &setup.pools[1];
    assert_eq!((multiplier.contract_size, setup.pools[2].leverage), (false, false));
    assert_eq!(multiplier.late_copies, LateCopies::NotWorse, "by default");
    assert_eq!((multiplier.reverse, multiplier.stops), (false, StopsAt::Price), "by default");
    assert_eq!((gold.reverse, gold.stops), (true, StopsAt::Distance));
    assert_eq!((gold.pending.unfilled, gold.pending.wait_ms), (Unfilled::Wait, 5000));
    assert_eq!(multiplier.members[0].profile, points("1.5"));
    assert_eq!(multiplier.members[1].profile, BasisPoints::ONE, "by default");

    let own = setup.account(Login(2001));
    assert_eq!((own.rules.rounding, own.rules.below_minimum), (Rounding::RaiseToMinimum, BelowMinimum::Keep));
    assert_eq!(own.rules.max_risk_multiple, ratio("3"));
    assert_eq!(own.rules.limits.lots_per_symbol, Some("2.5".parse().unwrap()));
    assert_eq!(own.rules.limits.open_copies, Some(20));
    assert_eq!(own.rules.limits.margin_buffer_percent, Some(ratio("30")));
    let slave = |name: &str| own.symbols.to_slave(text(name).unwrap()).unwrap().to_string();
    assert_eq!((slave("XAUUSD"), slave("EURUSD")), ("GOLD".to_owned(), "mEURUSD.a".to_owned()));
    assert_eq!((slave("DJ30"), own.symbols.factor(text("DJ30").unwrap())), ("US30".to_owned(), ratio("0.1")));
    assert_eq!(setup.account(Login(9)), &AccountSetup::default());

    assert_eq!(setup.replay.terminals[1].balance, "2500.50".parse().unwrap());
    assert_eq!(setup.replay.terminals[1].leverage, 30);
    assert_eq!(setup.replay.instruments[0].contract_size, ratio("100"));
    assert_eq!(setup.replay.rates[0].rate, ratio("1.0842"));
}

#[test]
fn the_sample_gives_guards() {
    let setup = Setup::parse(SAMPLE).unwrap();
    let expected = GuardRules {
        day_starts_at_minutes: 120,
        daily_loss: Some(Guarded { bound: Loss::Percent(ratio("4.5")), reaction: Reaction::CloseAll }),
        daily_drawdown: Some(Guarded {
            bound: Loss::Money("250".parse().unwrap()),
            reaction: Reaction::CloseOnly,
        }),
        total_drawdown: Some(Guarded { bound: Loss::Percent(ratio("12")), reaction: Reaction::CloseAll }),
        drawdown_from: DrawdownFrom::Trailing,
        equity_stop: Some(Guarded { bound: "1500".parse().unwrap(), reaction: Reaction::CloseAll }),
        margin_level: Some(Guarded { bound: ratio("210"), reaction: Reaction::SkipOpens }),
        exposure_per_symbol: Some(Guarded { bound: "2.6".parse().unwrap(), reaction: Reaction::CloseOnly }),
        exposure_total: Some(Guarded { bound: "11".parse().unwrap(), reaction: Reaction::SkipOpens }),
    };
    assert_eq!(setup.account(Login(2001)).rules.guards, expected);
    assert!(setup.account(Login(2002)).rules.guards.is_empty());
    let fixed = SAMPLE.replace("\"kind\": \"trailing\", ", "");
    let fixed = Setup::parse(&fixed).unwrap();
    assert_eq!(fixed.account(Login(2001)).rules.guards.drawdown_from, DrawdownFrom::Static, "by default");
}

#[test]
fn what_is_left_out_has_its_default() {
    let setup = Setup::parse(SMALL).unwrap();
    let times = (setup.master.valid_for_ms, setup.master.max_snapshot_age_ms, setup.master.doubt_ms);
    assert_eq!((times, setup.master.deviation_points), ((10_000, 5_000, 3_000), 100));
    assert_eq!((setup.master.endpoint_dir, setup.accounts.len()), (None, 0));
    assert_eq!(setup.replay, ReplaySetup::default());
    assert!(Setup::parse(&format!("\u{feff}{SMALL}")).is_ok(), "an editor's byte order mark");
}

#[test]
fn the_secret_is_never_shown() {
    let shown = format!("{:?}", Setup::parse(SAMPLE).unwrap());
    assert!(shown.contains("1001") && !shown.contains("horse"), "{shown}");
    for secret in ["123456", "[\"hunter2\"]", "{\"hunter2\": 1}", "true"] {
        let error = Setup::parse(&SMALL.replace("\"s\"", secret)).unwrap_err().to_string();
        assert!(error.starts_with("secret: ") && error.contains("text in quotes"), "{error}");
        assert!(!error.contains("123456") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn several_errors_are_told_at_once() {
    let text = SAMPLE.replace("\"2500.50\"", "0").replace("\"1.25\"", "0").replace("\"3\"", "\"0.5\"");
    let errors = Setup::parse(&text).unwrap_err();
    let paths: Vec<&str> = errors.errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(
        paths,
        ["pools[5].allocation.percent", "accounts.2001.max_risk_multiple", "replay.terminals[1].balance"]
    );
    let many: Vec<String> = (0..30).map(|i| format!("{{\"login\": {}, \"lots\": 1}}", 3000 + i)).collect();
    let errors = Setup::parse(&SMALL.replace("{\"login\": 2001}", &many.join(","))).unwrap_err();
    assert_eq!((errors.errors.len(), errors.more), (MAX_ERRORS, 10));
}

#[test]
fn bounds_hold_and_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(bytes).unwrap();
        path
    };
    assert_eq!(
        Setup::read_file(&file("good.json", SAMPLE.as_bytes())).unwrap(),
        Setup::parse(SAMPLE).unwrap()
    );
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(SMALL.bytes().flat_map(|byte| [byte, 0])).collect();
    let big = format!("{SMALL}{}", " ".repeat(MAX_BYTES));
    for (path, phrase) in [
        (folder.path().join("none.json"), "expected a file that can be read"),
        (folder.path().to_path_buf(), "expected a file that can be read"),
        (file("latin1.json", b"{\"secret\": \"\xe9\"}"), "not UTF-8 from byte 13 on"),
        (file("utf16.json", &utf16), "text in UTF-16, expected text in UTF-8"),
        (file("big.json", big.as_bytes()), "more than 1048576 bytes"),
        (file("bad.json", SAMPLE.replace("1.25", "0").as_bytes()), ": pools[5].allocation.percent: found 0,"),
    ] {
        let error = Setup::read_file(&path).unwrap_err().to_string();
        assert!(error.contains(phrase) && error.starts_with(&path.display().to_string()), "{error}");
    }
    assert!(Setup::parse(&big).unwrap_err().to_string().contains("at most 1048576 bytes"));
    let pool = |i: usize| {
        let members = "[{\"login\": 1}]";
        format!(
            r#"{{"name": "{i}", "tag": {i}, "allocation": {{"method": "multiplier"}}, "members": {members}}}"#
        )
    };
    let with = |count: usize| {
        let pools: Vec<String> = (0..count).map(pool).collect();
        format!(
            r#"{{"master": {{"login": 9, "currency": "USD"}}, "secret": "s", "pools": [{}]}}"#,
            pools.join(",")
        )
    };
    assert!(Setup::parse(&with(64)).is_ok());
    assert_eq!(
        Setup::parse(&with(65)).unwrap_err().to_string(),
        "pools: found 65 pools, expected 1 to 64 pools"
    );
}

/// Checks `value` against the parts of a JSON schema that ours has; answers where it does not fit.
fn misfit(root: &Value, schema: &Value, value: &Value, path: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.strip_prefix('#').unwrap());
        return misfit(root, target.unwrap_or_else(|| panic!("{name}")), value, path);
    }
    if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let all: Vec<Option<String>> = choices.iter().map(|c| misfit(root, c, value, path)).collect();
        return if all.contains(&None) { None } else { all.into_iter().flatten().next() };
    }
    if let Some(word) = schema.get("const") {
        return (word != value).then(|| format!("{path}: {value} is not {word}"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let named = |t: &Value| t == kind || t.as_array().is_some_and(|all| all.iter().any(|t| t == kind));
    if !schema.get("type").is_some_and(named) {
        return Some(format!("{path}: {kind} is not {}", schema["type"]));
    }
    match value {
        Value::Array(items) => items.iter().find_map(|v| misfit(root, &schema["items"], v, path)),
        Value::Object(entries) => {
            let required = schema["required"].as_array().into_iter().flatten();
            let missing = required.filter_map(Value::as_str).find(|key| !entries.contains_key(*key));
            missing.map(|key| format!("{path}.{key} is missing")).or_else(|| {
                entries.iter().find_map(|(key, v)| {
                    let path = format!("{path}.{key}");
                    let inner = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
                    if inner.is_object() {
                        misfit(root, inner, v, &path)
                    } else {
                        Some(format!("{path} is unknown"))
                    }
                })
            })
        }
        _ => None,
    }
}

#[test]
fn the_schema_knows_the_sample() {
    let schema = schema();
    let fits = |text: &str| misfit(&schema, &schema, &serde_json::from_str(text).unwrap(), "");
    assert_eq!(fits(SAMPLE), None);
    assert_eq!(fits(SMALL), None);
    for (from, to, misfit) in [
        ("\"secret\"", "\"secrets\"", ".secret is missing"),
        ("\"profile\": \"1.5\"", "\"profiles\": 1", ".pools.members.profiles is unknown"),
        ("\"lots_total\": 10", "\"lots_total\": []", ".accounts.2001.limits.lots_total: array"),
        ("\"side\": \"sell\"", "\"side\": \"short\"", ".pools.filter.side"),
    ] {
        let found = fits(&SAMPLE.replacen(from, to, 1));
        assert!(found.as_ref().is_some_and(|found| found.starts_with(misfit)), "{to}: {found:?}");
    }
    let pattern = &schema["$defs"]["RawMember"]["properties"]["lots"];
    assert_eq!(pattern["pattern"], "^-?[0-9]+(\\.[0-9]+)?$", "{pattern}");
    assert_eq!(pattern["description"], "`fixed_lots`: its lots.");
}

proptest! {
    #[test]
    fn no_text_panics(at in 0..SAMPLE.len(), len in 0_usize..20, put in "[\\[\\]{}:,\"0-9a-z. -]{0,4}") {
        let end = (at + len).min(SAMPLE.len());
        let text = format!("{}{put}{}", &SAMPLE[..at], &SAMPLE[end..]);
        if let Err(errors) = Setup::parse(&text) {
            prop_assert!(!errors.errors.is_empty() && errors.errors.len() <= MAX_ERRORS);
        }
    }

    #[test]
    fn decimals_are_exact(cents in 1_u32..1_000_000) {
        let lots = format!("{}.{:02}", cents / 100, cents % 100);
        let text = SMALL.replace("multiplier", "fixed_lots")
            .replace("2001}", &format!("2001, \"lots\": \"{lots}\"}}"));
        let setup = Setup::parse(&text).unwrap();
        let units = setup.pools[0].members[0].lots.map(Lots::units);
        prop_assert_eq!(units, Some(i64::from(cents) * Lots::ONE / 100));
    }
}
