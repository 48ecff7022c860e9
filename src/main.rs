//! The door handle: parse, then run the command.

fn main() {}
