//! Pictures of the room for the README: a buffer becomes SVG (lines and blocks as rectangles, so that rows join), and PNG
//! where a font with the signs is installed.

use std::fmt::Write;
use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use resvg::{tiny_skia, usvg};

use super::backlog;
use super::room::Room;
use super::stage::Stage;
use crate::tui::theme::{ColourUse, Role, Theme, rgb};

const COLUMN: f32 = 8.43;
const ROW: f32 = 18.0;
const FONT: &str = "DejaVu Sans Mono";

type Rgb = (u8, u8, u8);

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn mixed(one: Rgb, other: Rgb) -> Rgb {
    let mix = |one: u8, other: u8| u8::try_from((u16::from(one) * 3 + u16::from(other) * 2) / 5).unwrap();
    (mix(one.0, other.0), mix(one.1, other.1), mix(one.2, other.2))
}

/// A buffer as SVG.
fn svg(buffer: &Buffer, foreground: Rgb, background: Rgb) -> String {
    let (width, height) = (f32::from(buffer.area.width) * COLUMN, f32::from(buffer.area.height) * ROW);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"{FONT}, monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        hex(background)
    );
    let colours = |x: u16, y: u16| {
        let cell = &buffer[(x, y)];
        let (mut ink, mut paper) = (rgb(cell.fg, foreground), rgb(cell.bg, background));
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut ink, &mut paper);
        }
        if cell.modifier.contains(Modifier::DIM) {
            ink = mixed(ink, paper);
        }
        (ink, paper)
    };
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let (_, paper) = colours(x, y);
            let run = (x..buffer.area.width).take_while(|x| colours(*x, y).1 == paper).count();
            let run = u16::try_from(run).unwrap();
            if paper != background {
                let (left, top) = (f32::from(x) * COLUMN, f32::from(y) * ROW);
                rectangle(&mut svg, (left, top, COLUMN * f32::from(run), ROW), paper);
            }
            x += run;
        }
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let (ink, _) = colours(x, y);
            let (left, top) = (f32::from(x) * COLUMN, f32::from(y) * ROW);
            let symbol = cell.symbol();
            if symbol.trim().is_empty() || shape(&mut svg, symbol, (left, top), ink) {
                continue;
            }
            let weight = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let escaped = symbol.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let (x, y, fill) = (left, top + 13.5, hex(ink));
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\"{weight}>{escaped}</text>")
                .unwrap();
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn rectangle(svg: &mut String, (x, y, width, height): (f32, f32, f32, f32), fill: Rgb) {
    let fill = hex(fill);
    writeln!(
        svg,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{fill}\"/>"
    )
    .unwrap();
}

/// Lines and blocks, which fonts draw with gaps between rows. `false` for every other sign.
fn shape(svg: &mut String, symbol: &str, (left, top): (f32, f32), ink: Rgb) -> bool {
    if symbol == "⏲" {
        let (x, y, fill) = (left + COLUMN / 2.0, top + 9.5, hex(ink));
        writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.2\" fill=\"none\" stroke=\"{fill}\"/>")
            .unwrap();
        rectangle(svg, (x - 0.5, y - 3.0, 1.0, 3.5), ink);
        return true;
    }
    let (middle, half) = (left + COLUMN / 2.0 - 0.5, top + ROW / 2.0 - 0.5);
    let corner = match symbol {
        "┌" => Some((middle, half)),
        "┐" => Some((left, half)),
        "└" => Some((middle, top)),
        "┘" => Some((left, top)),
        _ => None,
    };
    if let Some((x, y)) = corner {
        rectangle(svg, (x, half, COLUMN / 2.0 + 0.5, 1.0), ink);
        rectangle(svg, (middle, y, 1.0, ROW / 2.0 + 0.5), ink);
        return true;
    }
    let rect = match symbol {
        "─" => (left, top + ROW / 2.0 - 0.5, COLUMN + 0.1, 1.0),
        "│" => (left + COLUMN / 2.0 - 0.5, top, 1.0, ROW + 0.1),
        "▌" => (left, top, COLUMN / 2.0, ROW + 0.1),
        "█" => (left, top, COLUMN + 0.1, ROW + 0.1),
        "▰" => (left + 0.5, top + 6.0, COLUMN - 1.0, 6.0),
        "▱" => (left + 0.5, top + 8.0, COLUMN - 1.0, 2.0),
        _ => return false,
    };
    rectangle(svg, rect, ink);
    true
}

fn png(svg: &str) -> Option<Vec<u8>> {
    let mut options = usvg::Options::default();
    options.fontdb_mut().load_system_fonts();
    let known = options.fontdb.faces().any(|face| face.families.iter().any(|(name, _)| name == FONT));
    if !known {
        return None;
    }
    let tree = usvg::Tree::from_str(svg, &options).unwrap();
    let size = tree.size().to_int_size();
    let mut map = tiny_skia::Pixmap::new(size.width(), size.height())?;
    resvg::render(&tree, tiny_skia::Transform::default(), &mut map.as_mut());
    map.encode_png().ok()
}

/// What the pictures show, in the theme with colours of its own: a room in the middle of a wave, and a board of tasks
/// with a card in the hand.
fn rooms() -> [(&'static str, Room); 2] {
    let mut tasks = backlog::room(170, 44);
    tasks.keys("/").text("T172").keys("Enter Esc Space Left Left Left");
    [("room", Room::told(&Stage::in_the_middle(), 170, 44)), ("tasks", tasks)]
}

fn drawn(room: &Room, theme: &Theme) -> String {
    let base = theme.style(Role::Base);
    let colour = |colour: Option<ratatui::style::Color>, default: Rgb| {
        colour.map_or(default, |colour| rgb(colour, default))
    };
    svg(&room.buffer(), colour(base.fg, (200, 208, 218)), colour(base.bg, (20, 24, 30)))
}

/// The committed pictures are the rooms as they are drawn. After a change: `WAVEDECK_PICTURES=write cargo test picture`.
#[test]
fn the_committed_pictures_are_the_rooms_as_they_are_drawn() {
    let theme = Theme::built_in("harbour", ColourUse::Full).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    for (name, mut room) in rooms() {
        room.app.settings.theme = theme.clone();
        let svg = drawn(&room, &theme);
        if std::env::var_os("WAVEDECK_PICTURES").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(name).with_extension("svg"), &svg).unwrap();
            match png(&svg) {
                Some(png) => std::fs::write(folder.join(name).with_extension("png"), png).unwrap(),
                None => eprintln!("{FONT} is not installed: screenshots/{name}.png was NOT written"),
            }
        }
        let committed = std::fs::read_to_string(folder.join(name).with_extension("svg")).unwrap_or_default();
        assert!(committed == svg, "{name} looks different now; see the comment of this test");
    }
}

/// Writes any screen of the tests as PNG into the folder that `WAVEDECK_LOOK` names, for people who want to look.
pub(super) fn look(name: &str, room: &Room) {
    let Some(folder) = std::env::var_os("WAVEDECK_LOOK").filter(|folder| !folder.is_empty()) else { return };
    let Some(png) = png(&drawn(room, &room.app.settings.theme)) else { return };
    std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
}
