//! RDFC-1.0: the W3C tests, and oxrdf as a second opinion on random graphs.

use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use testamur::jsonld::{Code, Dataset, HashAlgorithm, Quad, Term, XSD_STRING, rdfc};

use crate::{rdfc_nquads::parse, shared};

#[test]
fn w3c_rdf_canon() {
    let Some(manifest) = shared::json("vectors/rdf-canon/tests/manifest.jsonld") else { return };
    let (mut evaluated, mut maps, mut refused) = (0, 0, 0);
    for entry in manifest["entries"].as_array().unwrap() {
        let file = |member: &str| {
            let name = entry[member].as_str().unwrap();
            std::fs::read_to_string(shared::path(&format!("vectors/rdf-canon/tests/{name}")).unwrap())
                .unwrap()
        };
        let id = entry["id"].as_str().unwrap();
        let hash = match entry.get("hashAlgorithm").and_then(|h| h.as_str()) {
            Some("SHA384") => HashAlgorithm::Sha384,
            other => {
                assert_eq!(other, None, "{id}");
                HashAlgorithm::Sha256
            }
        };
        let dataset = parse(&file("action"));
        let found = rdfc::canonicalize(&dataset, hash);
        match entry["type"].as_str().unwrap() {
            "rdfc:RDFC10EvalTest" => {
                assert_eq!(found.unwrap().nquads, file("result"), "{id}");
                evaluated += 1;
            }
            "rdfc:RDFC10MapTest" => {
                let expected: BTreeMap<String, String> = serde_json::from_str(&file("result")).unwrap();
                let issued = found.unwrap().issued;
                let found: BTreeMap<String, String> = dataset
                    .labels
                    .iter()
                    .map(|(label, node)| {
                        (label.clone().into_owned(), format!("c14n{}", issued[*node as usize]))
                    })
                    .collect();
                assert_eq!(found, expected, "{id}");
                maps += 1;
            }
            "rdfc:RDFC10NegativeEvalTest" => {
                assert_eq!(found.unwrap_err().code, Code::PoisonGraph, "{id}");
                refused += 1;
            }
            other => panic!("{id}: {other}"),
        }
    }
    eprintln!("rdf-canon: {evaluated} eval, {maps} map, {refused} negative");
    assert_eq!((evaluated, maps, refused), (64, 21, 1));
}

fn other_opinion(dataset: &Dataset<'_>) -> String {
    use oxrdf::{
        BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, dataset::CanonicalizationAlgorithm,
    };
    let blank = |n: &u32| BlankNode::new(format!("x{n}")).unwrap();
    let iri = |i: &str| NamedNode::new(i).unwrap();
    let mut theirs = oxrdf::Dataset::new();
    for quad in &dataset.quads {
        let node = |term: &Term<'_>| -> NamedOrBlankNode {
            match term {
                Term::Iri(i) => iri(i).into(),
                Term::Blank(n) => blank(n).into(),
                Term::Literal { .. } => unreachable!(),
            }
        };
        let object: oxrdf::Term = match &quad.object {
            Term::Literal { value, .. } => Literal::new_simple_literal(value.as_ref()).into(),
            other => node(other).into(),
        };
        let graph: GraphName = quad.graph.as_ref().map_or(GraphName::DefaultGraph, |g| node(g).into());
        theirs.insert(&oxrdf::Quad::new(node(&quad.subject), iri(&quad.predicate), object, graph));
    }
    theirs.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
        hash_algorithm: oxrdf::dataset::CanonicalizationHashAlgorithm::Sha256,
    });
    let mut lines: Vec<String> = theirs.iter().map(|quad| format!("{quad} .\n")).collect();
    lines.sort();
    lines.concat()
}

fn node() -> impl Strategy<Value = Term<'static>> {
    prop_oneof![
        4 => (0u32..6).prop_map(Term::Blank),
        1 => (0u32..3).prop_map(|n| Term::Iri(Cow::Owned(format!("x:n{n}")))),
    ]
}

