//! Every page × sample × language: whole, well-formed, small, and with nothing foreign let loose.

use std::collections::{BTreeMap, BTreeSet};

use testamur::credential::summary::LABELS;
use testamur::pages::{self, LOCALES, Reader, assets};
use testamur::verify::verdict::{CODES, Outcome};

use crate::samples::{self, Sample};

fn everything() -> Vec<(&'static str, Sample)> {
    LOCALES
        .iter()
        .flat_map(|locale| samples::pages(locale).into_iter().map(|page| (locale.tag, page)))
        .collect()
}

#[test]
fn pages_are_well_formed_and_have_every_word() {
    for (tag, page) in everything() {
        let name = format!("{} in {tag}", page.name);
        assert!(!page.html.contains('⟦'), "{name}: a message without words: {}", around(&page.html, '⟦'));
        let open = unbalanced(&page.html);
        assert!(open.is_empty(), "{name}: {open:?}");
        assert!(page.html.starts_with("<!DOCTYPE html>\n<html lang=\""), "{name}");
        assert_eq!(page.html.matches("<h1").count(), 1, "{name}: one heading says it all");
    }
}

#[test]
fn pages_are_small() {
    // The page that shows every check at once is nobody's page, and whoever asks for every line gets every line.
    let small = |name: &str| name != "every-check" && !name.ends_with("-whole");
    for (tag, page) in everything().into_iter().filter(|(_, page)| small(&page.name)) {
        assert!(page.html.len() < 30_000, "{} in {tag}: {} bytes", page.name, page.html.len());
    }
}

#[test]
fn what_does_not_fit_is_counted_and_a_link_shows_it() {
    for (tag, page) in everything() {
        let rows = page.html.matches("<tr>").count().saturating_sub(1);
        let link = page.html.contains("all=1");
        match page.name.as_str() {
            "genuine-transcript-long" | "genuine-transcript-longest" => {
                let all = if page.name.ends_with("longest") { 400 } else { 60 };
                let locale = LOCALES.iter().find(|locale| locale.tag == tag).unwrap();
                let left_out = locale.text_with("courses-left-out", &[("count", &(all - rows).to_string())]);
                assert!(rows > 20 && link, "{tag}: {rows}");
                assert!(rows == all || page.html.contains(&left_out), "{tag}: {rows}");
            }
            "genuine-transcript-whole" => {
                assert_eq!(rows, 60, "{tag}");
                assert!(!link, "{tag}: there is no more to show");
            }
            _ => {}
        }
    }
}

