//! What a credential says, for a reader: the claims to compare with the paper, the courses, and every other signed line.

use super::locale::Locale;
use super::marked::Marked;
use crate::credential::summary::{Course, Group, GroupId, Row, Summary, Text, best};

/// How much of the courses and of the complete list a page shows at first, bytes of it: 30 KB in all for any reader.
/// What is beyond is counted, and a link shows it.
const ROOM: usize = 20_000;
/// Courses on the page that shows everything; those beyond stand in the signed file alone.
const MAX_COURSES: usize = 2_000;

/// What is printed on the paper, in the order a checker reads. All other claims stand in the complete list.
const PAPER: &[&str] = &[
    "claim-native-name",
    "claim-holder-name",
    "claim-latin-name",
    "claim-birth-date",
    "claim-birth-place",
    "claim-serial-number",
    "claim-register-number",
    "claim-licence-number",
    "claim-field-of-study",
    "claim-specialization",
    "claim-framework-level",
    "claim-result",
    "claim-enterprise",
    "claim-workplace-hours",
    "claim-workplace-start",
    "claim-workplace-end",
    "claim-awarded-date",
    "claim-valid-until",
    "claim-decision-number",
    "claim-decision-date",
];

/// How the values of a label are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// A calendar date as written: in long form, and as `YYYY-MM-DD`.
    Date,
    /// An ISO 3166-1 alpha-2 code, with the country's name.
    Country,
    /// A code the locales may have a word for: `value-CODE`.
    Word,
    /// An identifier or URL.
    Code,
}

fn form(label: &str) -> Form {
    match label {
        "claim-birth-date"
        | "claim-awarded-date"
        | "claim-valid-from"
        | "claim-valid-until"
        | "claim-decision-date"
        | "claim-register-date"
        | "claim-activity-start"
        | "claim-activity-end"
        | "claim-workplace-start"
        | "claim-workplace-end" => Form::Date,
        "claim-nationality" | "claim-country" => Form::Country,
        "claim-delivery-mode" | "claim-record-origin" | "claim-partial" | "claim-sex" => Form::Word,
        "claim-issuer-id"
        | "claim-accreditation"
        | "claim-qualification"
        | "claim-replaces"
        | "claim-partner-award" => Form::Code,
        _ => Form::Plain,
    }
}

/// A [`Summary`] in the words of a language.
pub(super) struct Claims {
    pub title: Option<Marked>,
    /// The award in the reader's language, where the document names it so.
    pub translated: Option<Marked>,
    pub paper: Vec<Line>,
    pub courses: Vec<CourseLine>,
    /// The note on the courses that are not shown, where there are any.
    pub courses_left_out: Option<String>,
    pub groups: Vec<Lines>,
    /// The note on the lines that are not shown, where there are any.
    pub left_out: Option<String>,
}

/// A group of the complete list.
pub(super) struct Lines {
    pub title: String,
    /// Claims with a name.
    pub lines: Vec<Line>,
    /// Claims without one, by the object they stand in.
    pub places: Vec<Place>,
}

/// An object of the document, and what it says.
pub(super) struct Place {
    /// JSON pointer (RFC 6901).
    pub pointer: Marked,
    /// Whether it is of a record inside the document that the page tells elsewhere: not for paper.
    pub inner: bool,
    /// Member names with their values; of an array of texts, all.
    pub members: Vec<(Marked, Vec<Marked>)>,
}

/// A claim ready for the page.
pub(super) struct Line {
    /// For the style sheet: the label without `claim-`.
    pub class: &'static str,
    /// Its name.
    pub label: String,
    /// What further tells it from others of its name.
    pub detail: Option<Marked>,
    pub values: Vec<Shown>,
}

/// A value ready for the page.
pub(super) struct Shown {
    pub text: Marked,
    /// For `<time datetime>`.
    pub iso: Option<String>,
    pub code: bool,
}

/// A course ready for the page.
pub(super) struct CourseLine {
    pub name: Option<Marked>,
    pub translated: Option<Marked>,
    pub code: Option<Marked>,
    pub credits: Option<Marked>,
    pub results: Vec<Marked>,
    pub awarded: Option<Shown>,
}

