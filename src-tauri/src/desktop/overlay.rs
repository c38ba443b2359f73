//! The number drawn over the app's icon in the task bar of Windows, which has no badges of its own.

use tauri::image::Image;

/// Width and height in pixels.
const SIZE: usize = 32;
/// The disc and the digits on it.
const DISC: [u8; 4] = [0xb3, 0x26, 0x1e, 0xff];
const INK: [u8; 4] = [0xff, 0xff, 0xff, 0xff];

/// Digits of three by five dots, a row per entry, the leftmost dot in bit 2; the last one is "+".
const GLYPHS: [[u8; 5]; 11] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
    [0b000, 0b010, 0b111, 0b010, 0b000],
];

/// The picture of a number; none for zero. From 10 on it is "9+": more does not fit legibly.
#[cfg_attr(not(target_os = "windows"), expect(dead_code, reason = "only the task bar of Windows shows it"))]
pub(crate) fn icon(count: u64) -> Option<Image<'static>> {
    let side = u32::try_from(SIZE).ok()?;
    (count > 0).then(|| Image::new_owned(pixels(count), side, side))
}

fn pixels(count: u64) -> Vec<u8> {
    let glyphs: &[usize] = match count {
        0..=9 => &[usize::try_from(count).unwrap_or(9)],
        _ => &[9, 10],
    };
    let dot = if glyphs.len() == 1 { 4 } else { 3 };
    let width = (glyphs.len() * 4 - 1) * dot;
    let (left, top) = ((SIZE - width) / 2, (SIZE - 5 * dot) / 2);
    let mut rgba = Vec::with_capacity(SIZE * SIZE * 4);
    for y in 0..SIZE {
        for x in 0..SIZE {
            let inked = inked(glyphs, dot, x.checked_sub(left), y.checked_sub(top));
            let pixel = if inked {
                INK
            } else if in_disc(x, y) {
                DISC
            } else {
                [0; 4]
            };
            rgba.extend(pixel);
        }
    }
    rgba
}

fn inked(glyphs: &[usize], dot: usize, x: Option<usize>, y: Option<usize>) -> bool {
    let (Some(column), Some(row)) = (x.map(|x| x / dot), y.map(|y| y / dot)) else { return false };
    let (Some(glyph), true, true) = (glyphs.get(column / 4), column % 4 < 3, row < 5) else { return false };
    GLYPHS[*glyph][row] & (0b100 >> (column % 4)) != 0
}

/// Distances are doubled, so that the centre between two pixels is a whole number.
fn in_disc(x: usize, y: usize) -> bool {
    let off = |at: usize| (2 * at + 1).abs_diff(SIZE).pow(2);
    off(x) + off(y) <= SIZE * SIZE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(count: u64) -> usize {
        pixels(count).chunks(4).filter(|pixel| **pixel == INK).count()
    }

    #[test]
    fn a_number_is_drawn_in_its_dots_within_the_disc() {
        assert_eq!(ink(1), 8 * 16);
        assert_eq!(ink(8), 13 * 16);
        assert_eq!(ink(10), (12 + 5) * 9);
        assert_eq!(ink(10), ink(4_000));
    }

    #[test]
    fn the_corners_stay_clear() {
        let pixels = pixels(99);
        assert_eq!(pixels.len(), SIZE * SIZE * 4);
        assert_eq!(pixels[..4], [0; 4]);
    }
}
