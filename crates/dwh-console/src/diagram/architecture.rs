//! What runs where: sources, warehouse, pipeline, and the doors that clients come in by.

use std::fmt::Write as _;

use super::Theme;
use super::svg::{Anchor, Canvas, PLAIN, Palette, Style, end_of, shortened};

/// What is drawn. Nothing in it is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Architecture {
    /// What is loaded: name of the load and its location.
    pub sources: Vec<(String, String)>,
    /// What the warehouse is: `Amazon Redshift`, `Embedded warehouse`.
    pub warehouse: String,
    /// Its folder or endpoint.
    pub location: String,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Tables that are loaded into.
    pub staging: Vec<String>,
    /// Tables that are derived from them.
    pub star: Vec<String>,
    /// How clients come in.
    pub doors: Vec<Door>,
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// What is spoken there.
    pub name: String,
    /// Address.
    pub address: String,
    /// Who uses it.
    pub clients: String,
}

const MARGIN: f64 = 24.0;
const SIDE: f64 = 250.0;
const MIDDLE: f64 = 480.0;
const GAP: f64 = 92.0;
const BOX: f64 = 66.0;
const SPACE: f64 = 22.0;

impl Architecture {
    /// The drawing.
    pub fn svg(&self, theme: Theme) -> String {
        let palette = theme.palette();
        let mut canvas = Canvas::new();
        let lists = (self.staging.len().max(1) * 22).max(self.star.len().max(1) * 22) as f64;
        let inner = 70.0 + lists;
        let count = self.sources.len().max(self.doors.len()).max(1) as f64;
        let height = (inner + 96.0).max(count * (BOX + SPACE) - SPACE);
        let top = MARGIN + 30.0;
        let middle_x = MARGIN + SIDE + GAP;
        let right_x = middle_x + MIDDLE + GAP;
        for (x, heading) in [(MARGIN, "Sources"), (middle_x, "Warehouse"), (right_x, "Clients")] {
            let style = Style { size: 13.0, bold: true, ..PLAIN };
            canvas.text((x, MARGIN + 10.0), heading, palette.quiet, &style);
        }
        let centre = top + height / 2.0;
        for (index, (name, location)) in self.sources.iter().enumerate() {
            let y = column_y(top, height, self.sources.len(), index);
            card(&mut canvas, (MARGIN, y), name, location, "objects in S3 or files", &palette);
            let end = centre + (index as f64 - (self.sources.len() as f64 - 1.0) / 2.0) * 26.0;
            let bend = MARGIN + SIDE + GAP / 2.0;
            let line =
                [(MARGIN + SIDE, y + BOX / 2.0), (bend, y + BOX / 2.0), (bend, end), (middle_x - 1.0, end)];
            canvas.path(&line, palette.line, true);
        }
        let label = Style { size: 11.0, bold: true, ..PLAIN };
        if !self.sources.is_empty() {
            canvas.text((middle_x - 40.0, centre - 24.0), "COPY", palette.quiet, &label);
        }
        self.draw_warehouse(&mut canvas, (middle_x, top), (MIDDLE, height), &palette);
        for (index, door) in self.doors.iter().enumerate() {
            let y = column_y(top, height, self.doors.len(), index);
            card(&mut canvas, (right_x, y), &door.name, &door.address, &door.clients, &palette);
            canvas.path(
                &[(right_x, y + BOX / 2.0), (middle_x + MIDDLE + 1.0, y + BOX / 2.0)],
                palette.line,
                true,
            );
        }
        let size = (right_x + SIDE + MARGIN, top + height + MARGIN);
        canvas.finish(size, "Architecture", &self.description(), &palette)
    }

