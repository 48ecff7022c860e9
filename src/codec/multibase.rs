//! Multibase strings, base58btc (`z`) and base64url without padding (`u`).
