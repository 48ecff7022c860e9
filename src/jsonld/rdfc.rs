//! RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation, 21 May 2024): names for blank nodes that depend on the statements alone.

use super::{
    error::{Code, JsonLdError, Path},
    nquads::{Line, Lines},
    poison::NDegree,
    quads::Dataset,
};
use sha2::{Digest, Sha256, Sha384};

/// No blank node.
pub(super) const NONE: u32 = u32::MAX;

/// The hash RDFC-1.0 uses inside. SHA-256 unless a suite says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashAlgorithm {
    /// The default.
    #[default]
    Sha256,
    /// For `ecdsa-rdfc-2019` with P-384.
    Sha384,
}

/// A canonicalized dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The statements in canonical N-Quads, in code point order.
    pub nquads: String,
    /// The canonical number of each blank node of the dataset: blank node `i` is `_:c14n{issued[i]}`. One that occurs in no
    /// statement has `u32::MAX`.
    pub issued: Vec<u32>,
}

/// The canonical N-Quads of a dataset, each statement once. Fails with [`Code::PoisonGraph`] on a graph so symmetrical that naming
/// its nodes would take more than bounded work.
pub fn canonicalize(dataset: &Dataset<'_>, hash: HashAlgorithm) -> Result<Canonical, JsonLdError> {
    let lines = Lines::new(dataset);
    match hash {
        HashAlgorithm::Sha256 => run::<Sha256>(&lines, dataset.blanks),
        HashAlgorithm::Sha384 => run::<Sha384>(&lines, dataset.blanks),
    }
}

/// A hash value; SHA-256 leaves the end zero.
pub(super) type Hash = [u8; 48];

/// The same, giving the dataset's memory back before it is through.
pub(super) fn consume(dataset: Dataset<'_>, hash: HashAlgorithm) -> Result<String, JsonLdError> {
    let (lines, blanks) = (Lines::new(&dataset), dataset.blanks);
    drop(dataset);
    let canonical = match hash {
        HashAlgorithm::Sha256 => run::<Sha256>(&lines, blanks),
        HashAlgorithm::Sha384 => run::<Sha384>(&lines, blanks),
    };
    Ok(canonical?.nquads)
}

/// What naming the nodes works on.
pub(super) struct Graph<'g> {
    pub(super) lines: &'g Lines,
    /// The statements of blank node `i` are `mentions[starts[i]..starts[i + 1]]`.
    mentions: Vec<u32>,
    starts: Vec<u32>,
    /// First degree hashes.
    pub(super) first: Vec<Hash>,
    /// Canonical numbers issued.
    pub(super) issued: Vec<u32>,
    next: u32,
    /// Statements met a second time.
    dead: Vec<bool>,
}

impl<'g> Graph<'g> {
    fn new(lines: &'g Lines, blanks: u32) -> Self {
        let count = blanks as usize;
        let mut starts = vec![0u32; count + 2];
        for line in &lines.lines {
            for node in distinct(line.subject, line.object, line.graph) {
                starts[node as usize + 2] += 1;
            }
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut mentions = vec![0u32; starts.last().copied().unwrap_or_default() as usize];
        for (at, line) in lines.lines.iter().enumerate() {
            for node in distinct(line.subject, line.object, line.graph) {
                let slot = &mut starts[node as usize + 1];
                mentions[*slot as usize] = at as u32;
                *slot += 1;
            }
        }
        let (first, issued) = (vec![[0; 48]; count], vec![NONE; count]);
        Graph { lines, mentions, starts, first, issued, next: 0, dead: vec![false; lines.lines.len()] }
    }

    /// The statements a blank node occurs in, each once.
    pub(super) fn mentions(&self, node: u32) -> impl Iterator<Item = u32> {
        let node = node as usize;
        let range = self.starts[node] as usize..self.starts[node + 1] as usize;
        self.mentions[range].iter().copied().filter(|at| !self.dead[*at as usize])
    }

    /// Issues the next canonical number, once.
    pub(super) fn issue(&mut self, node: u32) {
        if let Some(slot) = self.issued.get_mut(node as usize)
            && *slot == NONE
        {
            *slot = self.next;
            self.next += 1;
        }
    }

    /// Section 4.6, Hash First Degree Quads, for every blank node. Marks repeated statements on the way: they are neighbours
    /// when a node's statements are in order.
    fn hash_first<D: Digest>(&mut self) {
        let mut text = String::with_capacity(2048);
        let mut parts: Vec<(u32, u32, u32)> = Vec::new();
        for node in 0..self.issued.len() {
            text.clear();
            parts.clear();
            for at in &self.mentions[self.starts[node] as usize..self.starts[node + 1] as usize] {
                if self.dead[*at as usize] {
                    continue;
                }
                let start = text.len() as u32;
                self.lines.write(&self.lines.lines[*at as usize], &mut text, |n, out| {
                    out.push_str(if n as usize == node { "_:a" } else { "_:z" });
                });
                parts.push((start, text.len() as u32, *at));
            }
            let part = |p: &(u32, u32, u32)| &text.as_bytes()[p.0 as usize..p.1 as usize];
            parts.sort_unstable_by(|a, b| part(a).cmp(part(b)));
            let mut digest = D::new();
            for (at, this) in parts.iter().enumerate() {
                let same_text = parts[..at].iter().rev().take_while(|p| part(p) == part(this));
                if at > 0 && same_text.into_iter().any(|p| self.same(p.2, this.2)) {
                    self.dead[this.2 as usize] = true;
                } else {
                    digest.update(part(this));
                }
            }
            self.first[node] = to_hash(&digest.finalize());
        }
    }

    /// Whether two statements of equal form have the same blank nodes.
    fn same(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.lines.lines[a as usize], &self.lines.lines[b as usize]);
        (a.subject, a.object, a.graph) == (b.subject, b.object, b.graph)
    }
}

