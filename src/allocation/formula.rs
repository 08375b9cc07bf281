//! The user's own sizing expression, in decimals: `min(master_lots * equity / master_equity, 2)`.
//!
//! The language is what a spreadsheet's cell knows and no more: numbers, the names of [`Facts`], `+ - * /`,
//! comparisons, `&& || !`, `if … { … } else { … }` and six functions. [`scan`] lets nothing else through; rhai then
//! parses and evaluates it, with no loops, strings, assignments or functions of the user's own, within hard bounds.
//! Every number is a decimal of 28 digits, literals too: `1 / 3` is a third, never zero.

mod scan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, LazyLock};

use rhai::{AST, Dynamic, Engine, EvalAltResult, ParseError, ParseErrorType, Scope};
use rust_decimal::{Decimal, RoundingStrategy};

use scan::Scanned;

/// Most bytes of an expression.
pub const MAX_BYTES: usize = 1_000;
/// Most numbers, names and operators of an expression: bounds the stack that its evaluation needs.
pub const MAX_TOKENS: usize = 256;
/// How deep an expression may nest; a chain such as `a + b + c` is one deeper with each operator.
const MAX_DEPTH: usize = 64;
/// How deep its parentheses and braces may nest, and how many `if`s it may have: these cost more stack.
const MAX_OPEN: usize = 16;
/// Most steps of one evaluation. Without loops an expression of `MAX_TOKENS` stays below it.
const MAX_STEPS: u64 = 2_000;
/// A decimal's last digits carry the error of earlier divisions; results are rounded (half to even) to this many
/// places, so that `0.03 / 3 * 3` is 0.03 and not, rounded down to a step, 0.02. Lots have 8.
const RESULT_PLACES: u32 = 12;
/// The same, a little finer, before `floor`, `ceil` and `round`.
const WHOLE_PLACES: u32 = 20;

/// The functions of a formula and how many values each takes.
const FUNCTIONS: [(&str, usize); 6] =
    [("min", 2), ("max", 2), ("abs", 1), ("floor", 1), ("ceil", 1), ("round", 1)];

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What a formula may use: one master trade and one slave account, under the names that the user writes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Facts { $($(#[$doc])* pub $name: Decimal,)* }

        impl Facts {
            /// Every name, in the order of the fields.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];
            const READERS: &[fn(&Self) -> Decimal] = &[$(|facts| facts.$name),*];

            /// Every name with its value, in the order of the fields.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, Decimal)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }
        }
    };
}

facts! {
    /// The master's volume `V_m`, in lots.
    master_lots,
    /// The master's balance, in its currency.
    master_balance,
    /// The master's equity, in its currency.
    master_equity,
    /// The master's free margin, in its currency.
    master_free_margin,
    /// The master's leverage: 100 is 1:100.
    master_leverage,
    /// What one lot is of at the master's broker.
    master_contract_size,
    /// The slave's balance, in its currency.
    balance,
    /// The slave's equity, in its currency.
    equity,
    /// The slave's free margin, in its currency.
    free_margin,
    /// The slave's leverage: 100 is 1:100.
    leverage,
    /// What one lot is of at the slave's broker.
    contract_size,
    /// The member's risk profile `k`.
    profile,
    /// The price the master entered at.
    entry,
    /// From entry to the master's stop loss, as a price; 0 when there is no stop.
    stop_distance,
    /// The least change of the slave's price.
    tick_size,
    /// What one tick of one lot is worth, in the slave's currency.
    tick_value,
    /// The slave's lot step.
    lot_step,
    /// The slave's smallest volume, in lots.
    lots_min,
    /// The slave's largest volume, in lots.
    lots_max,
    /// What one unit of the slave's currency is in the master's.
    rate,
}

/// Why an expression is no formula, or gave no number. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// Nothing in it.
    #[error("the formula is empty; expected an expression such as \"master_lots * equity / master_equity\"")]
    Empty,
    /// Beyond [`MAX_BYTES`] or [`MAX_TOKENS`].
    #[error("the formula has {found} {unit}, at most {most} are allowed")]
    TooLong {
        /// How many it has.
        found: usize,
        /// How many it may have.
        most: usize,
        /// Of what.
        unit: &'static str,
    },
    /// Neither a fact nor a function.
    #[error(
        "column {column}: `{name}` is unknown to formulas; values are {}; functions are {}",
        Facts::NAMES.join(", "), FUNCTIONS.map(|f| f.0).join(", ")
    )]
    UnknownName {
        /// What was found.
        name: String,
        /// Where.
        column: usize,
    },
    /// A character or operator that is not of the language, or not there.
    #[error("column {column}: found {found}, expected {expected}")]
    Unexpected {
        /// What was found.
        found: String,
        /// Where.
        column: usize,
        /// What is allowed.
        expected: String,
    },
    /// Numbers where true or false is needed, or the other way round.
    #[error("the formula mixes numbers with true or false: {0}")]
    MixedTypes(String),
    /// The result is no number.
    #[error("the formula gives true or false, expected a number of lots")]
    NotANumber,
    /// As with these facts.
    #[error("the formula divides by zero: {0}")]
    DivisionByZero(String),
    /// As with these facts: beyond 7.9e28.
    #[error("the formula gives a number that is too large: {0}")]
    Overflow(String),
    /// More than it may take.
    #[error("the formula takes more than {MAX_STEPS} steps")]
    TooManySteps,
    /// Parentheses or chained operators.
    #[error(
        "the formula nests too deep; {MAX_OPEN} parentheses within each other, {MAX_OPEN} `if`s and about \
         {MAX_DEPTH} operators in a row are the most"
    )]
    TooDeep,
    /// What else rhai refuses.
    #[error("the formula cannot be evaluated: {0}")]
    Refused(String),
}

