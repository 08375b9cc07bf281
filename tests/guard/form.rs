//! The form: each export is read from the source and must be one guarded call.

use std::fs;
use std::path::Path;

use syn::{Expr, ExprCall, Item, ItemFn, Stmt};

use super::{GENERATED, header};

/// What catches a panic.
const GUARDS: [&str; 2] = ["guard", "guard_ok"];

/// The one call that a function's body is; `None` when it is anything else.
fn only_call(function: &ItemFn) -> Option<&ExprCall> {
    match function.block.stmts.as_slice() {
        [Stmt::Expr(Expr::Call(call), None)] => Some(call),
        _ => None,
    }
}

fn name_of(expression: &Expr) -> Option<String> {
    let Expr::Path(path) = expression else { return None };
    path.path.get_ident().map(ToString::to_string)
}

/// Nothing that could panic before the guard is entered: a name, `None`, `Some(name)`, or a closure.
fn is_inert(argument: &Expr) -> bool {
    match argument {
        Expr::Call(call) => {
            name_of(&call.func).is_some_and(|name| name == "Some")
                && call.args.iter().all(|argument| name_of(argument).is_some())
        }
        Expr::Closure(_) => true,
        other => name_of(other).is_some(),
    }
}

/// Is its body one call of one of these, with everything else inside a closure?
fn is_guarded(function: &ItemFn, guards: &[String]) -> bool {
    only_call(function).is_some_and(|call| {
        name_of(&call.func).is_some_and(|name| guards.contains(&name))
            && call.args.iter().all(is_inert)
            && matches!(call.args.last(), Some(Expr::Closure(_)))
    })
}

fn is_exported(function: &ItemFn) -> bool {
    let abi = function.sig.abi.as_ref().and_then(|abi| abi.name.as_ref()).map(syn::LitStr::value);
    abi.as_deref() == Some("C")
}

fn functions_of(source: &str) -> Vec<ItemFn> {
    let file = syn::parse_file(source).unwrap();
    let functions = file.items.into_iter().filter_map(|item| match item {
        Item::Fn(function) => Some(function),
        _ => None,
    });
    functions.collect()
}

/// Exports that are not one guarded call. A helper whose own body is one is as good as a guard.
fn unguarded(functions: &[ItemFn]) -> Vec<String> {
    let mut guards: Vec<String> = GUARDS.map(String::from).into();
    let helpers = functions.iter().filter(|f| !is_exported(f) && is_guarded(f, &guards));
    let helpers: Vec<String> = helpers.map(|helper| helper.sig.ident.to_string()).collect();
    guards.extend(helpers);
    let loose = functions.iter().filter(|f| is_exported(f) && !is_guarded(f, &guards));
    loose.map(|function| function.sig.ident.to_string()).collect()
}

fn sources_below(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Where exports stand, and nowhere else.
const EXPORTING: [&str; 2] = ["src/ffi/export.rs", "src/ffi/panel.rs"];

fn exports_source() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    EXPORTING.map(|file| fs::read_to_string(root.join(file)).unwrap()).into()
}

#[test]
fn every_export_is_one_guarded_call() {
    let functions: Vec<_> = exports_source().iter().flat_map(|source| functions_of(source)).collect();
    assert_eq!(
        unguarded(&functions),
        [""; 0],
        "their bodies must be one call of {GUARDS:?} and nothing else"
    );
    let exports: Vec<String> =
        functions.iter().filter(|f| is_exported(f)).map(|f| f.sig.ident.to_string()).collect();
    let (test_only, exports): (Vec<_>, Vec<_>) =
        exports.into_iter().partition(|name| name == "lb_test_panic");
    assert_eq!(test_only.len(), 1);
    assert_eq!(
        exports,
        header::functions(GENERATED),
        "the exports of {EXPORTING:?} and the header's functions"
    );
}

#[test]
fn the_check_sees_what_is_not_guarded() {
    let good = "extern \"C\" fn f(h: u64) -> i32 { guard(Some(h), || { let x = g()?; Ok(x) }) }";
    assert_eq!(unguarded(&functions_of(good)), [""; 0]);
    for bad in [
        "extern \"C\" fn f() -> i32 { 0 }",
        "extern \"C\" fn f() -> i32 { let x = g(); guard(None, || Ok(x)) }",
        "extern \"C\" fn f() -> i32 { guard(None, || Ok(0)); 0 }",
        "extern \"C\" fn f() -> i32 { guard(None, || Ok(0)).max(g()) }",
        "extern \"C\" fn f() -> i32 { guard(g(), || Ok(0)) }",
        "extern \"C\" fn f() -> i32 { guard(Some(g()), || Ok(0)) }",
        "extern \"C\" fn f() -> i32 { guard(None, g) }",
        "extern \"C\" fn f() -> i32 { other(None, || Ok(0)) }",
        "fn other(h: u64) -> i32 { g(); guard(None, || h) } extern \"C\" fn f() -> i32 { other(1, || Ok(0)) }",
    ] {
        assert_eq!(unguarded(&functions_of(bad)), ["f"], "{bad}");
    }
}

#[test]
fn nothing_else_is_exported() {
    let mut sources = Vec::new();
    sources_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let exporting = sources.iter().filter(|(_, text)| {
        text.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("#[") && (line.contains("no_mangle") || line.contains("export_name"))
        })
    });
    let mut exporting: Vec<String> = exporting.map(|(path, _)| path.replace('\\', "/")).collect();
    exporting.sort();
    assert_eq!(exporting.len(), EXPORTING.len(), "{exporting:?}");
    assert!(exporting.iter().zip(EXPORTING).all(|(path, file)| path.ends_with(file)), "{exporting:?}");
}
