//! Statistics: nobody is found by them, and they are what is on record.

mod attack;
mod counted;
mod registers;
mod signed;
