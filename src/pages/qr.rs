//! QR symbols of addresses: SVG, PNG, and blocks for a terminal (ISO/IEC 18004, quiet zone of four modules).

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

const QUIET: usize = 4;

/// Why there is no symbol.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// More text than the largest symbol holds.
    #[error("too long for a QR symbol")]
    TooLong,
    /// The picture could not be written.
    #[error("the picture could not be written")]
    Picture(#[from] image::ImageError),
}

/// The symbol as SVG: one path, crisp at any size, with `title` as its name for readers who do not see it.
pub fn svg(text: &str, title: &str) -> Result<String, QrError> {
    let symbol = Symbol::of(text)?;
    let size = symbol.width + 2 * QUIET;
    let mut path = String::with_capacity(symbol.width * symbol.width * 4);
    for y in 0..symbol.width {
        let mut x = 0;
        while x < symbol.width {
            let run = (x..symbol.width).take_while(|at| symbol.dark(*at, y)).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let title = escape(title);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" width=\"{px}\" height=\"{px}\" \
         role=\"img\" aria-label=\"{title}\" shape-rendering=\"crispEdges\"><title>{title}</title>\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>",
        px = size * 4
    ))
}

/// The symbol as a grey PNG, `scale` pixels a module (1 to 32).
pub fn png(text: &str, scale: u32) -> Result<Vec<u8>, QrError> {
    let symbol = Symbol::of(text)?;
    let scale = scale.clamp(1, 32);
    let size = (symbol.width + 2 * QUIET) as u32 * scale;
    let picture = image::GrayImage::from_fn(size, size, |x, y| {
        let at = |pixel: u32| (pixel / scale) as usize;
        image::Luma([if symbol.dark_at(at(x), at(y)) { 0 } else { 255 }])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png)?;
    Ok(out.into_inner())
}

/// The symbol in half blocks, two modules a character, black on white whatever the terminal's own colours are.
///
/// Too long a text gives the text itself: a terminal reader can still copy it.
pub fn terminal(text: &str) -> String {
    let Ok(symbol) = Symbol::of(text) else { return text.to_owned() };
    let size = symbol.width + 2 * QUIET;
    let mut out = String::new();
    for y in (0..size).step_by(2) {
        out.push_str("\x1b[38;5;16;48;5;231m");
        for x in 0..size {
            out.push(match (symbol.dark_at(x, y), symbol.dark_at(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        out.push_str("\x1b[0m\n");
    }
    out
}

struct Symbol {
    width: usize,
    modules: Vec<Color>,
}

impl Symbol {
    /// The smallest symbol of level M, at level Q where that is no larger.
    fn of(text: &str) -> Result<Self, QrError> {
        let at =
            |level| QrCode::with_error_correction_level(text.as_bytes(), level).map_err(|_| QrError::TooLong);
        let medium = at(EcLevel::M)?;
        let code = match at(EcLevel::Q) {
            Ok(better) if better.width() == medium.width() => better,
            _ => medium,
        };
        Ok(Self { width: code.width(), modules: code.to_colors() })
    }

    fn dark(&self, x: usize, y: usize) -> bool {
        self.modules.get(y * self.width + x) == Some(&Color::Dark)
    }

    /// The same in coordinates that begin with the quiet zone.
    fn dark_at(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| (QUIET..QUIET + self.width).contains(&at);
        inside(x) && inside(y) && self.dark(x - QUIET, y - QUIET)
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "HTTPS://DIPLOMAS.VN.EXAMPLE/C/0MVS7WQP29D49TMB963ATQ3YHY";

    fn read(picture: image::GrayImage) -> String {
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(
            picture.width() as usize,
            picture.height() as usize,
            |x, y| picture.get_pixel(x as u32, y as u32).0[0],
        );
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    /// Draws the path of our own SVG, `M x y h run v1 h-run z` only, four pixels a module.
    fn rasterise(svg: &str) -> image::GrayImage {
        let size: u32 =
            svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let mut picture = image::GrayImage::from_pixel(size * 4, size * 4, image::Luma([255]));
        let path = svg.rsplit("d=\"").next().unwrap().split('"').next().unwrap();
        for run in path.split('z').filter(|run| !run.is_empty()) {
            let (start, rest) = run[1..].split_once('h').unwrap();
            let (x, y) = start.split_once(' ').unwrap();
            let (x, y): (u32, u32) = (x.parse().unwrap(), y.parse().unwrap());
            let width: u32 = rest.split_once('v').unwrap().0.parse().unwrap();
            for px in x * 4..(x + width) * 4 {
                for py in y * 4..y * 4 + 4 {
                    picture.put_pixel(px, py, image::Luma([0]));
                }
            }
        }
        picture
    }

    #[test]
    fn svg_and_png_are_read_back() {
        let svg = svg(URL, "A <b>&\"title\"").unwrap();
        assert!(svg.contains("<title>A &lt;b&gt;&amp;&quot;title&quot;</title>"));
        assert_eq!(read(rasterise(&svg)), URL);
        assert_eq!(read(image::load_from_memory(&png(URL, 4).unwrap()).unwrap().to_luma8()), URL);
    }

    #[test]
    fn the_terminal_shows_the_same_symbol() {
        let shown = terminal(URL);
        let rows: Vec<Vec<char>> = shown
            .lines()
            .map(|line| {
                line.trim_start_matches("\x1b[38;5;16;48;5;231m")
                    .trim_end_matches("\x1b[0m")
                    .chars()
                    .collect()
            })
            .collect();
        let size = rows[0].len() as u32;
        let picture = image::GrayImage::from_fn(size * 4, size * 4, |x, y| {
            let (x, y) = (x as usize / 4, y as usize / 4);
            let dark = match rows[y / 2][x] {
                '█' => true,
                '▀' => y % 2 == 0,
                '▄' => y % 2 == 1,
                _ => false,
            };
            image::Luma([if dark { 0 } else { 255 }])
        });
        assert_eq!(read(picture), URL);
    }

    #[test]
    fn upper_case_keeps_the_symbol_small() {
        assert!(Symbol::of(URL).unwrap().width < Symbol::of(&URL.to_ascii_lowercase()).unwrap().width);
        assert_eq!(Symbol::of(URL).unwrap().width, 29, "version 3");
        assert!(matches!(Symbol::of(&"x".repeat(3000)), Err(QrError::TooLong)));
    }
}