    fn draw_warehouse(
        &self,
        canvas: &mut Canvas,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        palette: &Palette,
    ) {
        canvas.rect((x, y), (width, height), 10.0, palette.box_fill, Some(palette.line));
        let title = Style { size: 15.0, bold: true, ..PLAIN };
        canvas.text((x + 18.0, y + 26.0), &self.warehouse, palette.text, &title);
        let mono = Style { size: 11.0, mono: true, ..PLAIN };
        canvas.text((x + 18.0, y + 44.0), &end_of(&self.location, 64), palette.quiet, &mono);
        let (list_y, list_height) = (y + 60.0, height - 100.0);
        let (list_width, between) = (180.0, width - 36.0 - 2.0 * 180.0);
        for (offset, heading, names, colour) in [
            (0.0, "Staging", &self.staging, palette.staging),
            (list_width + between, "Star schema", &self.star, palette.fact),
        ] {
            let left = x + 18.0 + offset;
            canvas.rect((left, list_y), (list_width, list_height), 8.0, palette.paper, Some(palette.line));
            canvas.rect((left, list_y), (list_width, 26.0), 8.0, colour, None);
            canvas.rect((left, list_y + 16.0), (list_width, 10.0), 0.0, colour, None);
            let heading_style = Style { bold: true, ..PLAIN };
            canvas.text((left + 12.0, list_y + 18.0), heading, palette.on_colour, &heading_style);
            for (index, name) in names.iter().enumerate() {
                let baseline = list_y + 46.0 + index as f64 * 22.0;
                canvas.text((left + 12.0, baseline), &shortened(name, 24), palette.text, &PLAIN);
            }
        }
        let arrow_y = list_y + list_height / 2.0;
        let start = x + 18.0 + list_width;
        canvas.path(&[(start, arrow_y), (start + between - 1.0, arrow_y)], palette.line, true);
        let label = Style { size: 11.0, bold: true, anchor: Anchor::Middle, ..PLAIN };
        canvas.text((start + between / 2.0, arrow_y - 8.0), "SQL", palette.quiet, &label);
        let foot =
            format!("pipeline {}: loads and transforms in one transaction, then checks", self.pipeline);
        canvas.text(
            (x + 18.0, y + height - 16.0),
            &shortened(&foot, 72),
            palette.quiet,
            &Style { size: 11.0, ..PLAIN },
        );
    }

    /// What the drawing shows, in words.
    fn description(&self) -> String {
        let mut text = format!("{} at {}.", self.warehouse, self.location);
        for (name, location) in &self.sources {
            let _ = write!(text, " {name} is loaded from {location}.");
        }
        for door in &self.doors {
            let _ = write!(text, " {} at {} for {}.", door.name, door.address, door.clients);
        }
        text
    }

    /// A `flowchart`.
    pub fn mermaid(&self) -> String {
        let label = |text: &str| {
            let safe = |c: char| {
                if matches!(c, '"' | '<' | '>' | '&' | '#' | ';') || c.is_control() { ' ' } else { c }
            };
            text.chars().map(safe).collect::<String>()
        };
        let mut text = String::from("flowchart LR\n");
        for (index, (name, location)) in self.sources.iter().enumerate() {
            let _ = writeln!(
                text,
                "    source{index}[(\"{}\\n{}\")] -- COPY --> staging",
                label(name),
                label(location)
            );
        }
        let _ = writeln!(
            text,
            "    subgraph warehouse[\"{}\\n{}\"]",
            label(&self.warehouse),
            label(&self.location)
        );
        let _ = writeln!(
            text,
            "        staging[\"{}\"] -- SQL --> star[\"{}\"]",
            label(&self.staging.join("\\n")),
            label(&self.star.join("\\n"))
        );
        text.push_str("    end\n");
        for (index, door) in self.doors.iter().enumerate() {
            let _ = writeln!(
                text,
                "    door{index}[\"{}\\n{}\\n{}\"] --> warehouse",
                label(&door.name),
                label(&door.address),
                label(&door.clients)
            );
        }
        text
    }
}

fn column_y(top: f64, height: f64, count: usize, index: usize) -> f64 {
    let used = count as f64 * (BOX + SPACE) - SPACE;
    top + (height - used) / 2.0 + index as f64 * (BOX + SPACE)
}

fn card(canvas: &mut Canvas, (x, y): (f64, f64), title: &str, address: &str, note: &str, palette: &Palette) {
    canvas.rect((x, y), (SIDE, BOX), 8.0, palette.box_fill, Some(palette.line));
    let bold = Style { size: 13.0, bold: true, ..PLAIN };
    canvas.text((x + 14.0, y + 20.0), &shortened(title, 32), palette.text, &bold);
    let mono = Style { size: 11.0, mono: true, ..PLAIN };
    canvas.text((x + 14.0, y + 38.0), &end_of(address, 33), palette.text, &mono);
    canvas.text((x + 14.0, y + 55.0), &shortened(note, 40), palette.quiet, &Style { size: 11.0, ..PLAIN });
}
