//! docs/protocol.md against the validator.