fn quad() -> impl Strategy<Value = Quad<'static>> {
    let literal = "[a-c\"\\\\\n\t\u{1}\u{7f}é]{0,3}".prop_map(|v| Term::Literal {
        value: Cow::Owned(v),
        datatype: Cow::Borrowed(XSD_STRING),
        language: None,
    });
    let object = prop_oneof![3 => node(), 1 => literal];
    (node(), 0u32..2, object, prop::option::weighted(0.3, node())).prop_map(|(subject, p, object, graph)| {
        Quad { subject, predicate: Cow::Owned(format!("x:p{p}")), object, graph }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Same text as oxrdf, whatever the order of the statements and the numbers of the nodes, repeated statements included.
    #[test]
    fn agrees_with_oxrdf(quads in prop::collection::vec(quad(), 1..12), turn in 0u32..6, repeat in any::<bool>()) {
        let mut dataset = Dataset { quads, blanks: 6, ..Dataset::default() };
        if repeat {
            dataset.quads.extend_from_within(..1);
        }
        let ours = rdfc::canonicalize(&dataset, HashAlgorithm::Sha256).unwrap().nquads;
        let theirs = other_opinion(&dataset);
        prop_assert!(ours == theirs || opinions(&dataset).contains(&ours), "{ours}is not\n{theirs}");
        dataset.quads.reverse();
        let turned = renumbered(&dataset, |n| (n + turn) % 6);
        let again = rdfc::canonicalize(&turned, HashAlgorithm::Sha256).unwrap().nquads;
        prop_assert!(ours == again || opinions(&dataset).contains(&again), "{ours}is not\n{again}");
    }
}

/// Graph names that are blank nodes take part in the hashes of the nodes within, but not which graph a statement is in:
/// two nodes may then tie although they play different parts, and RDFC-1.0 §4.4.3 does not say which comes first.
#[test]
fn a_tie_the_algorithm_leaves_open() {
    let blank = Term::Blank;
    let quad = |subject, object, graph| Quad { subject, predicate: "x:p".into(), object, graph };
    let text = Term::Literal { value: "".into(), datatype: XSD_STRING.into(), language: None };
    let quads = vec![
        quad(blank(3), blank(5), Some(blank(0))),
        quad(blank(5), blank(3), Some(blank(1))),
        quad(blank(0), text, None),
    ];
    let dataset = Dataset { quads, blanks: 6, ..Dataset::default() };
    let opinions = opinions(&dataset);
    assert_eq!(opinions.len(), 2);
    assert!(opinions.contains(&rdfc::canonicalize(&dataset, HashAlgorithm::Sha256).unwrap().nquads));
}

/// Every text that oxrdf gives for the dataset when its six nodes are numbered otherwise: one, but for a tie.
fn opinions(dataset: &Dataset<'_>) -> BTreeSet<String> {
    let mut numbers: Vec<[u32; 6]> = vec![[0; 6]];
    for place in 0..6u32 {
        let put = |known: [u32; 6], at: u32| {
            let mut next = known.map(|n| if n >= at { n + 1 } else { n });
            next[place as usize] = at;
            next
        };
        numbers = numbers.iter().flat_map(|known| (0..=place).map(|at| put(*known, at))).collect();
    }
    numbers.iter().map(|to| other_opinion(&renumbered(dataset, |n| to[n as usize]))).collect()
}

fn renumbered<'a>(dataset: &Dataset<'a>, to: impl Fn(u32) -> u32) -> Dataset<'a> {
    let quads = dataset.quads.iter().cloned().map(|mut quad| {
        for term in
            [Some(&mut quad.subject), Some(&mut quad.object), quad.graph.as_mut()].into_iter().flatten()
        {
            if let Term::Blank(n) = term {
                *n = to(*n);
            }
        }
        quad
    });
    Dataset { quads: quads.collect(), blanks: 6, ..Dataset::default() }
}
