//! Sharing a block among accounts by weight.
