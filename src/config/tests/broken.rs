//! Configurations with one thing wrong each: where it is reported, and a phrase of the report.

use super::SAMPLE;
use crate::config::Setup;

const TABLE: &str = include_str!("broken.txt");

#[test]
fn one_thing_wrong_is_one_error_at_its_place() {
    let lines: Vec<&str> = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for row in lines.chunks(2) {
        let (from, to) = row[0].split_once("  →").unwrap_or_else(|| panic!("no arrow: {}", row[0]));
        let (path, phrase) =
            row[1].trim_start().split_once(": ").unwrap_or_else(|| panic!("no path: {}", row[1]));
        let (from, to) =
            (from.replace("\\n", "\n"), to.strip_prefix("  ").unwrap_or("").replace("\\n", "\n"));
        assert!(SAMPLE.contains(&from), "not in the sample: {from}");
        let errors = Setup::parse(&SAMPLE.replacen(&from, &to, 1)).expect_err(row[0]);
        let text = errors.to_string();
        assert_eq!(errors.errors.len(), 1, "{row:?}: {text}");
        let found = errors.errors[0].path.as_str();
        assert_eq!(if found.is_empty() { "(all)" } else { found }, path, "{row:?}: {text}");
        assert!(text.contains(phrase), "{row:?}: {text}");
    }
    assert!(lines.len() > 200, "{} lines of the table were read", lines.len());
}

#[test]
fn names_may_give_the_same_tag() {
    let named = |name: &str| SAMPLE.replacen("\"name\": \"multiplier\"", &format!("\"name\": \"{name}\""), 1);
    let tag = |name: &str| crate::domain::PoolTag::of_name(name);
    let twin = (0..10_000).map(|i| format!("pool {i}")).find(|name| tag(name) == tag("blend")).unwrap();
    let error = Setup::parse(&named(&twin)).unwrap_err().to_string();
    assert!(error.starts_with("pools[8].tag: found tag "), "{error}");
    assert!(
        error.contains("made from the name, which pools[1] has too, expected tags that differ: set \"tag\""),
        "{error}"
    );
    let other = (0..10_000).map(|i| format!("pool {i}")).find(|name| tag(name).0 == 200).unwrap();
    assert!(Setup::parse(&named(&other)).is_ok());
}
