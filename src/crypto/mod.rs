//! Keys, signatures and Data Integrity cryptosuites.
