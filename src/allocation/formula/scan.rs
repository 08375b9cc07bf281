//! What a formula may be made of: an allow-list, read character by character before rhai sees anything.
//!
//! The tokens are handed on with blanks between them and whole numbers as decimals (`2` as `2.0`), so that rhai
//! cannot read two of them as one (`//`, a comment) nor divide integers.

use rust_decimal::Decimal;

use super::{FUNCTIONS, Facts, FormulaError, MAX_BYTES, MAX_OPEN, MAX_TOKENS};

/// Two characters first: `<=` is not `<` and `=`.
const OPERATORS: [&str; 13] = ["<=", ">=", "==", "!=", "&&", "||", "<", ">", "!", "+", "-", "*", "/"];

/// An expression that consists of allowed tokens only.
pub(super) struct Scanned {
    /// The tokens, blank between two.
    pub text: String,
    /// Indices of `Facts::NAMES`, each once.
    pub uses: Vec<usize>,
    /// For each token: its column in `text` and in what the user wrote, both from 1.
    pub starts: Vec<(usize, usize)>,
}

/// An open parenthesis or brace.
struct Open {
    /// The function that it belongs to: name, how many values it takes, its column.
    call: Option<(&'static str, usize, usize)>,
    commas: usize,
    empty: bool,
}

struct Scanner<'a> {
    rest: &'a str,
    column: usize,
    out: Scanned,
    open: Vec<Open>,
    ifs: usize,
    elses: usize,
}

/// Checks and rewrites an expression.
pub(super) fn scan(expression: &str) -> Result<Scanned, FormulaError> {
    if expression.len() > MAX_BYTES {
        return Err(FormulaError::TooLong { found: expression.len(), most: MAX_BYTES, unit: "bytes" });
    }
    let out = Scanned { text: String::new(), uses: Vec::new(), starts: Vec::new() };
    let mut scanner = Scanner { rest: expression, column: 1, out, open: Vec::new(), ifs: 0, elses: 0 };
    scanner.skip_blanks();
    while let Some(first) = scanner.rest.chars().next() {
        scanner.token(first)?;
        scanner.skip_blanks();
    }
    let tokens = scanner.out.starts.len();
    if tokens == 0 {
        return Err(FormulaError::Empty);
    }
    if tokens > MAX_TOKENS {
        return Err(FormulaError::TooLong {
            found: tokens,
            most: MAX_TOKENS,
            unit: "numbers, names and operators",
        });
    }
    if scanner.ifs != scanner.elses {
        return Err(unexpected(scanner.column, "an `if` without `else`", "a number in both cases"));
    }
    Ok(scanner.out)
}

fn unexpected(column: usize, found: impl Into<String>, expected: impl Into<String>) -> FormulaError {
    FormulaError::Unexpected { found: found.into(), column, expected: expected.into() }
}

