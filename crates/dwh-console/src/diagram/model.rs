//! The data model: tables with their keys, and the drawing of a star schema.

use super::Theme;
use super::svg::{Anchor, Canvas, PLAIN, Palette, Style, shortened};
use crate::catalog::{Catalog, ForeignKey, Relation, RelationKind};

const ROW: f64 = 20.0;
const HEADER: f64 = 46.0;
const WIDTH: f64 = 332.0;
const GAP_X: f64 = 84.0;
const GAP_Y: f64 = 28.0;
const MARGIN: f64 = 24.0;
/// Columns of a staging table that are drawn; the rest is counted.
const MAX_COLUMNS: usize = 24;

/// Tables with columns and keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataModel {
    pub(super) tables: Vec<ModelTable>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelTable {
    /// With its schema, unless that is `public`.
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) relation: Relation,
}

/// What a table is for, as its keys and name tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Refers to others, the most of all.
    Fact,
    /// Is referred to.
    Dimension,
    /// Is loaded into.
    Staging,
    /// Neither.
    Other,
}

impl Role {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Dimension => "dimension",
            Self::Staging => "staging",
            Self::Other => "table",
        }
    }

    fn colour(self, palette: &Palette) -> &'static str {
        match self {
            Self::Fact => palette.fact,
            Self::Dimension => palette.dimension,
            Self::Staging | Self::Other => palette.staging,
        }
    }
}

