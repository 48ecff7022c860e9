//! The seam to durable storage, spoken in the words of the domain.
