//! Hash N-Degree Quads (RDFC-1.0 section 4.8): telling apart blank nodes whose own statements look alike, within bounded work.

use super::{
    error::{Code, JsonLdError, Path},
    rdfc::{Graph, Hash, NONE, to_hash},
};
use sha2::Digest;
use std::{collections::HashMap, fmt::Write as _, marker::PhantomData};

/// Statements looked at plus names given on trial, before we call a graph poison: well under a second's work.
const MOST_WORK: usize = 400_000;
/// How far the search may go from node to node.
const MOST_DEEP: usize = 200;

/// Names given on trial, in order.
#[derive(Clone, Default)]
struct Issuer {
    numbers: HashMap<u32, u32>,
    order: Vec<u32>,
}

impl Issuer {
    fn issue(&mut self, node: u32) -> u32 {
        let next = self.order.len() as u32;
        *self.numbers.entry(node).or_insert_with(|| {
            self.order.push(node);
            next
        })
    }
}

/// The search, with what it may still cost.
pub(super) struct NDegree<D> {
    left: usize,
    hash: PhantomData<D>,
}

impl<D: Digest> NDegree<D> {
    pub(super) fn new() -> Self {
        NDegree { left: MOST_WORK, hash: PhantomData }
    }

    /// Step 5 of the canonicalization algorithm: names the nodes that share a first degree hash.
    pub(super) fn name(&mut self, graph: &mut Graph<'_>, group: &[u32]) -> Result<(), JsonLdError> {
        let mut paths: Vec<(Hash, Issuer)> = Vec::new();
        for node in group {
            if graph.issued[*node as usize] != NONE {
                continue;
            }
            let mut issuer = Issuer::default();
            issuer.issue(*node);
            paths.push(self.search(graph, *node, issuer, 0)?);
        }
        paths.sort_by_key(|path| path.0);
        for (_, issuer) in paths {
            for node in issuer.order {
                graph.issue(node);
            }
        }
        Ok(())
    }

    fn charge(&mut self, work: usize) -> Result<(), JsonLdError> {
        match self.left.checked_sub(work) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Path::ROOT.fail(
                Code::PoisonGraph,
                "its nameless nodes are too alike to be told apart with bounded work",
            ),
        }
    }

    /// Section 4.8.3.
    fn search(
        &mut self,
        graph: &Graph<'_>,
        node: u32,
        issuer: Issuer,
        depth: usize,
    ) -> Result<(Hash, Issuer), JsonLdError> {
        if depth > MOST_DEEP {
            self.charge(MOST_WORK + 1)?;
        }
        let mut issuer = issuer;
        let mut data = String::new();
        for (hash, related) in self.related(graph, node, &issuer)? {
            push_hex::<D>(&mut data, &hash);
            let mut chosen: Option<(String, Issuer)> = None;
            let mut order: Vec<usize> = (0..related.len()).collect();
            loop {
                self.charge(related.len() + issuer.order.len() / 4)?;
                if let Some(found) = self.follow(
                    graph,
                    &related,
                    &order,
                    &issuer,
                    chosen.as_ref().map(|c| c.0.as_str()),
                    depth,
                )? {
                    chosen = Some(found);
                }
                if !next_permutation(&mut order) {
                    break;
                }
            }
            if let Some((path, best)) = chosen {
                data.push_str(&path);
                issuer = best;
            }
        }
        Ok((to_hash(&D::digest(data.as_bytes())), issuer))
    }

    /// Steps 1 to 3: the related blank nodes by the hash of their relation, in order of it.
    fn related(
        &mut self,
        graph: &Graph<'_>,
        node: u32,
        issuer: &Issuer,
    ) -> Result<Vec<(Hash, Vec<u32>)>, JsonLdError> {
        let mut found: Vec<(Hash, u32)> = Vec::new();
        for at in graph.mentions(node) {
            self.charge(1)?;
            let line = &graph.lines.lines[at as usize];
            for (other, position) in [(line.subject, 's'), (line.object, 'o'), (line.graph, 'g')] {
                if other == NONE || other == node {
                    continue;
                }
                let mut text = String::with_capacity(160);
                text.push(position);
                if position != 'g' {
                    text.push_str(graph.lines.predicate(line));
                }
                match (graph.issued[other as usize], issuer.numbers.get(&other)) {
                    (NONE, None) => push_hex::<D>(&mut text, &graph.first[other as usize]),
                    (NONE, Some(number)) => {
                        let _ = write!(text, "_:b{number}");
                    }
                    (number, _) => {
                        let _ = write!(text, "_:c14n{number}");
                    }
                }
                found.push((to_hash(&D::digest(text.as_bytes())), other));
            }
        }
        found.sort();
        Ok(found
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|g| Some((g.first()?.0, g.iter().map(|(_, n)| *n).collect())))
            .collect())
    }

    /// Step 5.4: one order of the related nodes. `None` when its path is no better than the one chosen so far.
    fn follow(
        &mut self,
        graph: &Graph<'_>,
        related: &[u32],
        order: &[usize],
        issuer: &Issuer,
        chosen: Option<&str>,
        depth: usize,
    ) -> Result<Option<(String, Issuer)>, JsonLdError> {
        let mut issuer = issuer.clone();
        let mut path = String::new();
        let mut recurse = Vec::new();
        let worse = |path: &str| chosen.is_some_and(|c| path.len() >= c.len() && path > c);
        for at in order {
            let node = related[*at];
            match graph.issued[node as usize] {
                NONE => {
                    if !issuer.numbers.contains_key(&node) {
                        recurse.push(node);
                    }
                    let _ = write!(path, "_:b{}", issuer.issue(node));
                }
                number => {
                    let _ = write!(path, "_:c14n{number}");
                }
            }
            if worse(&path) {
                return Ok(None);
            }
        }
        for node in recurse {
            let (hash, after) = self.search(graph, node, issuer.clone(), depth + 1)?;
            let _ = write!(path, "_:b{}<", issuer.issue(node));
            push_hex::<D>(&mut path, &hash);
            path.push('>');
            issuer = after;
            if worse(&path) {
                return Ok(None);
            }
        }
        Ok(match chosen {
            Some(chosen) if path.as_str() >= chosen => None,
            _ => Some((path, issuer)),
        })
    }
}

fn push_hex<D: Digest>(text: &mut String, hash: &Hash) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in &hash[..<D as Digest>::output_size().min(48)] {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// The next order in lexicographic order, false after the last.
fn next_permutation(order: &mut [usize]) -> bool {
    let Some(pivot) = order.windows(2).rposition(|w| w[0] < w[1]) else { return false };
    if let Some(swap) = order.iter().rposition(|n| *n > order[pivot]) {
        order.swap(pivot, swap);
    }
    order[pivot + 1..].reverse();
    true
}
