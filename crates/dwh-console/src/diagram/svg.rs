//! What all drawings are made of: a canvas of boxes, texts and connecting lines.

use std::fmt::Write as _;

use super::Theme;

/// Colours of a theme; every text reaches a contrast of 4.5 on what it stands on (WCAG AA).
pub(super) struct Palette {
    pub(super) paper: &'static str,
    pub(super) box_fill: &'static str,
    pub(super) line: &'static str,
    pub(super) text: &'static str,
    pub(super) quiet: &'static str,
    pub(super) fact: &'static str,
    pub(super) dimension: &'static str,
    pub(super) staging: &'static str,
    pub(super) on_colour: &'static str,
}

impl Theme {
    pub(super) fn palette(self) -> Palette {
        match self {
            Self::Light => Palette {
                paper: "#ffffff",
                box_fill: "#f8fafc",
                line: "#94a3b8",
                text: "#0f172a",
                quiet: "#526077",
                fact: "#1d4ed8",
                dimension: "#0f766e",
                staging: "#57534e",
                on_colour: "#ffffff",
            },
            Self::Dark => Palette {
                paper: "#0f1623",
                box_fill: "#182233",
                line: "#64748b",
                text: "#e6edf6",
                quiet: "#9fb0c7",
                fact: "#1d4ed8",
                dimension: "#0f766e",
                staging: "#57534e",
                on_colour: "#ffffff",
            },
        }
    }
}

/// Where a text is held.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) struct Style {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) mono: bool,
    pub(super) anchor: Anchor,
}

pub(super) const PLAIN: Style = Style { size: 12.0, bold: false, mono: false, anchor: Anchor::Start };

pub(super) struct Canvas {
    body: String,
}

impl Canvas {
    pub(super) fn new() -> Self {
        Self { body: String::new() }
    }

    pub(super) fn rect(
        &mut self,
        at: (f64, f64),
        size: (f64, f64),
        radius: f64,
        fill: &str,
        stroke: Option<&str>,
    ) {
        let ((x, y), (width, height)) = (at, size);
        let stroke = stroke.map_or_else(String::new, |colour| format!(" stroke=\"{colour}\""));
        let _ = writeln!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\" fill=\"{fill}\"{stroke}/>"
        );
    }

    pub(super) fn text(&mut self, at: (f64, f64), text: &str, colour: &str, style: &Style) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if style.bold { " font-weight=\"600\"" } else { "" };
        let family =
            if style.mono { " font-family=\"ui-monospace, Menlo, Consolas, monospace\"" } else { "" };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{colour}\"{anchor}{weight}{family}>{}</text>",
            at.0,
            at.1,
            style.size,
            escaped(text)
        );
    }

    /// A line through points, with round corners at none and an arrow at its end if wanted.
    pub(super) fn path(&mut self, points: &[(f64, f64)], colour: &str, arrow: bool) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let marker = if arrow { " marker-end=\"url(#arrow)\"" } else { "" };
        let _ = writeln!(
            self.body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-linejoin=\"round\"{marker}/>",
            points.join(" ")
        );
    }

    /// The whole picture. `title` and `description` are what a screen reader says.
    pub(super) fn finish(
        self,
        size: (f64, f64),
        title: &str,
        description: &str,
        palette: &Palette,
    ) -> String {
        let (width, height) = size;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"title description\" \
             font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif\">\n\
             <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n\
             <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             orient=\"auto-start-reverse\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"{}\"/></marker></defs>\n\
             <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n{}</svg>\n",
            escaped(title),
            escaped(description),
            palette.line,
            palette.paper,
            self.body
        )
    }
}

/// Text of XML; characters that XML cannot hold become the replacement character.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The text cut to so many characters.
pub(super) fn shortened(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// The same, its end kept: of a path or address that is what tells it apart.
pub(super) fn end_of(text: &str, max_chars: usize) -> String {
    let count = text.chars().count();
    if count <= max_chars {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(count - max_chars.saturating_sub(1)).collect();
    format!("…{kept}")
}
