//! Element types as text, for arrays that are made without numpy: numpy's own names, its codes
//! such as "<f8", "S5", "M8[ns]" and "i4,f8", and the formats of the buffer protocol.

use super::format;

/// What the buffer protocol needs to know of an element type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// The struct module's format, with a byte order where it is not the machine's.
    pub format: String,
    /// Bytes of one element.
    pub itemsize: usize,
}

/// (numpy's kind letter, bytes, the struct module's letter in native size)
const NUMBERS: [(char, usize, &str); 16] = [
    ('b', 1, "?"),
    ('i', 1, "b"),
    ('u', 1, "B"),
    ('i', 2, "h"),
    ('u', 2, "H"),
    ('i', 4, "i"),
    ('u', 4, "I"),
    ('i', 8, "q"),
    ('u', 8, "Q"),
    ('f', 2, "e"),
    ('f', 4, "f"),
    ('f', 8, "d"),
    ('c', 8, "Zf"),
    ('c', 16, "Zd"),
    ('f', 16, "g"),
    ('c', 32, "Zg"),
];

/// Letters that name a C type of this machine.
const LETTERS: [(&str, char, usize); 23] = [
    ("?", 'b', 1),
    ("b", 'i', 1),
    ("B", 'u', 1),
    ("h", 'i', 2),
    ("H", 'u', 2),
    ("i", 'i', 4),
    ("I", 'u', 4),
    ("l", 'i', 8),
    ("L", 'u', 8),
    ("q", 'i', 8),
    ("Q", 'u', 8),
    ("n", 'i', 8),
    ("N", 'u', 8),
    ("e", 'f', 2),
    ("f", 'f', 4),
    ("d", 'f', 8),
    ("F", 'c', 8),
    ("D", 'c', 16),
    ("Zf", 'c', 8),
    ("Zd", 'c', 16),
    ("g", 'f', 16),
    ("G", 'c', 32),
    ("Zg", 'c', 32),
];

/// numpy's names for the plain numbers, by kind; the bits follow the name.
const NAMES: [(&str, char); 4] = [
    ("uint", 'u'),
    ("int", 'i'),
    ("float", 'f'),
    ("complex", 'c'),
];

/// The element type that `text` names.
pub(crate) fn parse(text: &str) -> Option<Element> {
    code(text).or_else(|| packed(text)).or_else(|| {
        Some(Element {
            format: text.into(),
            itemsize: format::parse(text)?.size,
        })
    })
}

/// Several types one after the other, without gaps: "i4,f8".
fn packed(text: &str) -> Option<Element> {
    if !text.contains(',') || text.contains(['{', '(']) {
        return None;
    }
    let (mut format, mut itemsize) = (String::from("T{"), 0);
    for (i, part) in text.split(',').enumerate() {
        let part = code(part.trim())?;
        itemsize += part.itemsize;
        format += &format!("{}:f{i}:", in_structure(&part.format));
    }
    format.push('}');
    Some(Element { format, itemsize })
}

/// A format that says of itself that it is not aligned.
pub(crate) fn in_structure(format: &str) -> String {
    let order = if format.starts_with('>') { "" } else { "=" };
    format!("{order}{format}")
}

/// One of numpy's names and codes.
pub(crate) fn code(text: &str) -> Option<Element> {
    if text == "bool" {
        return number('b', 1, "");
    }
    if let Some((kind, bits)) = NAMES
        .iter()
        .find_map(|(name, kind)| Some((kind, text.strip_prefix(name)?)))
    {
        let bits: usize = bits.parse().ok()?;
        return (bits.is_multiple_of(8)).then(|| number(*kind, bits / 8, ""))?;
    }
    let (order, rest) = match text.chars().next()? {
        '<' | '|' | '=' | '@' => ("", &text[1..]),
        '>' | '!' => (">", &text[1..]),
        _ => ("", text),
    };
    if let Some((_, kind, size)) = LETTERS.iter().find(|(letter, ..)| *letter == rest) {
        return number(*kind, *size, order);
    }
    let kind = rest.chars().next()?;
    let size = rest.get(1..)?;
    if matches!(kind, 'M' | 'm') && size.starts_with('8') {
        return format::parse(rest).map(|of| Element {
            format: format!("{order}{rest}"),
            itemsize: of.size,
        });
    }
    let size: usize = size.parse().ok()?;
    let (format, itemsize) = match kind {
        'S' => (format!("{size}s"), size),
        'U' => (format!("{order}{size}w"), size.checked_mul(4)?),
        'V' => (format!("{size}x"), size),
        _ => return number(kind, size, order),
    };
    Some(Element { format, itemsize })
}

fn number(kind: char, size: usize, order: &str) -> Option<Element> {
    let (.., letter) = NUMBERS.iter().find(|(k, s, _)| *k == kind && *s == size)?;
    let order = if size == 1 { "" } else { order };
    Some(Element {
        format: format!("{order}{letter}"),
        itemsize: size,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(format: &str, itemsize: usize) -> Option<Element> {
        Some(Element {
            format: format.into(),
            itemsize,
        })
    }

    #[test]
    fn names_codes_and_letters_mean_the_same() {
        for text in ["float64", "<f8", "d", "=d", "f8"] {
            assert_eq!(parse(text), element("d", 8), "{text}");
        }
        assert_eq!(parse("bool"), element("?", 1));
        assert_eq!(parse("|u1"), element("B", 1));
        assert_eq!(parse("uint16"), element("H", 2));
        assert_eq!(parse("complex128"), element("Zd", 16));
        assert_eq!(parse(">i4"), element(">i", 4));
        assert_eq!(parse(">u1"), element("B", 1));
    }

    #[test]
    fn texts_times_and_structures_have_formats() {
        assert_eq!(parse("S5"), element("5s", 5));
        assert_eq!(parse(">U3"), element(">3w", 12));
        assert_eq!(parse("V8"), element("8x", 8));
        assert_eq!(parse("<M8[ns]"), element("M8[ns]", 8));
        assert_eq!(parse("i4,>f8"), element("T{=i:f0:>d:f1:}", 12));
        assert_eq!(parse("T{i:a:d:b:}"), element("T{i:a:d:b:}", 16));
        assert_eq!(parse("g"), element("g", 16));
    }

    #[test]
    fn what_is_no_element_type_is_refused() {
        for text in [
            "", "float", "int7", "y", "<", "é", "f3", "float640", "O", "M8[", "i4,", "i4,O",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
