//! Structs, classes, functions, variables.

use super::{Field, HANDLERS, Kind, Refused, Struct, Token, Translator, emit};

impl Translator<'_> {
    /// `struct NAME { fields };`
    pub(super) fn structure(&mut self) -> Result<(), Refused> {
        self.expect("struct")?;
        let name = self.name()?.clone();
        self.expect("{")?;
        self.structs.insert(name.text.clone());
        self.out.line(&name, &format!("#pragma pack(push, 1)\nstruct mql_{} {{", name.text));
        let mut fields = Vec::new();
        while !self.is(0, "}") {
            let kind = self.next()?.clone();
            if kind.kind != Kind::Word || !self.is_type(&kind.text) || self.classes.contains(&kind.text) {
                return Err(self.source.refuse(&kind, format!("a field's type is due, not `{}`", kind.text)));
            }
            let field = self.name()?.clone();
            let length = self.fixed_length()?;
            self.expect(";")?;
            self.out
                .line(&field, &format!("{};", emit::variable(&emit::kind(&kind.text), &field.text, length)));
            fields.push(Field { kind: kind.text, name: field.text, length });
        }
        self.expect("}")?;
        let end = self.expect(";")?.clone();
        self.out.line(&end, "};\n#pragma pack(pop)");
        self.program.structs.push(Struct { name: name.text, fields });
        Ok(())
    }

    /// `[N]`, or nothing.
    fn fixed_length(&mut self) -> Result<Option<usize>, Refused> {
        if !self.is(0, "[") {
            return Ok(None);
        }
        self.expect("[")?;
        let number = self.next()?.clone();
        let length = number.text.parse().ok().filter(|n| *n > 0);
        let length =
            length.ok_or_else(|| self.source.refuse(&number, "a fixed array's length is a plain number"))?;
        self.expect("]")?;
        Ok(Some(length))
    }

    /// `class NAME { private: … public: … };`
    pub(super) fn class(&mut self) -> Result<(), Refused> {
        self.expect("class")?;
        let name = self.name()?.clone();
        self.expect("{")?;
        self.classes.insert(name.text.clone());
        self.out.line(&name, &format!("class mql_{} {{", name.text));
        while !self.is(0, "}") {
            if self.is(1, ":") && (self.is(0, "private") || self.is(0, "public")) {
                let section = self.next()?.clone();
                self.expect(":")?;
                self.out.line(&section, &format!("{}:", section.text));
            } else {
                self.member()?;
            }
        }
        self.expect("}")?;
        let end = self.expect(";")?.clone();
        self.out.line(&end, "};");
        Ok(())
    }

    /// A field, or a method with or without its body.
    fn member(&mut self) -> Result<(), Refused> {
        let kind = self.kind()?;
        let name = self.name()?.clone();
        if self.is(0, "(") {
            let (parameters, _) = self.parameters()?;
            self.out.line(&name, &format!("{kind} mql_{}({parameters})", name.text));
            if self.is(0, "{") {
                return self.body();
            }
            self.expect(";")?;
            self.out.line(&name, ";");
            return Ok(());
        }
        if self.is(0, "[") && self.is(1, "]") {
            self.at += 2;
            self.out.line(&name, &format!("rt::array<{kind}> mql_{};", name.text));
        } else {
            let length = self.fixed_length()?;
            self.out.line(&name, &format!("{};", emit::variable(&kind, &name.text, length)));
        }
        if self.is(0, "=") {
            return Err(self.refused("a member gets its value in a method, not where it is declared"));
        }
        self.expect(";").map(drop)
    }

    /// A function, a method outside its class, or a variable of the program's.
    pub(super) fn declaration(&mut self) -> Result<(), Refused> {
        let first = self.peek().cloned();
        let kind = self.kind()?;
        let name = self.next()?.clone();
        if self.is(0, "::") {
            if !self.classes.contains(&name.text) {
                return Err(self
                    .source
                    .refuse(&name, format!("no class `{}` stands before this", name.text)));
            }
            self.at += 1;
            let method = self.name()?.clone();
            let (parameters, _) = self.parameters()?;
            self.out.line(&method, &format!("{kind} mql_{}::mql_{}({parameters})", name.text, method.text));
            return self.body();
        }
        self.at -= 1;
        let name = self.name()?.clone();
        if self.is(0, "(") {
            let (parameters, written) = self.parameters()?;
            let returned = first.map(|token| token.text).unwrap_or_default();
            if self.is_object(&returned) {
                return Err(self.source.refuse(&name, "a function does not return an object here"));
            }
            self.check_handler(&name, &returned, &written)?;
            self.out.line(&name, &format!("{kind} mql_{}({parameters})", name.text));
            return self.body();
        }
        self.variable(&kind, &name)
    }

    fn variable(&mut self, kind: &str, name: &Token) -> Result<(), Refused> {
        self.out.line(name, &format!("static {}", emit::variable(kind, &name.text, None)));
        if self.is(0, "=") {
            self.at += 1;
            self.out.line(name, " = ");
            self.expression(&[";"])?;
        }
        self.expect(";")?;
        self.out.line(name, ";");
        Ok(())
    }

    /// A misspelt handler is a function that never runs.
    fn check_handler(&mut self, name: &Token, returned: &str, parameters: &str) -> Result<(), Refused> {
        if let Some((_, kind, exact)) = HANDLERS.iter().find(|(handler, ..)| *handler == name.text) {
            if *kind != returned || *exact != parameters {
                let due = format!("{kind} {}({exact})", name.text);
                let found = format!("{returned} {}({parameters})", name.text);
                return Err(self.source.refuse(name, format!("the handler is `{due}`, not `{found}`")));
            }
            self.program.handlers.push(name.text.clone());
        } else if name.text.starts_with("On")
            || HANDLERS.iter().any(|(handler, ..)| resemble(handler, &name.text))
        {
            return Err(self.source.refuse(name, format!("there is no event handler `{}`", name.text)));
        }
        Ok(())
    }

    /// `(…)`: as C++ has it, and as it was written.
    pub(super) fn parameters(&mut self) -> Result<(String, String), Refused> {
        self.expect("(")?;
        let (mut cpp, mut written) = (Vec::new(), Vec::new());
        if self.is(0, "void") && self.is(1, ")") {
            self.at += 1;
        }
        while !self.is(0, ")") {
            let parameter = self.parameter()?;
            cpp.push(parameter.cpp());
            written.push(parameter.written());
            if !self.is(0, ")") {
                self.expect(",")?;
            }
        }
        self.expect(")")?;
        Ok((cpp.join(", "), written.join(", ")))
    }
}

/// Is one name the other but for a letter, or for upper and lower case?
fn resemble(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || strsim::damerau_levenshtein(one, other) == 1
}
