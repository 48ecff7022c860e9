//! Trust policies: which logs, which witnesses, and how many of them (C2SP tlog-policy).

mod parse;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::checkpoint::{CheckpointError, SignedCheckpoint};
use super::note::NoteError;
use super::vkey::{VerifierKey, VkeyError};
use super::{Hash, cosign};

/// Longest policy read, in bytes.
pub const MAX_POLICY: usize = 64 * 1024;

/// Most logs, most witnesses and most groups read. The specification asks for 32 of each.
pub const MAX_NAMED: usize = 64;

/// The fewest witnesses, each on a host of its own, that prove anything to us, whatever the policy says.
pub const MIN_WITNESSES: usize = 2;

/// Whom to believe about a log.
#[derive(Debug, Clone)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    /// Each refers to groups before it only.
    groups: Vec<Group>,
    /// `None` for `quorum none`.
    quorum: Option<Member>,
}

/// A log whose checkpoints count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its key; the name is the origin.
    pub key: VerifierKey,
    /// Where it is served, as written.
    pub url: Option<String>,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its key.
    pub key: VerifierKey,
    /// Where it takes checkpoints, as written.
    pub url: Option<String>,
}

/// A checkpoint that the log signed and a quorum of witnesses saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed<'a> {
    /// Which log.
    pub log: &'a Log,
    /// How many leaves its tree had.
    pub size: u64,
    /// The root of that tree.
    pub root: Hash,
    /// The earliest moment at which a quorum, two witnesses at least, had seen the checkpoint.
    pub time: Timestamp,
    /// Who had by then, and when each had first, earliest first.
    pub by: Vec<(&'a Witness, Timestamp)>,
}

/// Why a policy is refused, or a checkpoint under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// More bytes than [`MAX_POLICY`], or more lines of one sort than [`MAX_NAMED`].
    #[error("the policy is too long")]
    TooLong,
    /// A line, counted from 1, that is not as the specification wants it.
    #[error("line {0} of the policy is malformed")]
    Line(usize),
    /// A key on a line is not one we use.
    #[error("line {0} of the policy: {1}")]
    Key(usize, VkeyError),
    /// There is no quorum line, or more than one.
    #[error("the policy needs exactly one quorum line")]
    Quorum,
    /// No log of the policy bears this origin.
    #[error("the policy does not know the log {0}")]
    UnknownLog(String),
    /// The log did not sign the checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A cosignature is wrong.
    #[error(transparent)]
    Cosignature(#[from] NoteError),
    /// Too few of the right witnesses have seen the checkpoint.
    #[error("no quorum of independent witnesses has seen the checkpoint")]
    NoQuorum,
}

#[derive(Debug, Clone, Copy)]
enum Member {
    Witness(usize),
    Group(usize),
}

#[derive(Debug, Clone)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

impl Policy {
    /// The logs, as listed.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The witnesses, as listed.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// The same policy, and this log among its logs.
    #[must_use]
    pub fn with_log(&self, key: VerifierKey) -> Policy {
        let mut policy = self.clone();
        if !policy.logs.iter().any(|log| log.key == key) {
            policy.logs.push(Log { key, url: None });
        }
        policy
    }

    /// Judges a checkpoint: signed by a log of this policy, and seen by its quorum, of which witnesses of the log's own
    /// operator are no part and which is never fewer than [`MIN_WITNESSES`]. `quorum none` therefore proves nothing.
    ///
    /// `counts` tells whether what a witness said of a moment is to be heard: the moment is not in the future, and lies
    /// within the life of its key. A signature that does not match its key condemns the whole note.
    pub fn judge<'a>(
        &'a self,
        checkpoint: &SignedCheckpoint,
        counts: impl Fn(&Witness, Timestamp) -> bool,
    ) -> Result<Witnessed<'a>, PolicyError> {
        let unknown = || PolicyError::UnknownLog(checkpoint.claimed().origin.clone());
        let key = checkpoint.signer(self.logs.iter().map(|log| &log.key))?.ok_or_else(unknown)?;
        let log = self.logs.iter().find(|log| log.key == *key).ok_or_else(unknown)?;
        let mut seen = Vec::with_capacity(self.witnesses.len());
        for witness in &self.witnesses {
            let times = cosign::times(checkpoint, &witness.key)?;
            let own = operated_by(&log.key, &witness.key);
            seen.push(times.into_iter().filter(|at| !own && counts(witness, *at)).min());
        }
        let quorum = self.quorum.ok_or(PolicyError::NoQuorum)?;
        let by_quorum = self.earliest(quorum, &seen).ok_or(PolicyError::NoQuorum)?;
        let seen_by = |index: usize| Some((self.witnesses.get(index)?, seen.get(index).copied()??));
        let mut by: Vec<_> = self.below(quorum).into_iter().filter_map(seen_by).collect();
        by.sort_by_key(|(_, at)| *at);
        let mut operators = BTreeSet::new();
        let enough = by.iter().find(|(witness, _)| {
            operators.insert(operator(&witness.key));
            operators.len() >= MIN_WITNESSES
        });
        let by_enough = enough.map(|(_, at)| *at).ok_or(PolicyError::NoQuorum)?;
        let time = by_quorum.max(by_enough);
        by.retain(|(_, at)| *at <= time);
        let head = checkpoint.claimed();
        Ok(Witnessed { log, size: head.size, root: head.root, time, by })
    }

    /// The earliest moment at which enough below `member` had seen: for k of n the k-th earliest.
    fn earliest(&self, member: Member, seen: &[Option<Timestamp>]) -> Option<Timestamp> {
        let mut of_groups: Vec<Option<Timestamp>> = Vec::with_capacity(self.groups.len());
        let of = |member: &Member, of_groups: &[Option<Timestamp>]| match member {
            Member::Witness(index) => seen.get(*index).copied().flatten(),
            Member::Group(index) => of_groups.get(*index).copied().flatten(),
        };
        for group in &self.groups {
            let mut times: Vec<_> =
                group.members.iter().filter_map(|member| of(member, &of_groups)).collect();
            times.sort_unstable();
            of_groups.push(times.get(group.threshold - 1).copied());
        }
        of(&member, &of_groups)
    }

    /// The witnesses below `member`. A name is a member once at most, so none is met twice.
    fn below(&self, member: Member) -> Vec<usize> {
        let mut witnesses = Vec::new();
        let mut open = vec![member];
        while let Some(member) = open.pop() {
            match member {
                Member::Witness(index) => witnesses.push(index),
                Member::Group(index) => {
                    open.extend(self.groups.get(index).into_iter().flat_map(|group| &group.members));
                }
            }
        }
        witnesses
    }
}

/// Whether, by key or by name, the witness is in the hands of whoever runs the log `log.OPERATOR/YEAR`: the same key, or
/// a host that is the operator's, lies below it, or above it. A label `witness.` or `log.` in front tells nobody apart.
pub fn operated_by(log: &VerifierKey, witness: &VerifierKey) -> bool {
    let (log_host, witness_host) = (operator(log), operator(witness));
    let below =
        |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    log.public_key() == witness.public_key()
        || below(&log_host, &witness_host)
        || below(&witness_host, &log_host)
}

fn operator(key: &VerifierKey) -> String {
    let host = key.name().as_str().split('/').next().unwrap_or_default().to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    let bare = ["log.", "witness."].iter().find_map(|label| host.strip_prefix(label)).unwrap_or(host);
    bare.to_owned()
}
