//! Reports, small and invented.

mod account;
mod form;
mod pairing;