impl FormulaError {
    /// Does it depend on the facts only, so that other facts may well give a number?
    const fn is_of_the_facts(&self) -> bool {
        matches!(self, Self::DivisionByZero(_) | Self::Overflow(_))
    }
}

/// A checked expression, compiled once. Cheap to clone; equal when the text is.
#[derive(Clone)]
pub struct Formula {
    inner: Arc<Compiled>,
}

struct Compiled {
    source: String,
    /// Which facts it names, as indices of `Facts::NAMES`.
    uses: Vec<usize>,
    ast: AST,
}

/// One engine for all formulas: it holds the functions and the bounds, never anything of a formula.
static ENGINE: LazyLock<Engine> = LazyLock::new(engine);

fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine
        .set_max_operations(MAX_STEPS)
        .set_max_expr_depths(MAX_DEPTH)
        .set_max_variables(Facts::NAMES.len())
        .set_max_string_size(64)
        .set_strict_variables(true)
        .set_allow_looping(false)
        .set_allow_statement_expression(false)
        .set_allow_switch_expression(false)
        .set_allow_shadowing(false);
    let whole = |value: Decimal| value.round_dp(WHOLE_PLACES);
    engine
        .register_fn("min", |a: Decimal, b: Decimal| a.min(b))
        .register_fn("max", |a: Decimal, b: Decimal| a.max(b))
        .register_fn("abs", |a: Decimal| a.abs())
        .register_fn("floor", move |a: Decimal| whole(a).floor())
        .register_fn("ceil", move |a: Decimal| whole(a).ceil())
        .register_fn("round", move |a: Decimal| {
            whole(a).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        })
        // `-` and `!` it knows.
        .register_fn("+", |a: Decimal| a);
    engine
}

impl Formula {
    /// Checks and compiles a single expression, and tries it on two plausible trades, one without a stop.
    ///
    /// # Errors
    /// Too long, a name or character that formulas do not know, a syntax error, or a result that is no number.
    pub fn compile(expression: &str) -> Result<Self, FormulaError> {
        let Scanned { text, uses, starts } = scan::scan(expression)?;
        let mut known = Scope::new();
        for &fact in &uses {
            known.push(Facts::NAMES[fact], Decimal::ZERO);
        }
        let ast = ENGINE
            .compile_expression_with_scope(&known, &text)
            .map_err(|error| syntax(&error, &starts, expression))?;
        let formula = Self { inner: Arc::new(Compiled { source: expression.to_owned(), uses, ast }) };
        for facts in trials() {
            formula
                .evaluate(&facts)
                .map(|_| ())
                .or_else(|e| if e.is_of_the_facts() { Ok(()) } else { Err(e) })?;
        }
        Ok(formula)
    }

