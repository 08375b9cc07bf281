//! `Import.mqh` against `include/lotbridge.h`: every constant, struct, field and signature, and none more.

use std::collections::BTreeMap;
use std::path::Path;

use crate::compile::{mql5, root, translated};
use crate::translate::{Import, Parameter, Program};

const TYPES: [(&str, &str); 6] = [
    ("uint64_t", "ulong"),
    ("int64_t", "long"),
    ("uint32_t", "uint"),
    ("int32_t", "int"),
    ("uint8_t", "uchar"),
    ("double", "double"),
];

/// Parameters that are many, by their names in the header; other pointers are to one.
const ARRAYS: [&str; 4] = ["config", "items", "buffer", "name"];

fn mql(kind: &str) -> String {
    TYPES.iter().find(|(c, _)| *c == kind).map_or(kind, |(_, mql)| mql).to_owned()
}

/// The header's integer constants.
fn constants(header: &str) -> BTreeMap<String, i64> {
    let lines = header.lines().filter_map(|line| line.strip_prefix("#define "));
    lines
        .filter_map(|line| line.split_once(' ').and_then(|(n, v)| Some((n.to_owned(), v.parse().ok()?))))
        .collect()
}

/// The header's structs: each field with its type, name and length.
fn structs(header: &str) -> BTreeMap<String, Vec<(String, String, Option<usize>)>> {
    let mut found = BTreeMap::new();
    for part in header.split("typedef struct ").skip(1) {
        let (name, rest) = part.split_once(" {").unwrap();
        let body = rest.split_once("\n}").unwrap().0;
        let fields = body.lines().filter_map(|line| {
            let (kind, field) = line.strip_prefix("    ")?.strip_suffix(';')?.split_once(' ')?;
            let (field, length) = field.split_once('[').map_or((field, None), |(field, length)| {
                (field, Some(length.trim_end_matches(']').parse().unwrap()))
            });
            Some((mql(kind), field.to_owned(), length))
        });
        found.insert(name.to_owned(), fields.collect());
    }
    found
}

/// The header's functions as an import writes them.
fn functions(header: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in header.split("\nint32_t ").skip(1) {
        let (name, rest) = part.split_once('(').unwrap();
        let parameters = rest.split_once(");").unwrap().0;
        let written: Vec<String> =
            parameters.split(',').map(|parameter| import_of(parameter.trim())).collect();
        found.insert(name.to_owned(), written.join(", "));
    }
    found
}

fn import_of(parameter: &str) -> String {
    let (constant, rest) = parameter.strip_prefix("const ").map_or(("", parameter), |rest| ("const ", rest));
    let rest = rest.strip_prefix("struct ").unwrap_or(rest);
    let (kind, name) = rest.split_once(' ').unwrap();
    match name.strip_prefix('*') {
        None => format!("{} {name}", mql(kind)),
        Some(name) if ARRAYS.contains(&name) => format!("{constant}{} &{name}[]", mql(kind)),
        Some(name) => format!("{constant}{} &{name}", mql(kind)),
    }
}

/// What differs.
pub fn differences(program: &Program) -> Vec<String> {
    let header = std::fs::read_to_string(root().join("include/lotbridge.h")).unwrap();
    let mut wrong = Vec::new();
    let constants = constants(&header);
    let given: BTreeMap<&str, i64> =
        program.constants.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    for (name, value) in &constants {
        if given.get(name.as_str()) != Some(value) {
            wrong.push(format!("{name} is {value} in the header, {:?} here", given.get(name.as_str())));
        }
    }
    for (name, fields) in structs(&header) {
        let here = program.structs.iter().find(|found| found.name == name);
        let here: Option<Vec<_>> = here
            .map(|found| found.fields.iter().map(|f| (f.kind.clone(), f.name.clone(), f.length)).collect());
        if here.as_ref() != Some(&fields) {
            wrong.push(format!("{name}: {fields:?} in the header, {here:?} here"));
        }
    }
    let functions = functions(&header);
    let imported: BTreeMap<&str, &Import> = program.imports.iter().map(|i| (i.name.as_str(), i)).collect();
    for (name, parameters) in &functions {
        let here = imported.get(name.as_str()).map(|import| {
            assert_eq!((import.library.as_str(), import.returns.as_str()), ("lotbridge.dll", "int"));
            import.parameters.iter().map(Parameter::written).collect::<Vec<_>>().join(", ")
        });
        if here.as_ref() != Some(parameters) {
            wrong.push(format!("{name}({parameters}) in the header, {here:?} here"));
        }
    }
    wrong.extend(
        imported.keys().filter(|n| !functions.contains_key(**n)).map(|n| format!("{n} is in no header")),
    );
    assert!(constants.len() > 60 && functions.len() > 20, "the header was not read");
    wrong
}

pub fn imports_are_the_headers() {
    let program = translated(&mql5(), Path::new("Experts/LotBridge/LotBridgeSlave.mq5")).unwrap();
    let wrong = differences(&program);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
