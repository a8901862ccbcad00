//! Where each pane lies: a grid that keeps terminals as near to 80 columns by 24 rows as the area allows.

use ratatui::layout::Rect;

use super::{Panes, Sharing, VISIBLE_MAX};

const COLUMNS_MIN: u16 = 40;
const ROWS_MIN: u16 = 9;
/// Columns of a name on the strip: number, id and sign are readable in the least.
const NAME_COLUMNS_MIN: u16 = 10;
const NAME_COLUMNS_MAX: u16 = 18;
/// Terminals that are shown although some of them have ended; beyond these only running ones take room.
const ENDED_SHOWN: usize = 4;

/// A pane on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    /// Its terminal.
    pub(crate) session: String,
    /// Its place, from 1.
    pub(crate) number: usize,
    /// The line with its title.
    pub(crate) title: Rect,
    /// Its left edge, below the title.
    pub(crate) edge: Rect,
    /// What the child has.
    pub(crate) body: Rect,
}

/// The panes on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tiling {
    /// The line that names every terminal, where some are not visible.
    pub(crate) strip: Option<Rect>,
    /// Names on that line: index in the order and place.
    pub(crate) names: Vec<(usize, Rect)>,
    /// Visible panes.
    pub(crate) tiles: Vec<Tile>,
}

/// Lays the panes into an area. `alone` shows the focused one only, as narrow screens do; `most` bounds how many.
pub(crate) fn tile(area: Rect, panes: &Panes, alone: Sharing, most: usize) -> Tiling {
    let mut tiling = Tiling::default();
    if panes.order.is_empty() || area.height < 3 || area.width < 4 {
        return tiling;
    }
    let alone = alone == Sharing::Alone || panes.sharing == Sharing::Alone;
    let fit = if alone { 1 } else { fitting(area, panes, most) };
    let shown: Vec<usize> = visible(panes, fit);
    let mut body = area;
    if shown.len() < panes.order.len() {
        tiling.strip = Some(Rect { height: 1, ..body });
        body = Rect { y: body.y + 1, height: body.height - 1, ..body };
        tiling.names = names(area, panes);
    }
    for (index, rect) in shown.iter().zip(split(body, shown.len())) {
        let below = Rect { y: rect.y + 1, height: rect.height - 1, ..rect };
        tiling.tiles.push(Tile {
            session: panes.order[*index].clone(),
            number: index + 1,
            title: Rect { height: 1, ..rect },
            edge: Rect { width: 1, ..below },
            body: Rect { x: below.x + 1, width: below.width - 1, ..below },
        });
    }
    tiling
}

fn fitting(area: Rect, panes: &Panes, most: usize) -> usize {
    let wide = usize::from((area.width / COLUMNS_MIN).max(1));
    let high = usize::from((area.height / ROWS_MIN).max(1));
    // What the operator asks for may be tighter than what we would choose, but each pane keeps a few cells.
    let tight = usize::from((area.width / 12).max(1)) * usize::from((area.height / 4).max(1));
    match panes.count {
        Some(count) => count.min(most).min(tight),
        None => (wide * high).min(most).min(panes.running.max(ENDED_SHOWN)),
    }
}

/// Indices of the visible terminals: the first ones, and the focused one in the last place if it is further back.
fn visible(panes: &Panes, fit: usize) -> Vec<usize> {
    let focus = panes.order.iter().position(|known| Some(known) == panes.focus.as_ref());
    let mut shown: Vec<usize> = (0..panes.order.len().min(fit)).collect();
    if let Some(focus) = focus
        && !shown.contains(&focus)
        && let Some(last) = shown.last_mut()
    {
        *last = focus;
    }
    shown
}

fn names(area: Rect, panes: &Panes) -> Vec<(usize, Rect)> {
    let count = u16::try_from(panes.order.len()).unwrap_or(u16::MAX);
    let each = (area.width / count.max(1)).clamp(NAME_COLUMNS_MIN, NAME_COLUMNS_MAX);
    // Where not every name fits, those around the focused one are shown.
    let fit = usize::from((area.width / each).max(1));
    let focus = panes.order.iter().position(|known| Some(known) == panes.focus.as_ref()).unwrap_or(0);
    let first = (focus + 1).saturating_sub(fit);
    let columns = usize::from(area.width) / usize::from(each) * usize::from(each);
    let end = area.x + u16::try_from(columns).unwrap_or(area.width).max(each.min(area.width));
    (first..panes.order.len())
        .zip((area.x..end).step_by(usize::from(each)))
        .map(|(index, x)| (index, Rect { x, y: area.y, width: each.min(area.right() - x), height: 1 }))
        .collect()
}

