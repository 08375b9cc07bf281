//! Bytes over a local socket. Knows nothing of messages.
