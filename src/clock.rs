//! The only place that asks what time it is; everyone else is handed `now`.
