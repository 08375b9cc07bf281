//! The one JSON file that says who copies whom, how, and within which limits.
