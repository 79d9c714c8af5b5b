//! Element types in the language of the buffer protocol: the struct module's letters, with numpy's
//! and PEP 3118's additions ("=d", "5s", "3w", "Zd", "T{i:x:(2,3)d:y:}"), and "M8[ns]" for times,
//! which have no letter.

/// An element type, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Type {
    /// Bytes of one element, all of `shape` included.
    pub size: usize,
    align: usize,
    pub kind: Kind,
    /// An element that is an array itself has a shape.
    pub shape: Vec<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As numpy writes it, such as "<f8".
    Plain(String),
    Fields(Vec<Field>),
}

/// A part of a structure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub name: String,
    pub offset: usize,
    pub of: Type,
}

/// The type that a format describes.
pub(crate) fn parse(format: &str) -> Option<Type> {
    let mut reader = Reader {
        rest: format,
        order: '@',
        depth: 0,
    };
    let mut whole = reader.fields()?;
    if !reader.rest.is_empty() {
        return None;
    }
    match &mut whole.kind {
        // Without padding around it.
        Kind::Fields(fields)
            if fields.len() == 1
                && fields[0].name.is_empty()
                && fields[0].of.size == whole.size =>
        {
            fields.pop().map(|field| field.of)
        }
        Kind::Fields(fields) if !fields.is_empty() => Some(whole),
        // Bytes without a meaning are padding in a structure, but they may be all there is.
        _ if whole.size > 0 => Some(plain(format!("|V{}", whole.size), whole.size, 1)),
        _ => None,
    }
}

/// How deep structures may be nested.
const DEEPEST: usize = 32;

struct Reader<'a> {
    rest: &'a str,
    order: char,
    depth: usize,
}

fn plain(code: String, size: usize, align: usize) -> Type {
    Type {
        size,
        align,
        kind: Kind::Plain(code),
        shape: Vec::new(),
    }
}

impl Reader<'_> {
    fn skip(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before a delimiter, which is skipped.
    fn until(&mut self, delimiter: char) -> Option<String> {
        let (text, rest) = self.rest.split_once(delimiter)?;
        self.rest = rest;
        Some(text.into())
    }

    fn number(&mut self) -> Option<usize> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok()
    }

    /// Everything up to the end, or to the brace that closes a structure.
    fn fields(&mut self) -> Option<Type> {
        let (mut size, mut align) = (0_usize, 1);
        let mut fields: Vec<Field> = Vec::new();
        self.depth += 1;
        while !self.rest.is_empty() && !self.rest.starts_with('}') && self.depth < DEEPEST {
            let Some(of) = self.element()? else {
                continue;
            };
            let step = if self.order == '@' { of.align } else { 1 };
            let offset = size.checked_next_multiple_of(step)?;
            size = offset.checked_add(of.size)?;
            align = align.max(step);
            let name = if self.skip(":") {
                self.until(':')?
            } else {
                String::new()
            };
            let padding = matches!(&of.kind, Kind::Plain(code) if code == "padding");
            if !padding {
                fields.push(Field { name, offset, of });
            }
        }
        self.depth -= 1;
        Some(Type {
            size,
            align,
            kind: Kind::Fields(fields),
            shape: Vec::new(),
        })
    }

    /// Skips what changes the byte order, and says whether there was any.
    fn orders(&mut self) -> bool {
        let letters = self
            .rest
            .trim_start_matches(['@', '=', '<', '>', '!', '^', ' ']);
        let skipped = &self.rest[..self.rest.len() - letters.len()];
        self.order = skipped.trim_end().chars().next_back().unwrap_or(self.order);
        self.rest = letters;
        !skipped.is_empty()
    }

    /// One element; Some(None) for what only changes the byte order.
    fn element(&mut self) -> Option<Option<Type>> {
        if self.orders() {
            return Some(None);
        }
        let mut shape = Vec::new();
        while self.skip("(") || (!shape.is_empty() && self.skip(",")) {
            shape.push(self.number()?);
            self.skip(")");
        }
        self.orders();
        let count = self.number();
        let mut of = if self.skip("T{") {
            let outer = self.order;
            let of = self.fields()?;
            self.order = outer;
            self.skip("}").then_some(of)?
        } else {
            self.letter(count)?
        };
        if let (Some(count), true) = (count, is_repeated(&of.kind)) {
            shape.push(count);
        }
        for length in &shape {
            of.size = of.size.checked_mul(*length)?;
        }
        of.shape = shape;
        Some(Some(of))
    }

    /// A letter; a count before some letters is a length.
    fn letter(&mut self, count: Option<usize>) -> Option<Type> {
        let order = match self.order {
            '>' | '!' => '>',
            _ => '<',
        };
        for time in ["M8", "m8"] {
            if self.skip(time) {
                let unit = if self.skip("[") {
                    format!("[{}]", self.until(']')?)
                } else {
                    String::new()
                };
                return Some(plain(format!("{order}{time}{unit}"), 8, 8));
            }
        }
        let complex = self.skip("Z");
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        let length = count.unwrap_or(1);
        match letter {
            's' => return Some(plain(format!("|S{length}"), length, 1)),
            'w' => {
                return Some(plain(
                    format!("{order}U{length}"),
                    length.checked_mul(4)?,
                    4,
                ));
            }
            'x' => return Some(plain("padding".into(), length, 1)),
            'c' => return Some(plain("|S1".into(), 1, 1)),
            _ => {}
        }
        let long = if "@^".contains(self.order) { 8 } else { 4 };
        let (kind, size) = match letter {
            '?' => ('b', 1),
            'b' => ('i', 1),
            'B' => ('u', 1),
            'h' => ('i', 2),
            'H' => ('u', 2),
            'i' => ('i', 4),
            'I' => ('u', 4),
            'l' => ('i', long),
            'L' => ('u', long),
            'q' | 'n' => ('i', 8),
            'Q' | 'N' => ('u', 8),
            'e' => ('f', 2),
            'f' => ('f', 4),
            'd' => ('f', 8),
            'g' => ('f', 16),
            _ => return None,
        };
        match (complex, kind, size) {
            (false, _, 1) => Some(plain(format!("|{kind}1"), 1, 1)),
            (false, ..) => Some(plain(format!("{order}{kind}{size}"), size, size)),
            (true, 'f', 4..) => Some(plain(format!("{order}c{}", 2 * size), 2 * size, size)),
            _ => None,
        }
    }
}

