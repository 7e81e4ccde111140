//! The number templates of TO_CHAR: PostgreSQL's patterns (RS 4.2).

use crate::functions::datetime::format::ordinal_ending;

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// `9` or `0`.
    Digit,
    /// `.` or `D`.
    Point,
    /// `,` or `G`.
    Group,
    /// `L`.
    Currency,
    /// `S` before or behind the digits, `SG`.
    Sign,
    /// `MI`.
    Minus,
    /// `PL`.
    Plus,
    /// `TH` or `th`.
    Ordinal { upper: bool },
    /// Any other character.
    Literal(char),
}

/// A number template, read.
#[derive(Debug, Default)]
pub(crate) struct NumberTemplate {
    pub(super) items: Vec<Item>,
    /// `FM`: no padding.
    fill: bool,
    /// Digit positions before the point.
    pub(super) whole: usize,
    /// Digit positions behind the point.
    pub(super) places: usize,
    /// From which position on leading zeros show.
    first_zero: Option<usize>,
    /// Up to which place trailing zeros show under FM.
    last_zero_place: usize,
    has_point: bool,
    /// `PR`: negative numbers in angle brackets.
    brackets: bool,
    /// `RN`, and whether in capitals.
    pub(super) roman: Option<bool>,
    /// `V`: places that the number is multiplied by.
    pub(super) shift: Option<usize>,
    /// `EEEE`.
    pub(super) exponent: bool,
}

impl NumberTemplate {
    /// Reads a template; what is no pattern is literal.
    pub(crate) fn parse(template: &str) -> Self {
        let mut read = Self::default();
        let mut rest = template;
        while let Some(character) = rest.chars().next() {
            let upper = rest.get(..4).or_else(|| rest.get(..2)).unwrap_or(rest).to_ascii_uppercase();
            let taken = if upper.starts_with("EEEE") {
                read.exponent = true;
                4
            } else {
                let two = upper.get(..2).unwrap_or_default();
                read.pair(two, rest).unwrap_or(0)
            };
            if taken > 0 {
                rest = rest.get(taken..).unwrap_or_default();
                continue;
            }
            if character == '"' {
                let quoted = rest.get(1..).unwrap_or_default();
                let end = quoted.find('"').unwrap_or(quoted.len());
                read.items.extend(quoted.split_at(end).0.chars().map(Item::Literal));
                rest = quoted.get(end + 1..).unwrap_or_default();
                continue;
            }
            read.single(character);
            rest = rest.split_at(character.len_utf8()).1;
        }
        read
    }

    /// A pattern of two letters; how many characters it took.
    fn pair(&mut self, two: &str, rest: &str) -> Option<usize> {
        match two {
            "FM" => self.fill = true,
            "MI" => self.items.push(Item::Minus),
            "PL" => self.items.push(Item::Plus),
            "SG" => self.items.push(Item::Sign),
            "PR" => self.brackets = true,
            "RN" => self.roman = Some(rest.starts_with('R')),
            "TH" => self.items.push(Item::Ordinal { upper: rest.starts_with('T') }),
            _ => return None,
        }
        Some(2)
    }

    fn single(&mut self, character: char) {
        match character.to_ascii_uppercase() {
            digit @ ('0' | '9') => {
                if let Some(shift) = &mut self.shift {
                    *shift += 1;
                }
                if self.has_point {
                    self.places += 1;
                    if digit == '0' {
                        self.last_zero_place = self.places;
                    }
                } else {
                    if digit == '0' && self.first_zero.is_none() {
                        self.first_zero = Some(self.whole);
                    }
                    self.whole += 1;
                }
                self.items.push(Item::Digit);
            }
            '.' | 'D' => {
                self.has_point = true;
                self.items.push(Item::Point);
            }
            ',' | 'G' => self.items.push(Item::Group),
            'L' => self.items.push(Item::Currency),
            'S' => self.items.push(Item::Sign),
            'V' => self.shift = Some(0),
            _ => self.items.push(Item::Literal(character)),
        }
    }