#[test]
fn pages_load_only_our_own_assets_and_run_nothing_inline() {
    let symbols = samples::symbols();
    let own: BTreeSet<&str> = assets()
        .iter()
        .map(|asset| &asset.path)
        .chain(symbols.iter().map(|(path, _)| path))
        .map(String::as_str)
        .collect();
    for (tag, page) in everything() {
        let name = format!("{} in {tag}", page.name);
        for (element, attributes) in tags(&page.html) {
            let attribute =
                |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
            assert!(
                attributes.iter().all(|(name, _)| !name.starts_with("on") && name != "style"),
                "{name}: {element}"
            );
            if let Some(source) = attribute("src") {
                assert!(own.contains(source.as_str()), "{name}: {element} loads {source}");
            }
            match element.as_str() {
                "script" => assert!(attribute("src").is_some(), "{name}: an inline script"),
                "image" => assert!(own.contains(attribute("href").unwrap().as_str()), "{name}: an image"),
                "link" => assert!(own.contains(attribute("href").unwrap().as_str()), "{name}"),
                "a" => {
                    let href = attribute("href").unwrap();
                    let kinds = ["/", "#", "?", "https://", "http://", "mailto:"];
                    assert!(kinds.iter().any(|kind| href.starts_with(kind)), "{name}: a link to {href}");
                }
                "iframe" | "object" | "embed" | "base" | "style" => panic!("{name}: {element}"),
                _ => {}
            }
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    for (tag, page) in everything().into_iter().filter(|(_, page)| page.name == "hostile") {
        let scripts = tags(&page.html).filter(|(element, _)| element == "script").count();
        assert_eq!(scripts, 1, "{tag}: only our own");
        for c in ['\u{202e}', '\u{202c}', '\u{2066}', '\u{200b}', '\0'] {
            assert!(!page.html.contains(c), "{tag}: U+{:04X} is obeyed", u32::from(c));
            assert!(
                page.html.contains(&format!("U+{:04X}", u32::from(c))),
                "{tag}: U+{:04X} is hidden",
                u32::from(c)
            );
        }
        assert!(page.html.contains("{{ 7*7 }}{ $x }"), "{tag}: a template in a name is a name");
    }
}

#[test]
fn names_of_foreign_lists_stay_names() {
    let of_lists = |page: &Sample| page.name.starts_with("directory") || page.name.starts_with("institution");
    let pages: Vec<_> = everything().into_iter().filter(|(_, page)| of_lists(page)).collect();
    assert_eq!(pages.len(), 6 * LOCALES.len());
    for (tag, page) in pages {
        let name = format!("{} in {tag}", page.name);
        assert_eq!(tags(&page.html).filter(|(element, _)| element == "script").count(), 1, "{name}");
        assert!(!page.html.contains('\u{202e}') && !page.html.contains("<a href=x"), "{name}");
    }
}

#[test]
fn every_language_has_the_same_messages_and_arguments() {
    let of = |source: &'static str| messages(source);
    let english = of(LOCALES.iter().find(|locale| locale.tag == "en").unwrap().source());
    for locale in LOCALES {
        let own = of(locale.source());
        for (id, arguments) in &english {
            assert_eq!(own.get(id), Some(arguments), "{id} in {}", locale.tag);
        }
        let extra: Vec<_> = own.keys().filter(|id| !english.contains_key(*id)).collect();
        assert!(extra.is_empty(), "{} alone has {extra:?}", locale.tag);
    }
}

#[test]
fn every_code_and_label_has_words() {
    for locale in LOCALES {
        let has = |id: &str| assert!(!locale.text(id).contains('⟦'), "{id} in {}", locale.tag);
        for (_, code, _, outcome) in CODES {
            let id = format!("check-{}", code.replace('.', "-"));
            has(&id);
            has(&format!("{id}.means"));
            if *outcome != Outcome::Pass {
                has(&format!("{id}.do"));
            }
        }
        LABELS.iter().for_each(|label| has(label));
    }
}

#[test]
fn every_problem_has_a_page() {
    for row in testamur::web::problem::PROBLEMS {
        for locale in LOCALES {
            let visit = samples::visit(Reader { locale, chosen: false }, "/problems/x");
            let page = pages::problem(&visit, row.code, row.status, None, None);
            assert!(page.is_some_and(|html| !html.contains('⟦')), "{} in {}", row.code, locale.tag);
        }
    }
}

#[test]
fn lao_and_vietnamese_are_written_in_normal_form() {
    for locale in LOCALES {
        assert!(testamur::text::is_nfc(locale.source()), "{}", locale.tag);
        assert!(!locale.source().contains("\u{ecd}\u{eb2}"), "{}: ຳ is one character", locale.tag);
    }
}

/// Message and attribute ids with the arguments they take. Ours are one line each.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out = BTreeMap::new();
    let mut message = "";
    for line in source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (id, text) = line.split_once(" =").unwrap();
        let id = match id.trim_start().strip_prefix('.') {
            Some(attribute) => format!("{message}.{attribute}"),
            None => {
                message = id;
                id.to_owned()
            }
        };
        assert!(!text.trim().is_empty(), "{id} says nothing");
        let arguments =
            text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned()).collect();
        assert!(out.insert(id.clone(), arguments).is_none(), "{id} stands twice");
    }
    out
}

/// The start tags of a page with their attributes.
fn tags(html: &str) -> impl Iterator<Item = (String, Vec<(String, String)>)> {
    html.split('<').skip(1).filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic())).map(|tag| {
        let tag = &tag[..end_of(tag)];
        let (element, mut rest) =
            tag.split_once(char::is_whitespace).unwrap_or((tag.trim_end_matches('/'), ""));
        let mut attributes = Vec::new();
        while let Some((name, after)) = rest.trim_start().split_once('=') {
            // An attribute without a value, such as `hidden`, precedes the name.
            let name = name.split_whitespace().last().unwrap().to_owned();
            let after = after.strip_prefix('"').unwrap();
            let (value, next) = after.split_once('"').unwrap();
            attributes.push((name, value.to_owned()));
            rest = next;
        }
        (element.to_owned(), attributes)
    })
}

/// Where a tag ends: the first `>` outside quotes.
fn end_of(tag: &str) -> usize {
    let mut quoted = false;
    tag.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })
    .unwrap()
}

/// The elements that are not closed, or closed without being open, in order.
fn unbalanced(html: &str) -> Vec<String> {
    const VOID: [&str; 6] = ["meta", "link", "img", "input", "br", "wbr"];
    let mut open: Vec<String> = Vec::new();
    let mut wrong = Vec::new();
    for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with('!')) {
        let end = end_of(tag);
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            if open.last() == Some(&name) {
                open.pop();
            } else {
                wrong.push(format!("</{name}> while in {:?}", open.last()));
            }
        } else if !VOID.contains(&name.as_str()) && !tag[..end].ends_with('/') {
            open.push(name);
        }
    }
    wrong.extend(open);
    wrong
}

fn around(html: &str, c: char) -> String {
    let at = html.find(c).unwrap_or_default();
    html[at..].chars().take(60).collect()
}