/// Whether a count before it makes an array of it; otherwise it is a length.
fn is_repeated(kind: &Kind) -> bool {
    match kind {
        Kind::Plain(code) => code == "|S1" || !(code.contains(['S', 'U']) || code == "padding"),
        Kind::Fields(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(format: &str) -> Option<String> {
        match parse(format)?.kind {
            Kind::Plain(code) => Some(code),
            Kind::Fields(_) => None,
        }
    }

    #[test]
    fn letters_of_every_kind() {
        for (format, expected) in [
            ("d", "<f8"),
            (">Zd", ">c16"),
            ("5s", "|S5"),
            (">3w", ">U3"),
            ("8x", "|V8"),
            ("l", "<i8"),
            ("=l", "<i4"),
            ("M8[ns]", "<M8[ns]"),
            (">m8[10us]", ">m8[10us]"),
            ("?", "|b1"),
            ("Zg", "<c32"),
        ] {
            assert_eq!(code(format).as_deref(), Some(expected), "{format}");
        }
    }

    #[test]
    fn structures_are_laid_out_as_the_compiler_would_unless_told() {
        let offsets = |format: &str| {
            let whole = parse(format).unwrap();
            let Kind::Fields(fields) = whole.kind else {
                return (whole.size, vec![]);
            };
            (whole.size, fields.iter().map(|one| one.offset).collect())
        };
        assert_eq!(offsets("T{b:a:d:b:}"), (16, vec![0, 8]));
        assert_eq!(offsets("T{=b:a:d:b:}"), (9, vec![0, 1]));
        assert_eq!(offsets("T{b:a:xxxxxxxd:b:}"), (16, vec![0, 8]));
        assert_eq!(offsets("T{T{i:x:f:y:}:p:3s:s:}"), (11, vec![0, 8]));
        assert_eq!(offsets("T{=i:a:(2,3)d:b:>h:c:}"), (54, vec![0, 4, 52]));
        assert_eq!(offsets("T{i:a:(2,3)=d:b:>h:c:}"), (54, vec![0, 4, 52]));
        assert_eq!(offsets("xi"), (8, vec![4]));
        assert_eq!(offsets("T{i:x:}x"), (5, vec![0]));
    }

    #[test]
    fn what_is_no_format_is_refused() {
        for format in [
            "", "T{", "5p", "T{i", "T{i:a", "O", "Zi", "(2,", "é", "float",
        ] {
            assert_eq!(parse(format), None, "{format}");
        }
        assert_eq!(parse(&"T{".repeat(100_000)), None);
    }
}
