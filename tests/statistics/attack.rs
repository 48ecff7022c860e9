//! Somebody who asks for every table after every release, and solves for groups of fewer than five.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use testamur::statistics::{FEW, Ledger, SETTLE, Shown, definitions, table};

const SUBJECT: &str = "withdrawals";
const DIMENSIONS: usize = 4;
/// A prime: what can be solved is the same over it as over the rationals, but for luck.
const PRIME: u64 = (1 << 31) - 1;

/// Values of a fact, or of a row.
type Values = Vec<String>;
type Rows = BTreeMap<Values, u64>;

/// A fact of a cell: its values are numbers here.
type Fact = [u8; DIMENSIONS];

/// Every table of a release, by the mask of its dimensions.
fn published(ledger: &Ledger) -> BTreeMap<u8, Rows> {
    let subject = definitions().subject(SUBJECT).unwrap();
    let tally = ledger.tally(SUBJECT).unwrap();
    let of = |mask: u8| {
        let by: Vec<String> = places(mask).map(|place| subject.dimensions[place].id.clone()).collect();
        let table = table(subject, tally, &Shown::Told, &by, &[]).unwrap();
        (mask, table.rows.into_iter().map(|row| (row.values, row.count)).collect())
    };
    (0..1 << DIMENSIONS).map(of).collect()
}

fn places(mask: u8) -> impl Iterator<Item = usize> {
    (0..DIMENSIONS).filter(move |place| mask >> place & 1 == 1)
}

fn text(fact: &Fact) -> Values {
    fact.iter().map(|value| format!("v{value}")).collect()
}

/// What is told of a fact may be it with values withheld.
fn may_be(told: &Values, fact: &Fact) -> bool {
    told.iter().zip(text(fact)).all(|(told, value)| told == "withheld" || *told == value)
}

/// Linear equations, solved as they come.
#[derive(Default)]
struct System(BTreeMap<usize, Vec<u64>>);

impl System {
    fn reduced(&self, mut row: Vec<u64>) -> Vec<u64> {
        for (lead, known) in &self.0 {
            let factor = row[*lead];
            if factor != 0 {
                for (value, other) in row.iter_mut().zip(known) {
                    *value = (*value + (PRIME - factor) * other) % PRIME;
                }
            }
        }
        row
    }

    fn learn(&mut self, row: Vec<u64>) {
        let mut row = self.reduced(row);
        if let Some(lead) = row.iter().position(|value| *value != 0) {
            let inverse = power(row[lead], PRIME - 2);
            row.iter_mut().for_each(|value| *value = *value * inverse % PRIME);
            self.0.insert(lead, row);
        }
    }

    /// Whether the sum of these unknowns follows.
    fn gives(&self, row: Vec<u64>) -> bool {
        self.reduced(row).iter().all(|value| *value == 0)
    }
}

