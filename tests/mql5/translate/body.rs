//! Bodies of functions: statements and expressions pass as they are, name by name; what C++ has and MQL5 has not is refused.

use super::{Kind, Refused, Token, Translator, emit};

/// Words that bodies may use.
const KEYWORDS: [&str; 14] = [
    "if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "return", "true",
    "false", "const",
];

/// Words that are C++'s or MQL5's and not used by these programs: none may be a name.
const FORBIDDEN: [&str; 66] = [
    "auto",
    "new",
    "delete",
    "virtual",
    "operator",
    "template",
    "typename",
    "try",
    "catch",
    "throw",
    "nullptr",
    "goto",
    "using",
    "namespace",
    "this",
    "typedef",
    "union",
    "unsigned",
    "signed",
    "float",
    "asm",
    "extern",
    "sinput",
    "static",
    "struct",
    "class",
    "enum",
    "public",
    "private",
    "protected",
    "friend",
    "inline",
    "volatile",
    "register",
    "mutable",
    "explicit",
    "constexpr",
    "decltype",
    "sizeof",
    "noexcept",
    "override",
    "final",
    "interface",
    "export",
    "alignas",
    "alignof",
    "thread_local",
    "wchar_t",
    "char16_t",
    "char32_t",
    "size_t",
    "NULL",
    "EMPTY",
    "and",
    "or",
    "not",
    "xor",
    "bitand",
    "bitor",
    "compl",
    "static_cast",
    "reinterpret_cast",
    "const_cast",
    "dynamic_cast",
    "typeid",
    "input",
];

/// May it be no name?
pub(super) fn is_reserved(word: &str) -> bool {
    KEYWORDS.contains(&word) || FORBIDDEN.contains(&word)
}