impl Claims {
    /// With as much as fits a small page, or everything.
    pub(super) fn new(summary: &Summary, whole: bool, locale: &'static Locale) -> Self {
        let (title, translated) = titled(&summary.title, locale);
        let labelled = |label: &'static str| {
            let rows = summary.groups.iter().flat_map(|group| &group.rows);
            rows.filter(move |row| row.label == Some(label) && !repeats(row, summary))
        };
        let paper =
            PAPER.iter().flat_map(|label| labelled(label)).map(|row| Line::new(row, locale)).collect();
        let mut room = Room { left: if whole { usize::MAX } else { ROOM } };
        let listed =
            summary.courses.iter().take(MAX_COURSES).take_while(|course| room.takes(size_of_course(course)));
        let courses: Vec<_> = listed.map(|course| CourseLine::new(course, locale)).collect();
        let mut beyond = summary.more;
        let groups = summary
            .groups
            .iter()
            .map(|group| {
                let (shown, hidden): (Vec<&Row>, Vec<&Row>) =
                    group.rows.iter().filter(|row| unsaid(row)).partition(|row| room.takes(size_of_row(row)));
                beyond += hidden.len();
                Lines::new(group, &shown, locale)
            })
            .filter(|group| !group.lines.is_empty() || !group.places.is_empty())
            .collect();
        let note = |id: &str, count: usize| {
            (count > 0).then(|| locale.text_with(id, &[("count", &count.to_string())]))
        };
        Self {
            title,
            translated,
            paper,
            courses_left_out: note("courses-left-out", summary.courses.len() - courses.len()),
            courses,
            groups,
            left_out: note("details-left-out", beyond),
        }
    }
}

impl Claims {
    /// Whether something is listed that paper leaves out.
    pub(super) fn has_inner(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.places).any(|place| place.inner)
    }
}

/// What is left of the room on a page. Once something does not fit, nothing after it does: a list has no gaps.
struct Room {
    left: usize,
}

impl Room {
    fn takes(&mut self, bytes: usize) -> bool {
        self.left = self.left.saturating_sub(bytes);
        self.left > 0
    }
}

/// About how many bytes of a page a row takes.
fn size_of_row(row: &Row) -> usize {
    let values: usize = row.values.iter().map(|value| value.text.len() + 30).sum();
    100 + if row.label.is_none() { row.pointer.len() } else { 0 } + values
}

/// About how many bytes of a page a course takes.
fn size_of_course(course: &Course) -> usize {
    let names: usize = course.name.iter().take(2).map(|name| name.text.len() + 30).sum();
    let results: usize = course.results.iter().map(|result| result.value.len() + 40).sum();
    200 + names + results + course.code.as_ref().map_or(0, String::len)
}

/// Whether the row belongs to the complete list.
fn unsaid(row: &Row) -> bool {
    row.label.is_none_or(|label| !PAPER.contains(&label))
}

/// Whether the row only says the holder's name once more.
fn repeats(row: &Row, summary: &Summary) -> bool {
    row.label == Some("claim-holder-name")
        && summary.groups.iter().flat_map(|group| &group.rows).any(|other| {
            other.label == Some("claim-native-name")
                && row.values.iter().all(|value| other.values.iter().any(|known| known.text == value.text))
        })
}

impl Lines {
    /// Whether paper leaves the whole group out.
    pub(super) fn inner(&self) -> bool {
        self.lines.is_empty() && self.places.iter().all(|place| place.inner)
    }

    fn new(group: &Group, rows: &[&Row], locale: &'static Locale) -> Self {
        let named = rows.iter().filter(|row| row.label.is_some());
        Self {
            title: locale.text(group.id.message()),
            lines: named.map(|row| Line::new(row, locale)).collect(),
            places: places(rows, group.id, locale),
        }
    }
}

/// The rows without a name, those of one object together.
fn places(rows: &[&Row], group: GroupId, locale: &'static Locale) -> Vec<Place> {
    let mark = |text: &str| Marked::new(text, None, locale);
    let mut out: Vec<Place> = Vec::new();
    let mut last = ("", "");
    for row in rows.iter().filter(|row| row.label.is_none()) {
        let (object, member) = standing(&row.pointer);
        let values = row.values.iter().map(|text| Marked::new(&text.text, text.lang.as_deref(), locale));
        if out.is_empty() || last.0 != object {
            let pointer = mark(if object.is_empty() { "/" } else { object });
            let members = vec![(mark(member), values.collect())];
            out.push(Place { pointer, inner: is_inner(object, group), members });
        } else if let Some(place) = out.last_mut() {
            match place.members.last_mut().filter(|_| last.1 == member) {
                Some((_, list)) => list.extend(values),
                None => place.members.push((mark(member), values.collect())),
            }
        }
        last = (object, member);
    }
    out
}