fn power(base: u64, exponent: u64) -> u64 {
    let (mut base, mut exponent, mut result) = (base, exponent, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// Every group by some of the values, of the facts recorded in some window of releases: what it is, and how many it has.
fn groups(rounds: &[Vec<Fact>]) -> Vec<(u8, Fact, std::ops::Range<usize>, u64)> {
    let mut found = Vec::new();
    for mask in 0..1_u8 << DIMENSIONS {
        for from in 0..rounds.len() {
            for to in from + 1..=rounds.len() {
                let mut counts: BTreeMap<Fact, u64> = BTreeMap::new();
                for fact in rounds[from..to].iter().flatten() {
                    let mut group = *fact;
                    (0..DIMENSIONS).filter(|place| mask >> place & 1 == 0).for_each(|place| group[place] = 0);
                    *counts.entry(group).or_default() += 1;
                }
                found.extend(counts.into_iter().map(|(group, count)| (mask, group, from..to, count)));
            }
        }
    }
    found
}

fn is_in(fact: &Fact, mask: u8, group: &Fact) -> bool {
    places(mask).all(|place| fact[place] == group[place])
}

/// Facts in some rounds; after each a release is cut. What the public is told then.
fn told(rounds: &[Vec<Fact>]) -> (Ledger, Vec<BTreeMap<u8, Rows>>) {
    let mut ledger = Ledger::new(SignedDuration::from_hours(24));
    let mut releases = Vec::new();
    for (round, facts) in rounds.iter().enumerate() {
        count(&mut ledger, round, facts);
        ledger.settle(after(round));
        releases.push(published(&ledger));
    }
    (ledger, releases)
}

fn count(ledger: &mut Ledger, round: usize, facts: &[Fact]) {
    for fact in facts {
        let values = text(fact);
        ledger.count(after(round) - LATER, SUBJECT, &values.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// From the facts of a round to when somebody asks.
const LATER: SignedDuration = SignedDuration::from_secs(70);

fn after(round: usize) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    first + LATER + (SignedDuration::from_hours(24) + SETTLE + LATER) * (round as i32)
}

/// The small groups that follow from what was told. Unknown to the attacker: how many facts of each cell that came in each
/// round, of those there are, stand behind each row of the finest table (or wait).
fn found(
    rounds: &[Vec<Fact>],
    releases: &[BTreeMap<u8, Rows>],
) -> Vec<(u8, Fact, std::ops::Range<usize>, u64)> {
    let finest: BTreeSet<&Values> = releases.iter().flat_map(|tables| tables[&0b1111].keys()).collect();
    let mut unknowns: Vec<(Fact, usize, Option<&Values>)> = Vec::new();
    for (round, facts) in rounds.iter().enumerate() {
        for fact in facts.iter().collect::<BTreeSet<_>>() {
            let behind = finest.iter().copied().filter(|told| may_be(told, fact)).map(Some);
            unknowns.extend(behind.chain([None]).map(|told| (*fact, round, told)));
        }
    }
    let mut system = System::default();
    for (round, tables) in releases.iter().enumerate() {
        for (mask, rows) in tables {
            for values in rows.keys() {
                let has = |told: &Values| places(*mask).map(|place| &told[place]).eq(values);
                let row =
                    unknowns.iter().map(|(_, came, told)| u64::from(*came <= round && told.is_some_and(has)));
                system.learn(row.collect());
            }
        }
    }
    let few = groups(rounds).into_iter().filter(|(.., count)| *count < FEW);
    few.filter(|(mask, group, window, _)| {
        let of = |(fact, came, _): &(Fact, usize, Option<&Values>)| {
            u64::from(window.contains(came) && is_in(fact, *mask, group))
        };
        system.gives(unknowns.iter().map(of).collect())
    })
    .collect()
}

fn rounds() -> impl Strategy<Value = Vec<Vec<Fact>>> {
    let cell = (1u8..3, 1u8..3, 1u8..4, 1u8..3).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let cohort = (cell, 1usize..8).prop_map(|(cell, many)| vec![cell; many]);
    let round = prop::collection::vec(cohort, 0..5).prop_map(|cohorts| cohorts.concat());
    prop::collection::vec(round, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_few_are_found_by_solving_every_table_of_every_release(rounds in rounds()) {
        let (ledger, releases) = told(&rounds);
        prop_assert_eq!(found(&rounds, &releases), []);
        // Why: all else is a sum of these, and none of them moves by fewer than five.
        let nothing = Rows::new();
        let mut before = &nothing;
        for tables in &releases {
            let finest = &tables[&0b1111];
            for (values, count) in finest {
                let step = count - before.get(values).unwrap_or(&0);
                prop_assert!(step == 0 || step >= FEW, "{values:?} moves by {step}");
            }
            prop_assert!(before.keys().all(|values| finest.contains_key(values)));
            for (mask, rows) in tables {
                let mut sums = Rows::new();
                for (values, count) in finest {
                    *sums.entry(places(*mask).map(|place| values[place].clone()).collect()).or_default() += count;
                }
                prop_assert_eq!(rows, &sums);
            }
            before = finest;
        }
        // Whoever reads the record later, all at once, tells the same.
        let mut again = Ledger::new(SignedDuration::from_hours(24));
        rounds.iter().enumerate().for_each(|(round, facts)| count(&mut again, round, facts));
        again.settle(after(rounds.len() - 1));
        prop_assert_eq!(releases.last(), Some(&published(&again)));
        // Nothing is lost: all is told but fewer than five, and where nothing is withheld a row is what is on record.
        let facts = rounds.iter().map(Vec::len).sum::<usize>() as u64;
        let last = &releases[releases.len() - 1];
        let total: u64 = last[&0].values().sum();
        prop_assert!(total <= facts && facts - total < FEW);
        let subject = definitions().subject(SUBJECT).unwrap();
        for (mask, rows) in last {
            let by: Vec<String> = places(*mask).map(|place| subject.dimensions[place].id.clone()).collect();
            let tally = ledger.tally(SUBJECT).unwrap();
            let exact = table(subject, tally, &Shown::Exact(None), &by, &[]).unwrap();
            prop_assert_eq!(exact.total, facts);
            let exact: Rows = exact.rows.into_iter().map(|row| (row.values, row.count)).collect();
            let whole = total == facts && !rows.keys().flatten().any(|value| value == "withheld");
            if whole {
                prop_assert_eq!(rows, &exact);
            }
            for (values, count) in rows.iter().filter(|(values, _)| !values.iter().any(|value| value == "withheld")) {
                prop_assert!(count <= &exact[values]);
            }
        }
    }
}

/// The attack itself works: on tables that only leave small rows out it finds them, by subtraction and by waiting.
#[test]
fn small_rows_that_are_merely_left_out_are_found() {
    let naive = |facts: &[Fact]| -> BTreeMap<u8, Rows> {
        let of = |mask: u8| {
            let mut rows = Rows::new();
            for fact in facts {
                *rows.entry(places(mask).map(|place| format!("v{}", fact[place])).collect()).or_default() +=
                    1;
            }
            // The finest table names every row, so that the attacker knows what may be behind the others.
            rows.retain(|_, count| *count >= FEW);
            (mask, rows)
        };
        (0..1 << DIMENSIONS).map(of).collect()
    };
    let (one, other) = ([1, 1, 1, 1], [1, 1, 2, 1]);
    let first = [vec![one; 9], vec![other; 3]].concat();
    let all: Vec<Fact> = [first.clone(), vec![one; 1]].concat();
    let told = [naive(&first), naive(&all)];
    // Twelve in all, nine of the one; and thirteen a day later.
    let total = |at: usize| told[at][&0][&vec![]];
    assert_eq!((total(0) - told[0][&0b1111][&text(&one)], total(1) - total(0)), (3, 1));
    let mut system = System::default();
    // Unknown: the one and the other of the first day, the one of the second.
    for row in [[1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 0, 1]] {
        system.learn(row.to_vec());
    }
    assert!(system.gives(vec![0, 1, 0]) && system.gives(vec![0, 0, 1]));
    let rounds = [first];
    assert_eq!(found(&rounds, &self::told(&rounds).1), []);
}