impl Translator<'_> {
    /// `{ … }`
    pub(super) fn body(&mut self) -> Result<(), Refused> {
        let mut depth = 0_usize;
        loop {
            let token = self.peek().ok_or_else(|| self.refused("a body without its end"))?;
            match token.text.as_str() {
                "{" if token.kind == Kind::Sign => {
                    let before = &self.source.tokens[self.at - 1];
                    if ![")", ";", "{", "}", "else", "do", ":"].contains(&before.text.as_str()) {
                        return Err(self.refused("no braces around values"));
                    }
                    depth += 1;
                    self.out.token(token, "{");
                    self.at += 1;
                }
                "}" if token.kind == Kind::Sign => {
                    depth -= 1;
                    self.out.token(token, "}");
                    self.at += 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => self.passed()?,
            }
        }
    }

    /// Everything up to one of these at the same depth of brackets.
    pub(super) fn expression(&mut self, ends: &[&str]) -> Result<(), Refused> {
        let mut depth = 0_usize;
        loop {
            let token = self.peek().ok_or_else(|| self.refused("an expression without its end"))?;
            if depth == 0 && token.kind == Kind::Sign && ends.contains(&token.text.as_str()) {
                return Ok(());
            }
            match token.text.as_str() {
                "(" | "[" => depth += 1,
                ")" | "]" => {
                    depth = depth.checked_sub(1).ok_or_else(|| self.refused("a bracket too many"))?;
                }
                "{" | "}" => return Err(self.refused("no braces around values")),
                _ => {}
            }
            self.passed()?;
        }
    }

    /// One token, or a declaration.
    fn passed(&mut self) -> Result<(), Refused> {
        let token = self.next()?;
        match token.kind {
            Kind::Number | Kind::Text => {
                let literal = emit::literal(token).map_err(|why| self.source.refuse(token, why))?;
                self.out.token(token, &literal);
                Ok(())
            }
            Kind::Sign => self.sign(token),
            Kind::Word => self.word(token),
            Kind::Directive | Kind::EndOfDirective => {
                Err(self.source.refuse(token, format!("{} inside a function", token.text)))
            }
        }
    }

    /// Does a value end before this token?
    fn after_value(&self) -> bool {
        let before = &self.source.tokens[self.at - 2];
        match before.kind {
            Kind::Number | Kind::Text => true,
            Kind::Word => !["return", "case", "else", "do"].contains(&before.text.as_str()),
            _ => [")", "]"].contains(&before.text.as_str()),
        }
    }

    fn sign(&mut self, token: &Token) -> Result<(), Refused> {
        let after_value = self.after_value();
        let cast = self.source.tokens[self.at - 2].text == ")" && self.closes_cast();
        let wrong = match token.text.as_str() {
            "->" => Some("MQL5 has a dot for every member"),
            "::" => Some("no scope is named inside a function"),
            "[" if !after_value => Some("an index belongs to an array"),
            "&" | "*" if !after_value || cast => Some("no addresses and no pointers"),
            _ => None,
        };
        if let Some(why) = wrong {
            return Err(self.source.refuse(token, why));
        }
        self.out.token(token, &token.text);
        Ok(())
    }

    /// Is the bracket before this token the end of `(TYPE)`?
    fn closes_cast(&self) -> bool {
        let tokens = &self.source.tokens;
        self.at >= 4 && tokens[self.at - 4].text == "(" && self.is_type(&tokens[self.at - 3].text)
    }

    fn word(&mut self, token: &Token) -> Result<(), Refused> {
        let text = token.text.as_str();
        if text == "const" {
            self.out.token(token, "const");
            if self.peek().is_some_and(|next| self.is_type(&next.text)) {
                return Ok(());
            }
            return Err(self.refused("const of which type?"));
        }
        if KEYWORDS.contains(&text) {
            self.out.token(token, text);
            return Ok(());
        }
        if FORBIDDEN.contains(&text) {
            return Err(self.source.refuse(token, format!("`{text}` is not for these programs")));
        }
        if !self.is_type(text) {
            let assigned = ["=", "+=", "-=", "++", "--"].iter().any(|sign| self.is(0, sign));
            if assigned && self.program.inputs.iter().any(|(input, _)| input == text) {
                return Err(self.source.refuse(token, format!("the input {text} is the user's")));
            }
            self.out.token(token, &format!("mql_{text}"));
            return Ok(());
        }
        let kind = emit::kind(text);
        let before = &self.source.tokens[self.at - 2].text;
        if before == "(" && self.is(0, ")") {
            if text == "string" || self.is_object(text) {
                return Err(self.source.refuse(token, "numbers alone are cast"));
            }
            self.out.token(token, &kind);
            return Ok(());
        }
        if ![";", "{", "}", "(", "const", ":"].contains(&before.as_str()) || text == "void" {
            return Err(self.source.refuse(token, format!("what does `{text}` declare here?")));
        }
        self.locals(&kind, text)
    }

    /// `NAME [= value][, NAME …];`, `NAME[];`, `NAME[N];`; the semicolon stays.
    fn locals(&mut self, kind: &str, written: &str) -> Result<(), Refused> {
        if self.is(0, "&") {
            return Err(self.refused("a local is no reference"));
        }
        if self.is(0, "*") {
            return Err(self.refused("no pointers"));
        }
        let mut first = true;
        loop {
            let name = self.name()?;
            if self.is(0, "(") {
                return Err(self.refused("an object is declared without brackets"));
            }
            let text = if self.is(0, "[") && self.is(1, "]") {
                self.at += 2;
                format!("rt::array<{kind}> mql_{}", name.text)
            } else if self.is(0, "[") && self.is(2, "]") {
                let number = self.peek_at(1).cloned().filter(|n| n.kind == Kind::Number);
                let number =
                    number.ok_or_else(|| self.refused("a fixed array's length is a plain number"))?;
                self.at += 3;
                format!("rt::fixed<{kind}, {}> mql_{}", number.text, name.text)
            } else if first {
                format!("{kind} mql_{}", name.text)
            } else {
                format!("mql_{}", name.text)
            };
            let is_array = text.starts_with("rt::array") || text.starts_with("rt::fixed");
            self.out.token(name, &text);
            if self.is(0, "=") {
                let equals = self.next()?;
                if is_array || self.is_object(written) {
                    return Err(self
                        .source
                        .refuse(equals, "an array or object has no value where it is declared"));
                }
                self.out.token(equals, "=");
                self.expression(&[",", ";"])?;
            }
            if !self.is(0, ",") {
                return if self.is(0, ";") {
                    Ok(())
                } else {
                    Err(self.refused("`;` is due after a declaration"))
                };
            }
            if is_array || !first {
                return Err(self.refused("an array is declared alone, and of others two at most"));
            }
            let comma = self.next()?;
            self.out.token(comma, ",");
            first = false;
        }
    }
}
