//! Letters as the fonts that every reader of PDF has know them (Helvetica in the encoding of Windows), and
//! how wide they are.

/// What stands for a letter that the font has not.
const UNKNOWN: u8 = b'?';

/// Widths of the letters from space to tilde, in thousandths of the font's size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Letters beyond ASCII and Latin-1 that the encoding has.
const OTHERS: [(char, u8); 16] = [
    ('€', 0x80),
    ('…', 0x85),
    ('Š', 0x8a),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('š', 0x9a),
    ('œ', 0x9c),
    ('ž', 0x9e),
    ('Ÿ', 0x9f),
];

/// A text in the font's encoding; a question mark for each letter that it has not.
pub(crate) fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(encode).collect()
}

fn encode(letter: char) -> u8 {
    let of_list = || OTHERS.iter().find(|(other, _)| *other == letter);
    match u8::try_from(u32::from(letter)) {
        Ok(byte @ (0x20..=0x7e | 0xa0..=0xff)) => byte,
        // What would end a line is a space on it.
        Ok(b'\t' | b'\n' | b'\r') => b' ',
        Ok(_) => UNKNOWN,
        Err(_) => of_list().map_or(UNKNOWN, |(_, byte)| *byte),
    }
}

/// How wide an encoded text is, in thousandths of the font's size.
pub(crate) fn width(text: &[u8]) -> u32 {
    let of = |byte: &u8| u32::from(width_of(*byte));
    text.iter()
        .fold(0u32, |sum, byte| sum.saturating_add(of(byte)))
}

fn width_of(byte: u8) -> u16 {
    let plain = byte
        .checked_sub(b' ')
        .and_then(|n| WIDTHS.get(usize::from(n)));
    if let Some(width) = plain {
        return *width;
    }
    match byte {
        0x80 | 0xe0..=0xe5 | 0xe8..=0xeb | 0xf0..=0xf6 | 0xf9..=0xfc | 0xfe => 556,
        0x85 | 0x8c | 0x97 | 0xc6 => 1000,
        0x91 | 0x92 => 222,
        0x93 | 0x94 => 333,
        0x95 => 350,
        0x8a | 0xc0..=0xc5 | 0xc8..=0xcb | 0xdd | 0xde => 667,
        0x8e | 0xd8..=0xdc if byte != 0xd8 => 722,
        0xc7 | 0xd0 | 0xd1 => 722,
        0xcc..=0xcf | 0xec..=0xef => 278,
        0xd2..=0xd6 | 0xd8 => 778,
        0xd7 | 0xf7 => 584,
        0xdf | 0xf8 => 611,
        0xe6 => 889,
        0xe7 | 0xfd | 0xff => 500,
        0x9c => 944,
        _ => 556,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_their_bytes_and_widths() {
        assert_eq!(encoded("A–Ž€ü"), [b'A', 0x96, 0x8e, 0x80, 0xfc]);
        assert_eq!(encoded("Ł\u{7}\n\u{202e}"), [b'?', b'?', b' ', b'?']);
        // Figures are all as wide as one another: columns of them stand in line.
        let digits: Vec<u32> = (b'0'..=b'9').map(|digit| width(&[digit])).collect();
        assert_eq!(digits, [556; 10]);
        assert_eq!(width(b"Ail. "), 667 + 222 + 222 + 278 + 278);
        assert_eq!((width(&[0xd8]), width(&[0xdc])), (778, 722));
    }
}
