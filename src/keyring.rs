//! Opens the key folder and hands out signers by key.
