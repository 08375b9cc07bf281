//! What a source file says, token by token: so that what stands inside a macro's brackets counts, too.

use std::ops::Range;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// Something and where it stands.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// Its line, from 1.
    pub line: usize,
    /// Inside `#[cfg(test)]`.
    pub test: bool,
    /// What.
    pub what: T,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its lines, from its `fn` to its closing brace.
    pub lines: usize,
}

/// What a file says.
#[derive(Debug, Default)]
pub struct Scan {
    /// Every name; a macro's, where it is called, with its `!`.
    pub names: Vec<At<String>>,
    /// Every path of two or more parts, `use` trees taken apart. Those into the crate begin with `crate`, however they
    /// are written.
    pub paths: Vec<At<Vec<String>>>,
    /// Numbers that are floating point.
    pub floats: Vec<At<String>>,
    /// Functions with a body.
    pub functions: Vec<At<Function>>,
    /// The names in the type of every static, `mut` before those of a mutable one.
    pub statics: Vec<At<Vec<String>>>,
    /// Tests that are `#[ignore]`d.
    pub ignored: Vec<At<()>>,
    /// Modules in files of their own.
    pub modules: Vec<At<String>>,
}

/// Where the scan is.
#[derive(Clone)]
struct Scope {
    module: Vec<String>,
    test: bool,
}

impl Scan {
    /// Scans a file that is the module `module` (its path from the crate's root); `test`: all of it is test code.
    ///
    /// # Errors
    /// The source is no Rust: the line, and what the lexer says.
    pub fn of(source: &str, module: Vec<String>, test: bool) -> Result<Self, (usize, String)> {
        let tokens: TokenStream =
            source.parse().map_err(|e: proc_macro2::LexError| (e.span().start().line, e.to_string()))?;
        let mut scan = Self::default();
        scan.walk(tokens, Scope { module, test });
        Ok(scan)
    }

    fn walk(&mut self, stream: TokenStream, mut scope: Scope) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let outer = scope.test;
        for at in 0..tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    if let Some(inner) = attribute(&tokens, at) {
                        scope.test |= is_cfg_test(group);
                        self.attribute(group, &scope);
                        // `#![cfg(test)]` goes on to the end, `#[cfg(test)]` to the end of its item.
                        if inner && is_cfg_test(group) {
                            return self.walk(rest(&tokens, at + 1), Scope { test: true, ..scope });
                        }
                    }
                    let mut within = scope.clone();
                    within.module.extend(inline_module(&tokens, at));
                    self.walk(group.stream(), within);
                    if group.delimiter() == Delimiter::Brace {
                        scope.test = outer;
                    }
                }
                TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | ',') => scope.test = outer,
                TokenTree::Punct(_) => {}
                TokenTree::Literal(literal) => self.literal(&tokens, at, &literal.to_string(), &scope),
                TokenTree::Ident(ident) => self.name(&tokens, at, &ident.to_string(), &scope),
            }
        }
    }

    fn attribute(&mut self, group: &Group, scope: &Scope) {
        let words: Vec<String> = words(group.stream());
        if words.iter().any(|word| word == "ignore") {
            self.ignored.push(here(group.span_open(), scope, ()));
        }
    }

    fn literal(&mut self, tokens: &[TokenTree], at: usize, text: &str, scope: &Scope) {
        // `pair.0.1` is no number; `0.0..1.0` is two.
        let field = is_punct(tokens, at.wrapping_sub(1), '.') && !is_punct(tokens, at.wrapping_sub(2), '.');
        let tail = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        if tail.len() < text.len() && tail.starts_with(['.', 'e', 'E', 'f']) && !field {
            self.floats.push(here(tokens[at].span(), scope, text.to_owned()));
        }
    }

    fn name(&mut self, tokens: &[TokenTree], at: usize, name: &str, scope: &Scope) {
        let span = tokens[at].span();
        let called = is_punct(tokens, at + 1, '!') && matches!(tokens.get(at + 2), Some(TokenTree::Group(_)));
        let shown = if called { format!("{name}!") } else { name.to_owned() };
        self.names.push(here(span, scope, shown));
        match name {
            "fn" => self.function(tokens, at, scope),
            "static" if !is_punct(tokens, at.wrapping_sub(1), '\'') => self.a_static(tokens, at, scope),
            "mod" => {
                if let (Some(TokenTree::Ident(module)), true) =
                    (tokens.get(at + 1), is_punct(tokens, at + 2, ';'))
                {
                    self.modules.push(here(span, scope, module.to_string()));
                }
            }
            _ => {}
        }
        // `use crate as us` names the root.
        let root = name == "crate" && ident(tokens, at.wrapping_sub(1)).as_deref() == Some("use");
        if root || (is_separator(tokens, at + 1) && !continues(tokens, at)) {
            self.path(tokens, at, &[], scope);
        }
    }

    /// Reads a path that begins at `at`, after `before`; braces are taken apart.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, before: &[String], scope: &Scope) {
        let line = tokens.get(at).map_or(0, |token| token.span().start().line);
        let mut parts = before.to_vec();
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(ident)) => parts.push(ident.to_string()),
                Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => parts.push("*".into()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    return self.tree(group, &parts, scope);
                }
                _ => break,
            }
            if !is_separator(tokens, at + 1) {
                break;
            }
            at += 3;
        }
        let what = resolve(&parts, &scope.module);
        if what.len() > 1 || parts == ["crate"] {
            self.paths.push(At { line, test: scope.test, what });
        }
    }

    /// `{a, b::c, d::{e, f}}`.
    fn tree(&mut self, group: &Group, before: &[String], scope: &Scope) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut start = 0;
        for end in 0..=tokens.len() {
            if end == tokens.len() || is_punct(&tokens, end, ',') {
                if start < end {
                    self.path(&tokens[start..end], 0, before, scope);
                }
                start = end + 1;
            }
        }
    }

    fn function(&mut self, tokens: &[TokenTree], at: usize, scope: &Scope) {
        let Some(name) = ident(tokens, at + 1) else { return };
        let body = tokens[at..].iter().find_map(|token| match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => Some(None),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(Some(group)),
            _ => None,
        });
        let Some(Some(body)) = body else { return };
        let span = tokens[at].span();
        let lines = body.span_close().end().line + 1 - span.start().line;
        self.functions.push(here(span, scope, Function { name, lines }));
    }

    fn a_static(&mut self, tokens: &[TokenTree], at: usize, scope: &Scope) {
        let end = (at..tokens.len()).find(|&at| is_punct(tokens, at, '=') || is_punct(tokens, at, ';'));
        let declared = tokens[at + 1..end.unwrap_or(at + 1)].iter().cloned().collect();
        self.statics.push(here(tokens[at].span(), scope, words(declared)));
    }
}

