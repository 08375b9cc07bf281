//! `lotbridge init`: the first configuration.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use lotbridge::config::Setup;

use super::Run;

fn init(output: &Path, more: &[&str]) -> Run {
    let own = ["init", "--master", "1001", "--currency", "usd", "--slave", "2001", "--slave", "2002"];
    Run::of(&[&own[..], &["--output", output.to_str().unwrap()], more].concat())
}

/// Answers on its standard input.
fn asked(output: &Path, answers: &str) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lotbridge"))
        .args(["init", "--output", output.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn every_method_gives_a_configuration_that_check_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let mut secrets = BTreeSet::new();
    for method in ["equity_ratio", "multiplier", "fixed_lots", "block"] {
        let path = folder.path().join(format!("new/{method}.json"));
        let lots = if method == "fixed_lots" { &["--lots", "0.02"][..] } else { &[] };
        init(&path, &[&["--method", method], lots].concat()).says(0, &["is written", "lotbridge check"]);
        let setup = Setup::read_file(&path).unwrap();
        assert_eq!((setup.master.login.0, setup.pools[0].members.len()), (1001, 2));
        assert_eq!(setup.secret.expose().len(), 64);
        secrets.insert(setup.secret.expose().to_owned());
        let run = Run::of(&["check", "--config", path.to_str().unwrap()]).says(0, &["2001", "2002"]);
        assert!(!run.out.contains("warning"), "{}", run.out);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    assert_eq!(secrets.len(), 4, "each has a secret of its own");
}

#[test]
fn it_asks_for_what_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lotbridge.json");
    let (done, said) = asked(&path, "1001\neur\n2001, 2002 2003\nfixed_lots\n0.05\n");
    assert!(done, "{said}");
    assert!(said.contains("Master account's number") && said.contains("equity_ratio"), "{said}");
    let setup = Setup::read_file(&path).unwrap();
    assert_eq!((setup.master.currency.as_str(), setup.pools[0].members.len()), ("EUR", 3));
    for (answers, why) in [
        ("x\n", "an account's number, such as 1001"),
        ("1001\ndollars\n", "three letters"),
        ("1001\nUSD\n\n", "one account's number at least"),
        ("1001\nUSD\n2001\nfair\n", "fair"),
        ("1001\n", "give --currency"),
        ("1001\nUSD\n1001\nblock\n", "the master's own"),
    ] {
        let path = folder.path().join("refused.json");
        let (done, said) = asked(&path, answers);
        assert!(!done && said.contains(why) && !path.exists(), "{answers:?}: {said}");
    }
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.json");
    fs::write(&path, "mine").unwrap();
    init(&path, &["--method", "block"]).says(1, &["is there already and is left as it is"]);
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    let other = folder.path().join("other.json");
    init(&other, &["--method", "block", "--lots", "1"]).says(1, &["--lots belongs to --method fixed_lots"]);
    init(&other, &["--method", "block", "--lots", "-1"]).says(2, &["lots are above 0"]);
    assert!(!other.exists());
}
