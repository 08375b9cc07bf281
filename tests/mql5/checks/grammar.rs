//! A second opinion on the language: what MQL5 adds is masked, and the rest read by the grammar of C++ that tree-sitter has;
//! in its tree, what C++ has and MQL5 has not is looked for.

use tree_sitter::{Node, Parser};

/// Nodes that are C++ and no MQL5, or no MQL5 that these programs use.
const BANNED: [(&str, &str); 20] = [
    ("auto", "auto"),
    ("initializer_list", "braces around values"),
    ("lambda_expression", "a lambda"),
    ("pointer_declarator", "a pointer"),
    ("abstract_pointer_declarator", "a pointer"),
    ("pointer_expression", "an address or what is at one"),
    ("null", "nullptr"),
    ("sized_type_specifier", "unsigned, signed or long long"),
    ("try_statement", "try"),
    ("throw_statement", "throw"),
    ("template_declaration", "a template"),
    ("namespace_definition", "a namespace"),
    ("using_declaration", "using"),
    ("alias_declaration", "using"),
    ("new_expression", "new"),
    ("delete_expression", "delete"),
    ("goto_statement", "goto"),
    ("type_definition", "typedef"),
    ("union_specifier", "a union"),
    ("for_range_loop", "a loop over a range"),
];

/// What MQL5 adds to C++, as blanks: lines keep their numbers.
fn masked(text: &str) -> String {
    let mask = |line: &str| {
        let begins = line.trim_start();
        if begins.starts_with("#import") || begins.starts_with("#property") {
            return String::new();
        }
        begins.strip_prefix("input ").map_or_else(|| line.to_owned(), str::to_owned)
    };
    text.lines().map(mask).collect::<Vec<_>>().join("\n")
}

/// What is wrong with a file, each with its line.
pub fn findings(text: &str) -> Vec<String> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_cpp::LANGUAGE.into()).unwrap();
    let text = masked(text);
    let tree = parser.parse(&text, None).unwrap();
    let mut found = Vec::new();
    look(tree.root_node(), &text, &mut found);
    found
}

fn look(node: Node, text: &str, found: &mut Vec<String>) {
    let line = node.start_position().row + 1;
    if node.is_error() || node.is_missing() {
        found.push(format!(
            "{line}: cannot be read: {:?}",
            &text[node.byte_range()].chars().take(60).collect::<String>()
        ));
        return;
    }
    let here = &text[node.byte_range()];
    let banned = BANNED.iter().find(|(kind, _)| *kind == node.kind());
    // MQL5's own `long` is one of these, alone.
    if let Some((_, what)) = banned.filter(|_| here != "long") {
        found.push(format!("{line}: {what}"));
    }
    if node.kind() == "field_expression" && here.contains("->") {
        found.push(format!("{line}: ->"));
    }
    if node.kind() == "reference_declarator" && node.parent().is_none_or(|p| !p.kind().contains("parameter"))
    {
        found.push(format!("{line}: a reference that is no parameter"));
    }
    if node.kind() == "init_declarator"
        && node.child_by_field_name("value").is_some_and(|v| v.kind() == "argument_list")
    {
        found.push(format!("{line}: a declaration with brackets"));
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        look(child, text, found);
    }
}

/// Every MQL5 file of the project.
pub fn files() -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![crate::compile::mql5()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "mq5" || end == "mqh") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub fn another_grammar_reads_every_file() {
    let files = files();
    assert!(files.len() >= 8, "only {} files were found", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        wrong.extend(findings(&text).into_iter().map(|finding| format!("{}:{finding}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every bracket and semicolon is missed by somebody: by the translator, or by the grammar.
pub fn deleted_signs_are_found() {
    let mut missed = Vec::new();
    let mut tried = 0_usize;
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let code: Vec<usize> = code_signs(&text);
        // One in seven, so that the test takes seconds.
        for at in code.iter().step_by(7) {
            tried += 1;
            let without = format!("{}{}", &text[..*at], &text[at + 1..]);
            if findings(&without).is_empty() {
                let line = text[..*at].lines().count();
                missed.push(format!("{}:{line}: without `{}`", file.display(), &text[*at..=*at]));
            }
        }
    }
    assert!(tried > 200, "only {tried} signs were tried");
    assert!(missed.len() * 100 <= tried, "{} of {tried} were missed:\n{}", missed.len(), missed.join("\n"));
}

/// Where brackets and semicolons stand outside comments, texts and directives.
fn code_signs(text: &str) -> Vec<usize> {
    let mut signs = Vec::new();
    let mut start = 0;
    let mut importing = false;
    for line in text.split_inclusive('\n') {
        importing ^= line.starts_with("#import");
        let code = line.split("//").next().unwrap_or_default();
        if !line.starts_with('#') && !importing && !code.contains('"') {
            signs.extend(
                code.char_indices().filter(|(_, c)| "(){}[];".contains(*c)).map(|(at, _)| start + at),
            );
        }
        start += line.len();
    }
    signs
}