    /// A number, given as plain decimal text, by this template.
    pub(crate) fn format(&self, number: &str) -> String {
        let negative = number.starts_with('-');
        let magnitude = number.trim_start_matches(['-', '+']);
        if let Some(upper) = self.roman {
            return self.roman(magnitude, upper);
        }
        if self.exponent {
            return self.scientific(magnitude, negative);
        }
        let shifted = self.shift.map(|places| shift_point(magnitude, places));
        let (whole, places) = round(shifted.as_deref().unwrap_or(magnitude), self.places);
        let negative = negative && (whole != "0" || places.bytes().any(|digit| digit != b'0'));
        self.lay_out(&whole, &places, negative)
    }

    fn lay_out(&self, whole: &str, places: &str, negative: bool) -> String {
        let overflow = whole != "0" && whole.len() > self.whole;
        let digits = if whole == "0" && self.has_point { "" } else { whole };
        // Positions before the first digit that shows.
        let blank = self.whole.saturating_sub(digits.len()).min(self.first_zero.unwrap_or(usize::MAX));
        let shown_places = if self.fill {
            places.trim_end_matches('0').len().max(self.last_zero_place)
        } else {
            self.places
        };
        // PL alone leaves the place for a minus before the digits.
        let has_sign_pattern =
            self.brackets || self.items.iter().any(|item| matches!(item, Item::Sign | Item::Minus));
        let leading_sign = self.leading_sign();
        let sign = |out: &mut String| {
            if leading_sign {
                out.push(if negative { '-' } else { '+' });
            } else if self.brackets {
                out.push_str(if negative {
                    "<"
                } else if self.fill {
                    ""
                } else {
                    " "
                });
            } else if !has_sign_pattern {
                out.push_str(if negative {
                    "-"
                } else if self.fill {
                    ""
                } else {
                    " "
                });
            }
        };

        let mut out = String::new();
        let (mut position, mut place, mut signed, mut seen_digit) = (0, 0, false, false);
        for item in &self.items {
            match item {
                Item::Digit | Item::Point
                    if !signed && (*item == Item::Point || position >= blank || overflow) =>
                {
                    sign(&mut out);
                    signed = true;
                }
                _ => {}
            }
            match item {
                Item::Digit if place == 0 && position < self.whole => {
                    if overflow {
                        out.push('#');
                    } else if position < blank {
                        if !self.fill {
                            out.push(' ');
                        }
                    } else {
                        let index = (position + digits.len()).checked_sub(self.whole);
                        let digit =
                            index.and_then(|index| digits.as_bytes().get(index)).copied().unwrap_or(b'0');
                        out.push(char::from(digit));
                        seen_digit = true;
                    }
                    position += 1;
                }
                Item::Digit => {
                    if overflow {
                        out.push('#');
                    } else if place < shown_places {
                        out.push(char::from(places.as_bytes().get(place).copied().unwrap_or(b'0')));
                    }
                    place += 1;
                }
                Item::Point => {
                    out.push('.');
                    position = self.whole;
                }
                Item::Group => {
                    if seen_digit || overflow {
                        out.push(',');
                    } else if !self.fill {
                        out.push(' ');
                    }
                }
                Item::Currency => out.push('$'),
                Item::Sign if leading_sign => {}
                Item::Sign => out.push(if negative { '-' } else { '+' }),
                Item::Minus => out.push_str(if negative {
                    "-"
                } else if self.fill {
                    ""
                } else {
                    " "
                }),
                Item::Plus => out.push_str(if !negative {
                    "+"
                } else if self.fill {
                    ""
                } else {
                    " "
                }),
                Item::Ordinal { upper } => {
                    let ending = ordinal_ending(whole);
                    out.push_str(&if *upper { ending.to_uppercase() } else { ending.to_owned() });
                }
                Item::Literal(character) => out.push(*character),
            }
        }
        if self.brackets {
            out.push_str(if negative {
                ">"
            } else if self.fill {
                ""
            } else {
                " "
            });
        }
        out
    }

    /// Whether S stands before the digits; then it clings to the first of them.
    fn leading_sign(&self) -> bool {
        let first_digit = self.items.iter().position(|item| *item == Item::Digit);
        let sign = self.items.iter().position(|item| *item == Item::Sign);
        matches!((sign, first_digit), (Some(sign), Some(digit)) if sign < digit)
    }

