//! The map: outlines shipped with the service, a mark where an institution is, drawn as SVG on the server.

use std::borrow::Cow;

use super::asset;

/// Outlines, and what of the earth they show.
struct Outline {
    asset: &'static str,
    /// Units for a degree.
    scale: f64,
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// From the finest to the coarsest; see `map/README.md`.
const OUTLINES: [Outline; 2] = [
    Outline { asset: "region", scale: 20.0, west: 86.0, south: -16.0, east: 152.0, north: 34.0 },
    Outline { asset: "world", scale: 5.0, west: -180.0, south: -60.0, east: 180.0, north: 84.0 },
];

/// Marks that stand nearer to each other than this share of the width become one: a finger has to hit them.
const NEAR: f64 = 0.075;
/// The most marks drawn.
const MOST: usize = 60;
/// Width by height.
const SHAPE: f64 = 1.15;
/// The narrowest view, degrees of longitude.
const NARROWEST: f64 = 9.0;

/// A map ready for the page.
pub(super) struct Chart {
    pub(super) view_box: String,
    pub(super) outline: Cow<'static, str>,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The size of the figures in marks.
    pub(super) letters: f64,
    pub(super) marks: Vec<Mark>,
}

/// A mark: one institution, or several that stand near each other.
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) y: f64,
    /// What is seen.
    pub(super) radius: f64,
    /// What can be hit.
    pub(super) reach: f64,
    /// Which of the places given: the first, and how many.
    pub(super) first: usize,
    pub(super) count: usize,
    /// The line on which its figure stands.
    pub(super) baseline: f64,
}

/// The map of these places (latitude, longitude); `None` when there is none to show.
pub(super) fn chart(places: &[Option<(f64, f64)>]) -> Option<Chart> {
    let known: Vec<(usize, f64, f64)> =
        places.iter().enumerate().filter_map(|(at, place)| place.map(|(lat, lon)| (at, lat, lon))).collect();
    let outline = OUTLINES.iter().find(|outline| known.iter().all(|(_, lat, lon)| outline.holds(*lat, *lon)));
    let outline = outline.unwrap_or(&OUTLINES[1]);
    let known: Vec<_> = known.into_iter().filter(|(_, lat, lon)| outline.holds(*lat, *lon)).collect();
    let (_, lat, lon) = *known.first()?;
    let mut edge = (lon, lon, lat, lat);
    for (_, lat, lon) in &known {
        edge = (edge.0.min(*lon), edge.1.max(*lon), edge.2.min(*lat), edge.3.max(*lat));
    }
    let (west, east, south, north) = edge;
    let width = ((east - west) * 1.25).max((north - south) * 1.25 * SHAPE).max(NARROWEST);
    let width = width.min(outline.east - outline.west).min((outline.north - outline.south) * SHAPE);
    let height = width / SHAPE;
    let left = ((west + east - width) / 2.0).clamp(outline.west, outline.east - width);
    let top = ((south + north + height) / 2.0).clamp(outline.south + height, outline.north);
    let scale = outline.scale;
    let round = |value: f64| (value * 10.0).round() / 10.0;
    let points: Vec<_> = known.iter().map(|(at, lat, lon)| (*at, lon * scale, -lat * scale)).collect();
    let mut near = width * scale * NEAR;
    let mut found = gathered(&points, near);
    while found.len() > MOST {
        near *= 1.4;
        found = gathered(&points, near);
    }
    let unit = width * scale * NEAR;
    let marks = found.into_iter().map(|(first, x, y, count)| {
        let radius = if count == 1 { unit * 0.22 } else { unit * 0.36 };
        Mark {
            x: round(x),
            y: round(y),
            radius: round(radius),
            reach: round(unit * 0.49),
            first,
            count,
            baseline: round(y + unit * 0.14),
        }
    });
    Some(Chart {
        view_box: format!(
            "{} {} {} {}",
            round(left * scale),
            round(-top * scale),
            round(width * scale),
            round(height * scale)
        ),
        outline: asset::path(outline.asset),
        x: outline.west * scale,
        y: -outline.north * scale,
        width: (outline.east - outline.west) * scale,
        height: (outline.north - outline.south) * scale,
        letters: round(unit * 0.4),
        marks: marks.collect(),
    })
}

/// Points that stand near each other, as one: the first of them, where it stands, and how many there are.
fn gathered(points: &[(usize, f64, f64)], near: f64) -> Vec<(usize, f64, f64, usize)> {
    let mut found: Vec<(usize, f64, f64, usize)> = Vec::new();
    for (at, x, y) in points {
        match found.iter().position(|(_, a, b, _)| (a - x).hypot(b - y) < near) {
            Some(mark) => found[mark].3 += 1,
            // Past the most that are drawn the caller takes a wider measure anyway.
            None if found.len() > MOST => break,
            None => found.push((*at, *x, *y, 1)),
        }
    }
    found
}

impl Outline {
    fn holds(&self, lat: f64, lon: f64) -> bool {
        (self.south..=self.north).contains(&lat) && (self.west..=self.east).contains(&lon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn near_places_are_one_mark_and_far_ones_are_not() {
        let (ha_noi, near, sai_gon) = ((21.03, 105.85), (21.05, 105.8), (10.78, 106.7));
        let chart = chart(&[None, Some(ha_noi), Some(near), Some(sai_gon)]).unwrap();
        let marks: Vec<_> = chart.marks.iter().map(|mark| (mark.first, mark.count)).collect();
        assert_eq!(marks, [(1, 2), (3, 1)]);
        assert!(chart.outline.starts_with("/assets/region-"));
        assert!(super::chart(&[None]).is_none() && super::chart(&[]).is_none());
    }

    proptest! {
        #[test]
        fn any_places_are_drawn_within_the_outline(
            places in prop::collection::vec(prop::option::of((-90.0..=90.0f64, -180.0..=180.0f64)), 0..300),
        ) {
            if let Some(chart) = chart(&places) {
                prop_assert!((1..=MOST).contains(&chart.marks.len()));
                let view: Vec<f64> = chart.view_box.split(' ').map(|part| part.parse().unwrap()).collect();
                prop_assert!(view[0] >= chart.x - 0.1 && view[1] >= chart.y - 0.1);
                prop_assert!(view[0] + view[2] <= chart.x + chart.width + 0.2);
                prop_assert!(view[1] + view[3] <= chart.y + chart.height + 0.2);
            }
        }
    }
}