impl DataModel {
    /// The tables of all schemas that are not the system's.
    pub fn of_catalog(catalog: &Catalog) -> Self {
        let tables: Vec<(String, Relation)> = catalog
            .user_relations()
            .filter(|(_, relation)| relation.kind == RelationKind::Table)
            .map(|(schema, relation)| (full_name(&schema.name, &relation.name), relation.clone()))
            .collect();
        let most = tables.iter().map(|(_, table)| table.foreign_keys.len()).max().unwrap_or(0);
        let is_target = |name: &str| {
            let mut keys = tables.iter().flat_map(|(_, table)| &table.foreign_keys);
            keys.any(|key| target(key) == name)
        };
        let role = |name: &str, table: &Relation| {
            if most > 0 && table.foreign_keys.len() == most {
                Role::Fact
            } else if is_target(name) || !table.foreign_keys.is_empty() {
                Role::Dimension
            } else if table.name.starts_with("staging") || table.name.starts_with("stg_") {
                Role::Staging
            } else {
                Role::Other
            }
        };
        let roles: Vec<Role> = tables.iter().map(|(name, table)| role(name, table)).collect();
        let table = |((name, relation), role)| ModelTable { name, role, relation };
        Self { tables: tables.into_iter().zip(roles).map(table).collect() }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The drawing.
    pub fn svg(&self, theme: Theme) -> String {
        let palette = theme.palette();
        let places = self.places();
        let mut canvas = Canvas::new();
        for (index, table) in self.tables.iter().enumerate() {
            for key in &table.relation.foreign_keys {
                if let Some(to) = self.tables.iter().position(|other| other.name == target(key)) {
                    canvas.path(&self.line(&places, (index, to), key), palette.line, true);
                }
            }
        }
        for (table, place) in self.tables.iter().zip(&places) {
            table.draw(&mut canvas, *place, &palette);
        }
        let right = places.iter().map(|(x, _)| x + WIDTH).fold(WIDTH, f64::max);
        let bottom =
            self.tables.iter().zip(&places).map(|(table, (_, y))| y + table.height()).fold(HEADER, f64::max);
        let size = (right + MARGIN, bottom + MARGIN);
        if self.is_empty() {
            let text = "There are no tables yet.";
            canvas.text((MARGIN, MARGIN + 12.0), text, palette.text, &PLAIN);
        }
        canvas.finish(size, "Data model", &self.description(), &palette)
    }

    /// What the drawing shows, in words.
    fn description(&self) -> String {
        let table = |table: &ModelTable| {
            let keys = table
                .relation
                .foreign_keys
                .iter()
                .map(|key| format!("{} refers to {}", key.columns.join(", "), target(key)));
            let keys: Vec<String> = keys.collect();
            let keys = if keys.is_empty() { String::new() } else { format!(": {}", keys.join("; ")) };
            format!("{} ({}){keys}.", table.name, table.role.label())
        };
        self.tables.iter().map(table).collect::<Vec<_>>().join(" ")
    }

    /// Where each table's upper left corner is: facts in the middle, dimensions on both sides, the others below.
    fn places(&self) -> Vec<(f64, f64)> {
        let mut places = vec![(MARGIN, MARGIN); self.tables.len()];
        let of = |role: Role| self.tables.iter().enumerate().filter(move |(_, table)| table.role == role);
        // Dimensions in turns into the shorter side, so that both are about as high.
        let mut heights = [0.0_f64, 0.0];
        for (index, table) in of(Role::Dimension) {
            let side = usize::from(heights[1] < heights[0]);
            let x = if side == 0 { MARGIN } else { MARGIN + 2.0 * (WIDTH + GAP_X) };
            places[index] = (x, MARGIN + heights[side]);
            heights[side] += table.height() + GAP_Y;
        }
        let tallest = heights[0].max(heights[1]);
        let middle: f64 = of(Role::Fact).map(|(_, table)| table.height() + GAP_Y).sum();
        let mut y = MARGIN + ((tallest - middle) / 2.0).max(0.0);
        for (index, table) in of(Role::Fact) {
            places[index] = (MARGIN + WIDTH + GAP_X, y);
            y += table.height() + GAP_Y;
        }
        let has_star = of(Role::Fact).next().is_some();
        let top = if has_star { MARGIN + tallest.max(middle) + GAP_Y } else { MARGIN };
        let mut bottoms = [top; 3];
        let rest = self.tables.iter().enumerate();
        for (index, table) in rest.filter(|(_, table)| matches!(table.role, Role::Staging | Role::Other)) {
            let column = (0..3).min_by(|a, b| bottoms[*a].total_cmp(&bottoms[*b])).unwrap_or(0);
            places[index] = (MARGIN + column as f64 * (WIDTH + GAP_X), bottoms[column]);
            bottoms[column] += table.height() + GAP_Y;
        }
        places
    }

    /// From the referring column to the column referred to.
    fn line(&self, places: &[(f64, f64)], (from, to): (usize, usize), key: &ForeignKey) -> Vec<(f64, f64)> {
        let y = |index: usize, columns: &[String]| {
            let table: &ModelTable = &self.tables[index];
            let row = columns
                .first()
                .and_then(|name| table.relation.columns.iter().position(|column| column.name == *name));
            places[index].1 + HEADER + ROW * (row.unwrap_or(0).min(MAX_COLUMNS) as f64 + 0.5)
        };
        let (start_y, end_y) = (y(from, &key.columns), y(to, &key.target_columns));
        let (from_x, to_x) = (places[from].0, places[to].0);
        let (start_x, end_x, bend) = if to_x > from_x {
            (from_x + WIDTH, to_x, to_x - GAP_X / 2.0)
        } else if to_x < from_x {
            (from_x, to_x + WIDTH, from_x - GAP_X / 2.0)
        } else {
            (from_x, to_x, from_x - MARGIN / 2.0)
        };
        // Lines between the same columns of tables are set apart.
        let apart =
            self.tables[from].relation.foreign_keys.iter().position(|other| other == key).unwrap_or(0);
        let bend = bend + (apart as f64 - 1.5) * 9.0;
        vec![(start_x, start_y), (bend, start_y), (bend, end_y), (end_x, end_y)]
    }
}

impl ModelTable {
    fn height(&self) -> f64 {
        let columns = self.relation.columns.len();
        let rows = if columns > MAX_COLUMNS { MAX_COLUMNS + 1 } else { columns };
        HEADER + ROW * rows as f64 + 6.0
    }

