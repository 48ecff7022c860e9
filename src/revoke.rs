//! Suspend, restore, revoke: changes a status and leaves a trace.
