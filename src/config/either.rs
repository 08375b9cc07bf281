//! What a configuration may write in short, or as an object where it needs more.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};

/// An object that has a short form.
pub(super) trait HasShort {
    /// Both forms, for messages.
    const FORMS: &'static str;
}

/// A text or an integer in short, or an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Either<S, O> {
    Short(S),
    Object(O),
}

struct EitherVisitor<S, O>(PhantomData<(S, O)>);

impl<'de, S: Deserialize<'de>, O: Deserialize<'de> + HasShort> Visitor<'de> for EitherVisitor<S, O> {
    type Value = Either<S, O>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(O::FORMS)
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        S::deserialize(text.into_deserializer()).map(Either::Short)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        S::deserialize(number.into_deserializer()).map(Either::Short)
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        S::deserialize(number.into_deserializer()).map(Either::Short)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        O::deserialize(MapAccessDeserializer::new(map)).map(Either::Object)
    }
}

impl<'de, S: Deserialize<'de>, O: Deserialize<'de> + HasShort> Deserialize<'de> for Either<S, O> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(EitherVisitor(PhantomData))
    }
}

impl<S: JsonSchema, O: JsonSchema> JsonSchema for Either<S, O> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{}_or_{}", S::schema_name(), O::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<S>(), generator.subschema_for::<O>()] })
    }
}