    fn draw(&self, canvas: &mut Canvas, (x, y): (f64, f64), palette: &Palette) {
        let colour = self.role.colour(palette);
        canvas.rect((x, y), (WIDTH, self.height()), 8.0, palette.box_fill, Some(palette.line));
        canvas.rect((x, y), (WIDTH, HEADER - 4.0), 8.0, colour, None);
        canvas.rect((x, y + HEADER - 14.0), (WIDTH, 10.0), 0.0, colour, None);
        let name = Style { size: 14.0, bold: true, ..PLAIN };
        canvas.text((x + 12.0, y + 18.0), &shortened(&self.name, 26), palette.on_colour, &name);
        let small = Style { size: 11.0, ..PLAIN };
        let right = Style { anchor: Anchor::End, ..small };
        canvas.text((x + WIDTH - 12.0, y + 18.0), self.role.label(), palette.on_colour, &right);
        canvas.text((x + 12.0, y + 34.0), &shortened(&self.storage(), 54), palette.on_colour, &small);
        for (index, column) in self.relation.columns.iter().take(MAX_COLUMNS).enumerate() {
            let baseline = y + HEADER + ROW * (index as f64 + 0.5) + 4.0;
            let keys = self.keys_of(&column.name);
            let style = Style { bold: keys.contains("PK"), ..PLAIN };
            canvas.text((x + 12.0, baseline), &shortened(&column.name, 22), palette.text, &style);
            canvas.text((x + 158.0, baseline), &keys, palette.quiet, &Style { size: 9.5, ..PLAIN });
            let data_type = short_type(&column.data_type);
            canvas.text(
                (x + WIDTH - 12.0, baseline),
                &data_type,
                palette.quiet,
                &Style { mono: true, ..right },
            );
        }
        let hidden = self.relation.columns.len().saturating_sub(MAX_COLUMNS);
        if hidden > 0 {
            let baseline = y + HEADER + ROW * (MAX_COLUMNS as f64 + 0.5) + 4.0;
            canvas.text((x + 12.0, baseline), &format!("and {hidden} more"), palette.quiet, &small);
        }
    }

    /// Distribution, sort key and rows in a line.
    pub(super) fn storage(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.relation.distribution.as_ref().map(|style| format!("DIST {style}")));
        if !self.relation.sort_key.is_empty() {
            parts.push(format!("SORT {}", self.relation.sort_key.join(", ")));
        }
        parts.extend(self.relation.row_count.map(|rows| format!("{} rows", grouped(rows))));
        parts.join(" · ")
    }

    /// Which keys a column is part of.
    fn keys_of(&self, column: &str) -> String {
        let relation = &self.relation;
        let mut keys = Vec::new();
        if relation.primary_key.iter().any(|name| name == column) {
            keys.push("PK");
        }
        if relation.foreign_keys.iter().any(|key| key.columns.iter().any(|name| name == column)) {
            keys.push("FK");
        }
        if relation.distribution.as_deref() == Some(&format!("KEY({column})")) {
            keys.push("DIST");
        }
        if relation.sort_key.iter().any(|name| name == column) {
            keys.push("SORT");
        }
        keys.join(" ")
    }
}

/// The table's name as [`full_name`] writes it.
pub(super) fn target(key: &ForeignKey) -> String {
    full_name(&key.schema, &key.table)
}

fn full_name(schema: &str, table: &str) -> String {
    if schema == "public" { table.to_owned() } else { format!("{schema}.{table}") }
}

/// The names of types that people write.
pub(super) fn short_type(data_type: &str) -> String {
    data_type
        .replace("character varying", "varchar")
        .replace("character", "char")
        .replace("timestamp without time zone", "timestamp")
        .replace("timestamp with time zone", "timestamptz")
        .replace("time without time zone", "time")
        .replace("binary varying", "varbyte")
        .replace("double precision", "double")
}

/// 16838 as 16,838.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = {
        let first = digits.len() % 3;
        let rest = (first..digits.len()).step_by(3).map(|start| &digits[start..start + 3]);
        (first > 0).then(|| &digits[..first]).into_iter().chain(rest).collect()
    };
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::{grouped, short_type};

    #[test]
    fn numbers_and_types_read_well() {
        assert_eq!(
            (grouped(7), grouped(120), grouped(16_838), grouped(1_000_000)),
            ("7".into(), "120".into(), "16,838".into(), "1,000,000".into())
        );
        assert_eq!(short_type("character varying(64)"), "varchar(64)");
    }
}
