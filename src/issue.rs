//! A draft becomes a signed, self-verified, durable credential.
