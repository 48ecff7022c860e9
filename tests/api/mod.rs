//! The HTTP interface, one file for each group of routes.

mod closing;
mod contexts;
mod credentials_erase;
mod credentials_issue;
mod credentials_read;
mod credentials_show;
mod credentials_status;
mod credentials_verify;
mod frameworks;
mod health;
mod identifiers;
mod institutions;
mod joint_awards;
mod log;
mod pages;
mod presentations_verify;
mod proxies;
mod routes;
mod witness;
mod witnessed;
mod worth;
