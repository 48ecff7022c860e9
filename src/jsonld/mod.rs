//! JSON-LD 1.1 to RDF, offline, against contexts compiled in and pinned by hash.
