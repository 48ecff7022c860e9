//! Reading a policy, line by line (C2SP tlog-policy, "Policy file syntax and structure").

use std::collections::HashMap;

use super::{Group, Log, MAX_NAMED, MAX_POLICY, Member, Policy, PolicyError, Witness};
use crate::log::vkey::{Kind, VerifierKey, VkeyError};

impl Policy {
    /// Reads a policy. Names are bytes and mean nothing outside it.
    pub fn parse(bytes: &[u8]) -> Result<Policy, PolicyError> {
        if bytes.len() > MAX_POLICY {
            return Err(PolicyError::TooLong);
        }
        let mut reader = Reader::default();
        let mut rest = bytes;
        let mut number = 0;
        // Each line ends with a newline, the last one too.
        while !rest.is_empty() {
            number += 1;
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or(PolicyError::Line(number))?;
            let (line, after) = rest.split_at(end);
            reader.line(number, line)?;
            rest = after.get(1..).unwrap_or_default();
        }
        let quorum = reader.quorum.ok_or(PolicyError::Quorum)?;
        Ok(Policy { logs: reader.logs, witnesses: reader.witnesses, groups: reader.groups, quorum })
    }
}

#[derive(Default)]
struct Reader<'a> {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// What a name means, and whether it is a member of a group already.
    names: HashMap<&'a [u8], (Member, bool)>,
    quorum: Option<Option<Member>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: usize, line: &'a [u8]) -> Result<(), PolicyError> {
        if line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
            return Err(PolicyError::Line(number));
        }
        let items: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key, url @ ..] => self.log(number, key, url),
            [b"witness", name, key, url @ ..] => self.witness(number, name, key, url),
            [b"group", name, threshold, members @ ..] => self.group(number, name, threshold, members),
            [b"quorum", name] => self.quorum(number, name),
            _ => Err(PolicyError::Line(number)),
        }
    }

    fn log(&mut self, number: usize, key: &[u8], url: &[&[u8]]) -> Result<(), PolicyError> {
        let log = Log { key: vkey(number, key, Kind::Ed25519)?, url: optional(number, url)? };
        if self.logs.iter().any(|other| other.key.public_key() == log.key.public_key()) {
            return Err(PolicyError::Line(number));
        }
        push(&mut self.logs, log).map(|_| ())
    }

    fn witness(
        &mut self,
        number: usize,
        name: &'a [u8],
        key: &[u8],
        url: &[&[u8]],
    ) -> Result<(), PolicyError> {
        let witness = Witness { key: vkey(number, key, Kind::Cosignature)?, url: optional(number, url)? };
        if self.witnesses.iter().any(|other| other.key.public_key() == witness.key.public_key()) {
            return Err(PolicyError::Line(number));
        }
        let index = push(&mut self.witnesses, witness)?;
        self.name(number, name, Member::Witness(index))
    }

    fn group(
        &mut self,
        number: usize,
        name: &'a [u8],
        threshold: &[u8],
        names: &[&'a [u8]],
    ) -> Result<(), PolicyError> {
        let malformed = PolicyError::Line(number);
        let mut members = Vec::with_capacity(names.len());
        for name in names {
            match self.names.get_mut(name) {
                Some((member, used)) if !*used => {
                    *used = true;
                    members.push(*member);
                }
                _ => return Err(malformed),
            }
        }
        let threshold = match threshold {
            b"any" => 1,
            b"all" => members.len(),
            digits => decimal(digits).ok_or(malformed.clone())?,
        };
        if !(1..=members.len()).contains(&threshold) {
            return Err(malformed);
        }
        let index = push(&mut self.groups, Group { threshold, members })?;
        self.name(number, name, Member::Group(index))
    }

    fn quorum(&mut self, number: usize, name: &[u8]) -> Result<(), PolicyError> {
        if self.quorum.is_some() {
            return Err(PolicyError::Quorum);
        }
        self.quorum = Some(match name {
            b"none" => None,
            name => Some(self.names.get(name).ok_or(PolicyError::Line(number))?.0),
        });
        Ok(())
    }

    fn name(&mut self, number: usize, name: &'a [u8], member: Member) -> Result<(), PolicyError> {
        match name == b"none" || self.names.insert(name, (member, false)).is_some() {
            true => Err(PolicyError::Line(number)),
            false => Ok(()),
        }
    }
}

/// Adds to a list that has a bound, and tells where.
fn push<T>(list: &mut Vec<T>, item: T) -> Result<usize, PolicyError> {
    if list.len() == MAX_NAMED {
        return Err(PolicyError::TooLong);
    }
    list.push(item);
    Ok(list.len() - 1)
}

fn vkey(number: usize, bytes: &[u8], kind: Kind) -> Result<VerifierKey, PolicyError> {
    let text = str::from_utf8(bytes).map_err(|_| PolicyError::Line(number))?;
    let key: VerifierKey = text.parse().map_err(|error| PolicyError::Key(number, error))?;
    if key.kind() == kind {
        Ok(key)
    } else {
        Err(PolicyError::Key(number, VkeyError::Type(key.kind() as u8)))
    }
}

fn optional(number: usize, items: &[&[u8]]) -> Result<Option<String>, PolicyError> {
    match items {
        [] => Ok(None),
        [url] => Ok(Some(String::from_utf8_lossy(url).into_owned())),
        _ => Err(PolicyError::Line(number)),
    }
}

fn decimal(digits: &[u8]) -> Option<usize> {
    let plain = !digits.starts_with(b"0") && digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}
