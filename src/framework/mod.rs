//! Qualifications frameworks and their levels, as data.
