//! The HTTP door: routes, extractors, handlers and the one table of problems. No other room knows HTTP.
//!
//! A request meets [`front`] (admission, limits, headers), then a handler: it takes apart what was sent, calls a verb,
//! and tells what came of it.

pub mod admin;
pub mod agreements;
pub mod applications;
pub mod authority;
pub mod contexts;
pub mod count;
pub mod credentials;
pub mod directory;
pub mod erase;
pub mod extract;
pub mod frameworks;
pub mod front;
pub mod health;
pub mod html;
pub mod identifiers;
pub mod institutions;
pub mod keys;
pub mod limits;
pub mod log;
pub mod meter;
pub mod negotiate;
pub mod pins;
pub mod problem;
pub mod proxy;
pub mod routes;
pub mod serve;
pub mod state;
pub mod statistics;
pub mod status;
pub mod tokens;
pub mod trust;
pub mod verify;
pub mod witness;

mod caching;
mod form;
mod idle;
mod refusals;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use front::Front;
use problem::{Code, Problem};
pub use serve::{ServeError, bind, serve};
use state::Web;

/// The whole door as one service, for whoever brings requests without a network.
pub fn service(app: Arc<App>) -> Front {
    let web = Web::new(app);
    Front::new(web.clone(), router(web))
}

/// Every route with its handler.
fn router(web: Web) -> Router {
    Router::new()
        .route(routes::VERIFY, post(verify::verify_credential))
        .route(routes::VERIFY_PRESENTATION, post(verify::verify_presentation))
        .route(routes::ISSUE, post(credentials::issue_credential))
        .route(routes::PREPARE, post(credentials::prepare_credential))
        .route(routes::STATUS, post(status::set_status))
        .route(routes::ERASE, post(erase::erase_credential))
        .route(routes::CREDENTIAL, get(credentials::read_credential))
        .route(routes::SHOW, get(credentials::show_credential))
        .route(routes::SHOW_UPPER, get(credentials::show_credential))
        .route(routes::QR_SVG, get(credentials::draw_svg))
        .route(routes::QR_PNG, get(credentials::draw_png))
        .route(routes::INSTITUTIONS, get(admin::list_institutions).post(admin::found_institution))
        .route(routes::CLOSE, post(admin::close_institution))
        .route(routes::KEYS, get(keys::list_keys).post(keys::make_key))
        .route(routes::RETIRE_KEY, post(keys::retire_key))
        .route(routes::TOKENS, get(tokens::list_tokens).post(tokens::make_token))
        .route(routes::REVOKE_TOKEN, post(tokens::revoke_token))
        .route(routes::DID_DOCUMENT, get(institutions::did_document))
        .route(routes::DID_DOCUMENT_ROOT, get(institutions::did_document_root))
        .route(routes::STATUS_LIST, get(institutions::status_list))
        .route(routes::TRUST_ROOT, get(trust::show_root))
        .route(routes::PINS, get(pins::list_pins).post(pins::make_pin))
        .route(routes::UNPIN, post(pins::end_pin))
        .route(routes::TRUST_LIST_ONLY, get(trust::show_only_list))
        .route(routes::TRUST_LIST, get(trust::show_list))
        .route(routes::TRUST_LIST_VERSION, get(trust::show_list_version))
        .route(routes::LIST_ISSUER, post(authority::list_issuer))
        .route(routes::ISSUER_KEY, post(authority::change_issuer_key))
        .route(routes::ACCREDIT, post(authority::accredit_issuer))
        .route(routes::STANDING, post(authority::change_standing))
        .route(routes::SUCCESSOR, post(authority::name_successor))
        .route(routes::POINTER, post(authority::point_to))
        .route(routes::LOG_POLICY, post(authority::set_policy))
        .route(routes::DELIVER, post(count::deliver))
        .route(routes::DELIVER_NEXT, get(count::next_leaf))
        .route(routes::COHORT, post(count::announce_cohort))
        .route(routes::COUNT, get(count::show_count))
        .route(routes::APPLICATIONS, get(applications::list_applications).post(applications::apply))
        .route(routes::APPLICATION, get(applications::show_application))
        .route(routes::DECIDE, post(applications::decide))
        .route(routes::APPEAL, post(applications::appeal))
        .route(routes::WITHDRAW, post(applications::withdraw))
        .route(routes::ERASE_APPLICATION, post(applications::erase))
        .route(routes::PUBLISH_ROOT, post(authority::publish_root))
        .route(routes::MIRRORED_LIST, get(institutions::mirrored_list))
        .route(routes::LOGS, get(log::show_logs))
        .route(routes::LOG_CHECKPOINT, get(log::show_checkpoint))
        .route(routes::LOG_KEY, get(log::show_log_key))
        .route(routes::LOG_TILE, get(log::show_tile))
        .route(routes::LOG_PROOF, get(log::show_proof))
        .route(routes::ADD_CHECKPOINT, post(witness::add_checkpoint))
        .route(routes::WITNESS_KEY, get(witness::show_witness_key))
        .route(routes::IDENTIFIER, get(identifiers::resolve_identifier))
        .route(routes::CONTEXT, get(contexts::context))
        .route(routes::HOME, get(html::home))
        .route(routes::VERIFY_PAGE, post(html::verify_pasted))
        .route(routes::DIRECTORY, get(directory::show_directory))
        .route(routes::DIRECTORY_ENTRY, get(directory::show_institution))
        .route(routes::MAP, get(directory::show_map))
        .route(routes::FRAMEWORKS, get(frameworks::show_frameworks))
        .route(routes::FRAMEWORK, get(frameworks::show_framework))
        .route(routes::AGREEMENTS, get(agreements::list_agreements).post(agreements::file_agreement))
        .route(routes::AGREEMENT_REPORT, get(agreements::report_agreements))
        .route(routes::IMPORT_AGREEMENTS, post(agreements::import_agreements))
        .route(routes::AGREEMENT, get(agreements::show_agreement))
        .route(routes::AGREEMENT_STATE, post(agreements::change_agreement))
        .route(routes::SIGN_AGREEMENT, post(agreements::sign_agreement))
        .route(routes::RECORD_ACTIVITY, post(agreements::record_activity))
        .route(routes::STATISTICS, get(statistics::show_definitions))
        .route(routes::STATISTICS_TABLE, get(statistics::show_table))
        .route(routes::PROBLEM, get(html::explain_problem))
        .route(routes::ASSET, get(html::asset))
        .route(routes::HEALTH, get(health::health))
        .route(routes::READY, get(health::ready))
        .route(routes::METRICS, get(health::metrics))
        .route(routes::OPENAPI, get(health::openapi))
        .fallback(|| async { Problem::new(Code::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::new(Code::MethodNotAllowed) })
        .with_state(web)
}