    /// The lots before rounding that the expression gives for these facts; may be zero or negative.
    /// Rounded half to even to 12 decimal places.
    ///
    /// # Errors
    /// Division by zero, overflow, or a branch not tried before that gives no number.
    pub fn evaluate(&self, facts: &Facts) -> Result<Decimal, FormulaError> {
        let mut scope = Scope::with_capacity(self.inner.uses.len());
        for &fact in &self.inner.uses {
            scope.push_dynamic(Facts::NAMES[fact], Dynamic::from_decimal(Facts::READERS[fact](facts)));
        }
        let result: Dynamic =
            ENGINE.eval_ast_with_scope(&mut scope, &self.inner.ast).map_err(|e| failure(&e))?;
        let lots = result.as_decimal().map_err(|_| FormulaError::NotANumber)?;
        Ok(lots.round_dp(RESULT_PLACES).normalize())
    }

    /// The text that it was compiled from.
    pub fn source(&self) -> &str {
        &self.inner.source
    }

    /// Does the expression name this fact?
    pub fn uses(&self, fact: &str) -> bool {
        self.inner.uses.iter().any(|&used| Facts::NAMES[used] == fact)
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Formula").field(&self.inner.source).finish()
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.inner.source == other.inner.source
    }
}

impl Eq for Formula {}

/// A trade with a stop and one without, to find at once what would fail on every trade.
fn trials() -> [Facts; 2] {
    let number = |units: i64, places: u32| Decimal::new(units, places);
    let (size, margin) = (number(10_000, 0), number(9_000, 0));
    let with_stop = Facts {
        master_lots: number(1, 0),
        master_balance: size,
        master_equity: size,
        master_free_margin: margin,
        master_leverage: number(100, 0),
        master_contract_size: number(100, 0),
        balance: size,
        equity: size,
        free_margin: margin,
        leverage: number(100, 0),
        contract_size: number(100, 0),
        profile: number(1, 0),
        entry: number(2_000, 0),
        stop_distance: number(10, 0),
        tick_size: number(1, 2),
        tick_value: number(1, 0),
        lot_step: number(1, 2),
        lots_min: number(1, 2),
        lots_max: number(100, 0),
        rate: number(1, 0),
    };
    [with_stop, Facts { stop_distance: Decimal::ZERO, ..with_stop }]
}

/// rhai's syntax error, at the place in what the user wrote.
fn syntax(error: &ParseError, starts: &[(usize, usize)], expression: &str) -> FormulaError {
    if matches!(error.err_type(), ParseErrorType::ExprTooDeep) {
        return FormulaError::TooDeep;
    }
    let end = expression.chars().count() + 1;
    let column = error.position().position().map_or(end, |at| {
        starts.iter().rev().find(|(rewritten, _)| *rewritten <= at).map_or(1, |(_, original)| *original)
    });
    FormulaError::Unexpected {
        found: "a syntax error".to_owned(),
        column,
        expected: format!("one complete expression ({})", error.err_type()),
    }
}

fn failure(error: &EvalAltResult) -> FormulaError {
    match error.unwrap_inner() {
        EvalAltResult::ErrorArithmetic(text, _) if text.contains("zero") => {
            FormulaError::DivisionByZero(text.clone())
        }
        EvalAltResult::ErrorArithmetic(text, _) => FormulaError::Overflow(text.clone()),
        EvalAltResult::ErrorTooManyOperations(_) => FormulaError::TooManySteps,
        EvalAltResult::ErrorFunctionNotFound(text, _) => {
            FormulaError::MixedTypes(format!("`{text}` does not exist"))
        }
        EvalAltResult::ErrorMismatchDataType(wanted, found, _) => {
            FormulaError::MixedTypes(format!("found {found}, expected {wanted}"))
        }
        other => FormulaError::Refused(other.to_string()),
    }
}