const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Scanner<'_> {
    fn skip_blanks(&mut self) {
        let trimmed = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.column += self.rest.len() - trimmed.len();
        self.rest = trimmed;
    }

    /// Hands on one token, as `text`, and steps over its `bytes` (all ASCII) in the source.
    fn emit(&mut self, text: &str, bytes: usize) {
        if !self.out.text.is_empty() {
            self.out.text.push(' ');
        }
        self.out.starts.push((self.out.text.len() + 1, self.column));
        self.out.text.push_str(text);
        self.column += bytes;
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn token(&mut self, first: char) -> Result<(), FormulaError> {
        if let Some(inside) = self.open.last_mut() {
            inside.empty &= first == ')';
        }
        match first {
            '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => self.name(),
            '(' | '{' => {
                self.emit(if first == '(' { "(" } else { "{" }, 1);
                self.nest(None)
            }
            ')' | '}' => self.close(first),
            ',' => self.comma(),
            _ => self.operator(first),
        }
    }

    fn operator(&mut self, first: char) -> Result<(), FormulaError> {
        if let Some(operator) = OPERATORS.iter().find(|operator| self.rest.starts_with(**operator)) {
            self.emit(operator, operator.len());
            return Ok(());
        }
        let hint = match first {
            '=' => "`==`, which compares",
            '%' => "a division by 100: formulas have no percent sign",
            '.' => "a digit before the point, as in `0.5`",
            _ => "numbers, names, + - * / ( ) , < <= > >= == != && || ! and if … { … } else { … }",
        };
        Err(unexpected(self.column, format!("`{first}`"), hint))
    }

    fn number(&mut self) -> Result<(), FormulaError> {
        let end = self.rest.find(|c: char| !is_name(c) && c != '.').unwrap_or(self.rest.len());
        let literal = &self.rest[..end];
        let (whole, part) = literal.split_once('.').unwrap_or((literal, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let value = (digits(whole) && digits(part))
            .then(|| Decimal::from_str_exact(literal).ok())
            .flatten()
            .map(|value| value.normalize().to_string())
            .map(|text| if text.contains('.') { text } else { text + ".0" })
            .filter(|text| Decimal::from_str_exact(text).is_ok());
        match value {
            Some(text) => {
                self.emit(&text, end);
                Ok(())
            }
            None => Err(unexpected(
                self.column,
                format!("`{literal}`"),
                "a number such as 2 or 0.5, of at most 28 digits",
            )),
        }
    }

    fn name(&mut self) -> Result<(), FormulaError> {
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, after) = self.rest.split_at(end);
        let called = after.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('(');
        match name {
            "if" if self.ifs == MAX_OPEN => return Err(FormulaError::TooDeep),
            "if" => self.ifs += 1,
            "else" => self.elses += 1,
            _ => {
                if let Some(&(function, takes)) = FUNCTIONS.iter().find(|(function, _)| *function == name) {
                    return self.call(function, takes, called);
                }
                let Some(fact) = Facts::NAMES.iter().position(|fact| *fact == name) else {
                    return Err(FormulaError::UnknownName { name: name.to_owned(), column: self.column });
                };
                if called {
                    return Err(unexpected(
                        self.column,
                        format!("`{name}(`"),
                        format!("`{name}` without parentheses: it is a value"),
                    ));
                }
                if !self.out.uses.contains(&fact) {
                    self.out.uses.push(fact);
                }
            }
        }
        let name = name.to_owned();
        self.emit(&name, end);
        Ok(())
    }

    fn call(&mut self, function: &'static str, takes: usize, called: bool) -> Result<(), FormulaError> {
        if !called {
            return Err(unexpected(
                self.column,
                format!("`{function}` alone"),
                format!("`{function}(…)` with {takes} value(s)"),
            ));
        }
        let call = Some((function, takes, self.column));
        self.emit(function, function.len());
        self.skip_blanks();
        self.emit("(", 1);
        self.nest(call)
    }

    fn nest(&mut self, call: Option<(&'static str, usize, usize)>) -> Result<(), FormulaError> {
        if self.open.len() >= MAX_OPEN {
            return Err(FormulaError::TooDeep);
        }
        self.open.push(Open { call, commas: 0, empty: true });
        Ok(())
    }

    fn comma(&mut self) -> Result<(), FormulaError> {
        match self.open.last_mut() {
            Some(Open { call: Some(_), commas, .. }) => *commas += 1,
            _ => {
                return Err(unexpected(
                    self.column,
                    "`,`",
                    "a comma only between the values of a function; decimals have a point",
                ));
            }
        }
        self.emit(",", 1);
        Ok(())
    }

    fn close(&mut self, bracket: char) -> Result<(), FormulaError> {
        let closed = self.open.pop();
        if let Some(Open { call: Some((function, takes, column)), commas, empty }) = closed {
            let given = if empty { 0 } else { commas + 1 };
            if given != takes {
                return Err(unexpected(
                    column,
                    format!("`{function}` with {given} value(s)"),
                    format!("{takes} value(s)"),
                ));
            }
        }
        self.emit(if bracket == ')' { ")" } else { "}" }, 1);
        Ok(())
    }
}