/// Courses stand in their table; of an endorsement the technical part is for machines alone.
fn is_inner(object: &str, group: GroupId) -> bool {
    object.contains("/verifiableCredential/")
        || (group == GroupId::Technical && object.starts_with("/endorsement"))
}

/// The object a pointer's leaf stands in, and the member it is or is an item of.
fn standing(pointer: &str) -> (&str, &str) {
    let is_index = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    let mut leaf = pointer;
    while let Some((object, member)) = leaf.rsplit_once('/') {
        if object.is_empty() || !is_index(member) {
            return (object, member);
        }
        leaf = object;
    }
    ("", leaf)
}

impl Line {
    fn new(row: &Row, locale: &'static Locale) -> Self {
        let form = row.label.map_or(Form::Plain, form);
        Self {
            class: row.label.and_then(|label| label.strip_prefix("claim-")).unwrap_or_default(),
            label: row.label.map(|label| locale.text(label)).unwrap_or_default(),
            detail: row.detail.as_deref().map(|detail| Marked::new(detail, None, locale)),
            values: distinct(&row.values).map(|text| Shown::new(text, form, locale)).collect(),
        }
    }
}

/// Each text once; of two that are the same, the one whose language is known.
fn distinct(texts: &[Text]) -> impl Iterator<Item = &Text> {
    texts.iter().enumerate().filter_map(|(at, text)| {
        let mut same = texts.iter().enumerate().filter(|(_, other)| other.text == text.text);
        let (first, _) = same.clone().next()?;
        let known = same.find(|(_, other)| other.lang.is_some()).map(|(_, other)| other);
        (first == at).then(|| known.unwrap_or(text))
    })
}

impl Shown {
    fn new(said: &Text, form: Form, locale: &'static Locale) -> Self {
        let text = said.text.as_str();
        let own = Some(locale.tag);
        let word = |id: String| locale.find(&id, &[]);
        let plain = || Marked::new(text, said.lang.as_deref(), locale);
        let shown = match form {
            Form::Date => return Self::date(text, locale),
            Form::Country => word(format!("country-{text}"))
                .map(|name| Marked::new(&format!("{name} ({text})"), own, locale)),
            Form::Word => word(format!("value-{text}")).map(|name| Marked::new(&name, own, locale)),
            Form::Plain | Form::Code => None,
        };
        Self { text: shown.unwrap_or_else(plain), iso: None, code: form == Form::Code }
    }

    /// A date as written, or the text itself when it is none.
    pub(super) fn date(written: &str, locale: &'static Locale) -> Self {
        match locale.date(written) {
            Some(long) => {
                let iso = written.get(..10).map(str::to_owned);
                Self { text: Marked::new(&long, Some(locale.tag), locale), iso, code: false }
            }
            None => Self::plain(written, locale),
        }
    }

    /// A text in an unknown language.
    pub(super) fn plain(text: &str, locale: &'static Locale) -> Self {
        Self { text: Marked::new(text, None, locale), iso: None, code: false }
    }

    /// An identifier or URL.
    pub(super) fn code(text: &str, locale: &'static Locale) -> Self {
        Self { code: true, ..Self::plain(text, locale) }
    }

    /// A country code with its name.
    pub(super) fn country(code: &str, locale: &'static Locale) -> Self {
        Self::new(&Text { text: code.to_owned(), lang: None }, Form::Country, locale)
    }
}

impl CourseLine {
    fn new(course: &Course, locale: &'static Locale) -> Self {
        let mark = |text: &String| Marked::new(text, None, locale);
        let (name, translated) = titled(&course.name, locale);
        Self {
            name,
            translated,
            code: course.code.as_ref().map(mark),
            credits: course.credits.as_ref().map(mark),
            results: course
                .results
                .iter()
                .map(|result| match &result.range {
                    Some((_, most)) => mark(&format!("{} / {most}", result.value)),
                    None => mark(&result.value),
                })
                .collect(),
            awarded: course.awarded.as_deref().map(|date| Shown::date(date, locale)),
        }
    }
}

/// A name as signed, and in the reader's language where the document has one that differs.
fn titled(texts: &[Text], locale: &'static Locale) -> (Option<Marked>, Option<Marked>) {
    let mark = |text: &Text| Marked::new(&text.text, text.lang.as_deref(), locale);
    let signed = texts.first();
    let read = best(texts, locale.tag).filter(|read| signed.is_some_and(|signed| signed.text != read.text));
    (signed.map(mark), read.map(mark))
}