    fn roman(&self, magnitude: &str, upper: bool) -> String {
        const WIDTH: usize = 15;
        let (whole, _) = round(magnitude, 0);
        let numeral = match whole.parse::<u32>() {
            Ok(number @ 1..=3999) => roman_numeral(number),
            _ => "#".repeat(WIDTH),
        };
        let cased = if upper { numeral.to_uppercase() } else { numeral };
        if self.fill { cased } else { format!("{cased:>WIDTH$}") }
    }

    fn scientific(&self, magnitude: &str, negative: bool) -> String {
        let value: f64 = magnitude.parse().unwrap_or(0.0);
        let written = format!("{value:.*e}", self.places);
        let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let (sign, direction) = (if negative { "-" } else { " " }, if exponent < 0 { '-' } else { '+' });
        format!("{sign}{mantissa}e{direction}{:02}", exponent.abs())
    }
}

/// A plain decimal text rounded half away from zero: digits before and behind the point.
fn round(magnitude: &str, places: usize) -> (String, String) {
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let mut digits: Vec<u8> =
        whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(places)).collect();
    if fraction.as_bytes().get(places).is_some_and(|next| *next >= b'5') {
        let mut carried = true;
        for digit in digits.iter_mut().rev() {
            carried = *digit == b'9';
            *digit = if carried { b'0' } else { *digit + 1 };
            if !carried {
                break;
            }
        }
        if carried {
            digits.insert(0, b'1');
        }
    }
    let text = String::from_utf8_lossy(&digits).into_owned();
    let (whole, places) = text.split_at(text.len() - places);
    let whole = whole.trim_start_matches('0');
    (if whole.is_empty() { "0" } else { whole }.to_owned(), places.to_owned())
}

fn shift_point(magnitude: &str, places: usize) -> String {
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let moved: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let rest = fraction.get(places..).unwrap_or_default();
    format!("{whole}{moved}.{rest}")
}

fn roman_numeral(mut number: u32) -> String {
    const NUMERALS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut out = String::new();
    for (value, numeral) in NUMERALS {
        while number >= value {
            out.push_str(numeral);
            number -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::NumberTemplate;

    /// The examples of PostgreSQL's documentation, table "to_char Examples".
    #[test]
    fn postgresql_examples() {
        let cases = [
            ("-0.1", "99.99", "  -.10"),
            ("-0.1", "FM9.99", "-.1"),
            ("-0.1", "FM90.99", "-0.1"),
            ("0.1", "0.9", " 0.1"),
            ("12", "9990999.9", "    0012.0"),
            ("12", "FM9990999.9", "0012."),
            ("485", "999", " 485"),
            ("-485", "999", "-485"),
            ("485", "9 9 9", " 4 8 5"),
            ("1485", "9,999", " 1,485"),
            ("1485", "9G999", " 1,485"),
            ("148.5", "999.999", " 148.500"),
            ("148.5", "FM999.999", "148.5"),
            ("148.5", "FM999.990", "148.500"),
            ("3148.5", "9G999D999", " 3,148.500"),
            ("-485", "999S", "485-"),
            ("-485", "999MI", "485-"),
            ("485", "999MI", "485 "),
            ("485", "FM999MI", "485"),
            ("485", "PL999", "+ 485"),
            ("-485", "PL999", " -485"),
            ("485", "FMPL999", "+485"),
            ("485", "999PL", " 485+"),
            ("485", "PL999MI", "+485 "),
            ("125.8", "PL999D99", "+ 125.80"),
            ("485", "SG999", "+485"),
            ("-485", "SG999", "-485"),
            ("-485", "9SG99", "4-85"),
            ("-485", "999PR", "<485>"),
            ("485", "L999", "$ 485"),
            ("485", "RN", "        CDLXXXV"),
            ("485", "FMRN", "CDLXXXV"),
            ("5.2", "FMRN", "V"),
            ("482", "999th", " 482nd"),
            ("485", "\"Good number:\"999", "Good number: 485"),
            ("12", "99V999", " 12000"),
            ("12.4", "99V999", " 12400"),
            ("12.45", "99V9", " 125"),
            ("0.0004859", "9.99EEEE", " 4.86e-04"),
            ("1234", "999", " ###"),
            ("0", "999", "   0"),
        ];
        for (number, template, expected) in cases {
            assert_eq!(NumberTemplate::parse(template).format(number), expected, "{number} by {template}");
        }
    }
}