fn here<T>(span: proc_macro2::Span, scope: &Scope, what: T) -> At<T> {
    At { line: span.start().line, test: scope.test, what }
}

fn rest(tokens: &[TokenTree], from: usize) -> TokenStream {
    tokens[from..].iter().cloned().collect()
}

fn is_punct(tokens: &[TokenTree], at: usize, punct: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(found)) if found.as_char() == punct)
}

fn ident(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// Do `::` stand here?
fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':' && p.spacing() == Spacing::Joint)
        && is_punct(tokens, at + 1, ':')
}

/// Is this name the later part of a path? `::std::fs` begins with `std`, `Vec::<T>::new` goes on after `>`.
fn continues(tokens: &[TokenTree], at: usize) -> bool {
    at >= 3
        && is_separator(tokens, at - 2)
        && (ident(tokens, at - 3).is_some_and(|before| !is_keyword(&before)) || is_punct(tokens, at - 3, '>'))
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "use" | "as" | "in" | "return" | "mut" | "dyn" | "impl" | "else" | "match" | "if")
}

/// Is the group at `at` an attribute's? `true`: an inner one, `#![…]`.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<bool> {
    let inner = at >= 2 && is_punct(tokens, at - 1, '!') && is_punct(tokens, at - 2, '#');
    let outer = at >= 1 && is_punct(tokens, at - 1, '#');
    (inner || outer).then_some(inner)
}

fn is_cfg_test(group: &Group) -> bool {
    let words = words(group.stream());
    words.first().is_some_and(|word| word == "cfg")
        && words.iter().any(|word| word == "test")
        && !words.iter().any(|word| word == "not" || word == "any")
}

/// The name of the module whose braces the group at `at` is.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    let named = at >= 2 && ident(tokens, at - 2).as_deref() == Some("mod");
    ident(tokens, at.checked_sub(1)?).filter(|_| named)
}

/// Every name in a stream, groups included.
fn words(stream: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in stream {
        match token {
            TokenTree::Ident(ident) => all.push(ident.to_string()),
            TokenTree::Group(group) => all.extend(words(group.stream())),
            _ => {}
        }
    }
    all
}

/// The path from the crate's root, beginning with `crate`, if it is one of ours.
fn resolve(parts: &[String], module: &[String]) -> Vec<String> {
    let climbs = parts.iter().take_while(|part| matches!(part.as_str(), "super" | "self")).count();
    let ups = parts[..climbs].iter().filter(|part| part.as_str() == "super").count();
    let from: Range<usize> = 0..module.len().saturating_sub(ups);
    let (base, own): (&[String], &[String]) = match parts.first().map(String::as_str) {
        Some("crate" | "lotbridge") => (&[], &parts[1..]),
        Some("self" | "super") => (&module[from], &parts[climbs..]),
        _ => return parts.to_vec(),
    };
    std::iter::once("crate".to_owned()).chain(base.iter().chain(own).cloned()).collect()
}
