//! Text encodings: strict JSON, canonical JSON, multibase.