/// Splits an area into `count` places; when rows are not equally full the first one has fewer, so larger, places.
fn split(area: Rect, count: usize) -> Vec<Rect> {
    let count = u16::try_from(count.max(1)).unwrap_or(u16::MAX);
    let columns = (1..=count).max_by_key(|columns| fitness(area, count, *columns)).unwrap_or(1);
    let rows = count.div_ceil(columns);
    let first = count - columns * (rows - 1);
    let mut places = Vec::new();
    for row in 0..rows {
        let top = area.y + area.height * row / rows;
        let bottom = area.y + area.height * (row + 1) / rows;
        let columns = if row == 0 { first } else { columns };
        for column in 0..columns {
            let left = area.x + area.width * column / columns;
            let right = area.x + area.width * (column + 1) / columns;
            places.push(Rect { x: left, y: top, width: right - left, height: bottom - top });
        }
    }
    places
}

/// How near the places come to 80 by 24, in thousandths; wider terminals than that gain little.
fn fitness(area: Rect, count: u16, columns: u16) -> (u32, u16) {
    let rows = count.div_ceil(columns);
    let (wide, high) = (area.width / columns, area.height / rows);
    if wide < 3 || high < 2 {
        return (0, 0);
    }
    let too_low = high < ROWS_MIN - 1;
    // A narrow terminal is worse than a low one: its lines wrap.
    let wide = u32::from(wide.min(81)) * 1000 / 81;
    let high = u32::from(high.min(25)) * 1000 / 25;
    let score = wide * wide / 1000 * high / 1000;
    (if too_low { score / 2 } else { score }, u16::MAX - columns)
}

/// Most panes that are visible at once: nine beside a plan, as many as fit in a room of plain terminals.
pub(crate) fn most(shells: bool) -> usize {
    if shells { usize::MAX } else { VISIBLE_MAX }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::{Tiling, split, tile};
    use crate::tui::panes::{Panes, Sharing};

    fn panes(count: usize) -> Panes {
        let order: Vec<String> = (1..=count).map(|number| format!("s{number}")).collect();
        Panes { focus: order.first().cloned(), running: count, order, ..Panes::default() }
    }

    #[test]
    fn places_cover_the_area_and_never_overlap() {
        for count in 1..=20 {
            for (width, height) in [(100, 56), (80, 20), (60, 10), (200, 48), (13, 7)] {
                let area = Rect::new(3, 2, width, height);
                let places = split(area, count);
                assert_eq!(places.len(), count);
                let cells: u32 = places.iter().map(|place| place.area()).sum();
                assert_eq!(cells, area.area(), "{count} in {width}x{height}");
                for (index, one) in places.iter().enumerate() {
                    assert!(places[index + 1..].iter().all(|other| !one.intersects(*other)));
                }
            }
        }
    }

    #[test]
    fn three_panes_give_the_first_a_row_of_its_own() {
        let places = split(Rect::new(0, 0, 170, 50), 3);
        assert_eq!(places[0].width, 170);
        assert_eq!((places[1].width, places[2].width), (85, 85));
    }

    #[test]
    fn what_does_not_fit_is_named_on_the_strip_and_the_focused_pane_is_visible() {
        let mut panes = panes(6);
        panes.focus = Some("s6".into());
        let tiling = tile(Rect::new(0, 0, 85, 20), &panes, Sharing::Tiled, 9);
        let shown: Vec<&str> = tiling.tiles.iter().map(|tile| tile.session.as_str()).collect();
        assert_eq!(shown, ["s1", "s2", "s3", "s6"]);
        assert_eq!(tiling.names.len(), 6);
        assert_eq!(tile(Rect::new(0, 0, 80, 2), &panes, Sharing::Tiled, 9), Tiling::default());
    }

    #[test]
    fn a_long_strip_shows_readable_names_around_the_focused_one() {
        let mut panes = panes(30);
        panes.focus = Some("s25".into());
        let tiling = tile(Rect::new(5, 0, 84, 20), &panes, Sharing::Alone, 9);
        let named: Vec<usize> = tiling.names.iter().map(|(index, _)| *index).collect();
        assert_eq!(named, (17..25).collect::<Vec<_>>());
        assert!(tiling.names.iter().all(|(_, rect)| rect.width == 10 && rect.right() <= 89));
    }

    #[test]
    fn alone_there_is_one() {
        let tiling = tile(Rect::new(0, 0, 200, 60), &panes(6), Sharing::Alone, 9);
        assert_eq!(tiling.tiles.len(), 1);
        assert_eq!(tiling.tiles[0].body, Rect::new(1, 2, 199, 58));
    }
}
