//! Who vouches for an issuer.
