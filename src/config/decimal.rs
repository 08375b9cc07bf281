//! Numbers as a configuration may write them: exact, or refused.
//!
//! A JSON fraction such as `0.1` is a binary fraction to most programs that write JSON, so it is not taken; nor are
//! exponents, signs on counts, or anything that would need rounding.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, Unexpected, Visitor};

use crate::domain::{BasisPoints, FixedError, Lots, Money, Price, Ratio};

/// A quantity of the domain that a configuration gives as a decimal.
pub(super) trait Quantity: FromStr<Err = FixedError> {
    /// What the type holds, for messages.
    const RANGE: &'static str;
}

impl Quantity for Lots {
    const RANGE: &'static str = "a number below 92233720368";
}
impl Quantity for Price {
    const RANGE: &'static str = "a number below 92233720368";
}
impl Quantity for Ratio {
    const RANGE: &'static str = "a number below 92233720368";
}
impl Quantity for Money {
    const RANGE: &'static str = "a number below 9223372036854";
}
impl Quantity for BasisPoints {
    const RANGE: &'static str = "a number from 0 to 429496";
}

/// A decimal in quotes, or a JSON integer: `"0.10"`, `2`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact<T>(pub T);

struct ExactVisitor<T>(PhantomData<T>);

impl<T: Quantity> Visitor<'_> for ExactVisitor<T> {
    type Value = Exact<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal in quotes such as \"0.10\"")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.ends_with('.') {
            return Err(E::invalid_value(Unexpected::Str(text), &self));
        }
        text.parse().map(Exact).map_err(|error| match error {
            FixedError::NotDecimal(_) => E::invalid_value(Unexpected::Str(text), &self),
            FixedError::TooPrecise { value, places } => E::custom(format!(
                "{value} with more than {places} decimal places, expected at most {places} decimal places"
            )),
            FixedError::OutOfRange(value) => E::custom(format!("{value}, expected {}", T::RANGE)),
        })
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }
}

impl<'de, T: Quantity> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ExactVisitor(PhantomData))
    }
}

impl<T> JsonSchema for Exact<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"], "pattern": "^-?[0-9]+(\\.[0-9]+)?$" })
    }
}

/// An unsigned integer type that a configuration gives.
pub(super) trait Integer: TryFrom<u64> {
    /// The largest.
    const MOST: u64;
}

impl Integer for u8 {
    const MOST: u64 = 0xff;
}
impl Integer for u32 {
    const MOST: u64 = 0xffff_ffff;
}
impl Integer for u64 {
    const MOST: u64 = u64::MAX;
}

/// A JSON integer, or its digits in quotes: `1001`, `"1001"`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<T>(pub T);

struct WholeVisitor<T>(PhantomData<T>);

impl<T: Integer> Visitor<'_> for WholeVisitor<T> {
    type Value = Whole<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {}", T::MOST)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        T::try_from(number).map(Whole).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match whole(text) {
            Some(number) => self.visit_u64(number),
            None => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

/// The number that a text of nothing but digits is.
pub(super) fn whole(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl<'de, T: Integer> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(WholeVisitor(PhantomData))
    }
}

impl<T: Integer> JsonSchema for Whole<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Whole".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 0, "maximum": T::MOST })
    }
}

/// One of an enum's words. serde's own way reports anything else than text as a syntax error.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word<T>(pub T);

struct WordVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for WordVisitor<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word in quotes")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(text.into_deserializer()).map(Word)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(WordVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// An object with keys of the user's own, in their order, each key once.
#[derive(Debug, Clone)]
pub(super) struct Keyed<T>(pub Vec<(String, T)>);

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct KeyedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for KeyedVisitor<T> {
    type Value = Keyed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut seen, mut entries) = (std::collections::BTreeSet::new(), Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` twice, expected each key once")));
            }
            entries.push((key, map.next_value()?));
        }
        Ok(Keyed(entries))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(KeyedVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Keyed<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Keyed_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}