/// The blank nodes among three, each once.
fn distinct(subject: u32, object: u32, graph: u32) -> impl Iterator<Item = u32> {
    let object = if object == subject { NONE } else { object };
    let graph = if graph == subject || graph == object { NONE } else { graph };
    [subject, object, graph].into_iter().filter(|n| *n != NONE)
}

pub(super) fn to_hash(bytes: &[u8]) -> Hash {
    let mut out = [0; 48];
    let length = bytes.len().min(48);
    out[..length].copy_from_slice(&bytes[..length]);
    out
}

/// Section 4.4.3, the canonicalization algorithm.
fn run<D: Digest>(lines: &Lines, blanks: u32) -> Result<Canonical, JsonLdError> {
    if lines.lines.iter().any(|l| [l.subject, l.object, l.graph].iter().any(|n| *n != NONE && *n >= blanks)) {
        return Path::ROOT.fail(Code::TooLarge, "a blank node beyond the dataset's count");
    }
    let mut graph = Graph::new(lines, blanks);
    graph.hash_first::<D>();
    let mut order: Vec<u32> = (0..blanks).filter(|n| graph.mentions(*n).next().is_some()).collect();
    order.sort_unstable_by(|a, b| graph.first[*a as usize].cmp(&graph.first[*b as usize]));
    let groups: Vec<&[u32]> =
        order.chunk_by(|a, b| graph.first[*a as usize] == graph.first[*b as usize]).collect();
    for group in &groups {
        if let [only] = group {
            graph.issue(*only);
        }
    }
    let mut shared = groups.iter().filter(|g| g.len() > 1).peekable();
    if shared.peek().is_some() {
        let mut work = NDegree::<D>::new();
        for group in shared {
            work.name(&mut graph, group)?;
        }
    }
    let issued = std::mem::take(&mut graph.issued);
    Ok(Canonical { nquads: write(lines, &graph.dead, &issued), issued })
}

/// All statements with their final names, in order, each once.
fn write(lines: &Lines, dead: &[bool], issued: &[u32]) -> String {
    let ranks: Vec<u64> = issued.iter().map(|number| rank(*number)).collect();
    let subjects = lines.subject_ranks(&ranks);
    let alive = lines.lines.iter().zip(dead).zip(subjects).filter(|((_, dead), _)| !**dead);
    let mut alive: Vec<(u64, &Line)> = alive.map(|((line, _), subject)| (subject, line)).collect();
    alive.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| lines.order(a.1, b.1, &ranks)));
    alive.dedup_by(|a, b| a.0 == b.0 && lines.order(a.1, b.1, &ranks).is_eq());
    let label = |node: u32, out: &mut String| {
        out.push_str("_:c14n");
        push_number(out, issued.get(node as usize).copied().unwrap_or(NONE));
    };
    let mut out = String::with_capacity(lines.len() + alive.len() * 20);
    for (_, line) in alive {
        lines.write(line, &mut out, label);
    }
    out
}

/// A number below 2^60 that orders as the decimal digits do as text.
fn rank(number: u32) -> u64 {
    let mut digits = [0u8; 10];
    let (mut left, mut rest) = (10, number);
    loop {
        left -= 1;
        digits[left] = (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    digits[left..]
        .iter()
        .zip((0..15).rev())
        .fold(0, |rank, (digit, place)| rank | u64::from(digit + 1) << (place * 4))
}

/// Decimal digits, without the formatter's detours.
pub(super) fn push_number(out: &mut String, number: u32) {
    if number >= 10 {
        push_number(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}
