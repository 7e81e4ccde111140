// Charts, drawn by Observable Plot; loaded when the first one is shown.
import * as Plot from "@observablehq/plot";
import type { Cell, ChartKind, Column } from "./api";
import { compact, decimal, isNumeric, isTemporal, parseMoment } from "./format";

export interface ChartSpec {
  kind: ChartKind;
  x?: string;
  y: string[];
  series?: string;
  value?: string;
  unit?: string;
  names?: string[];
  horizontal?: boolean;
  columns: Column[];
  rows: Cell[][];
}

type Value = string | number | Date | null;
type Point = { x: Value; y: Value; series: string; value: Value };

/** Colours that series take in turns. */
const COLORS = 8;
/** Height of the line of names above a chart. */
const LEGEND = 26;

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function draw(spec: ChartSpec, size: { width: number; height: number }, label: string): Element {
  if (spec.kind === "table") return table(spec);
  if (spec.kind === "number") return number(spec);
  const points = pointsOf(spec);
  const names = [...new Set(points.map((point) => point.series))];
  const several = names.length > 1 && spec.kind !== "heatmap";
  const chart = plot(spec, points, { width: size.width, height: size.height - (several ? LEGEND : 0) }, label);
  // The page's policy lets only styles with its nonce in.
  const nonce = document.querySelector<HTMLLinkElement>("link[nonce]")?.nonce ?? "";
  for (const style of chart.querySelectorAll("style")) style.nonce = nonce;
  // The drawing is one picture with one name; its parts are none.
  chart.role = "img";
  for (const part of chart.querySelectorAll("g[aria-label]")) part.removeAttribute("aria-label");
  if (!several) return chart;
  const holder = document.createElement("div");
  holder.append(legend(names), chart);
  return holder;
}

function legend(names: string[]): Element {
  const list = document.createElement("ul");
  list.className = "legend";
  names.forEach((name, index) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = `swatch series-${(index % COLORS) + 1}`;
    item.append(swatch, name);
    list.append(item);
  });
  return list;
}

function plot(spec: ChartSpec, points: Point[], size: { width: number; height: number }, label: string): Element {
  if (points.length === 0) return message("No rows");
  const several = new Set(points.map((point) => point.series)).size > 1;
  const typeOf = (name?: string) => spec.columns.find((column) => column.name === name)?.type ?? null;
  const xTemporal = isTemporal(typeOf(spec.x));
  const axis = { label: null, tickSize: 0, tickPadding: 8 };
  const base: Plot.PlotOptions = {
    width: size.width,
    height: size.height,
    marginLeft: 52,
    marginRight: 16,
    marginTop: 16,
    marginBottom: 32,
    ariaLabel: label,
    style: { background: "transparent", fontFamily: "inherit", fontSize: "12px", color: color("--quiet") },
    x: { ...axis, ...(xTemporal ? { type: "utc" } : {}) },
    y: { ...axis, grid: true, zero: spec.kind !== "scatter", nice: true, tickFormat: compact },
  };
  const palette = { domain: [...new Set(points.map((point) => point.series))], range: series() };
  const tip = { fill: color("--raised"), stroke: color("--border-strong") };
  const first = color("--series-1");

  if (spec.kind === "heatmap") return heatmap(spec, points, base);
  if (spec.kind === "bar" && spec.horizontal) return lyingBars(spec, points, base, size);
  if (spec.kind === "bar") {
    const labels = new Set(points.map((point) => String(point.x))).size;
    const dense = labels > Math.max(4, size.width / 46);
    return Plot.plot({
      ...base,
      marginBottom: dense ? 84 : 32,
      color: palette,
      x: {
        ...axis,
        type: "band",
        padding: 0.2,
        tickRotate: dense ? -40 : 0,
        tickFormat: (value: Value) => shortened(shown(value), 18),
        ticks: labels > 60 ? [...new Set(points.map((point) => point.x))].filter((_, index) => index % Math.ceil(labels / 30) === 0) : undefined,
      } as Plot.ScaleOptions,
      marks: [
        Plot.barY(points, { x: "x", y: "y", fill: several ? "series" : first, sort: null, rx: 2 } as Plot.BarYOptions),
        Plot.tip(points, Plot.pointerX(Plot.stackY({ x: "x", y: "y", channels: channels(several), title: titled(several), ...tip } as Plot.TipOptions))),
        Plot.ruleY([0], { stroke: color("--border-strong") }),
      ],
    });
  }
  const stacked = spec.kind === "area" && several;
  const marks: Plot.Markish[] = [];
  if (spec.kind === "scatter") {
    marks.push(Plot.dot(points, { x: "x", y: "y", fill: several ? "series" : first, fillOpacity: 0.7, r: 3.5 }));
  } else if (spec.kind === "area") {
    marks.push(
      Plot.areaY(points, { x: "x", y: "y", fill: several ? "series" : first, fillOpacity: several ? 0.8 : 0.25, z: "series" }),
    );
    if (!several) marks.push(Plot.lineY(points, { x: "x", y: "y", stroke: first, strokeWidth: 2 }));
  } else {
    marks.push(
      Plot.lineY(points, { x: "x", y: "y", stroke: several ? "series" : first, z: "series", strokeWidth: 2, marker: points.length <= 60 ? "circle" : undefined }),
    );
  }
  const options = { x: "x", y: "y", title: titled(several), ...tip } as Plot.TipOptions;
  marks.push(
    Plot.tip(points, spec.kind === "scatter" ? Plot.pointer(options) : Plot.pointerX(stacked ? (Plot.stackY({ ...options, z: "series" } as Plot.StackOptions) as Plot.TipOptions) : options)),
  );
  if (spec.kind !== "scatter") marks.push(Plot.ruleY([0], { stroke: color("--border-strong") }));
  return Plot.plot({ ...base, color: palette, marks });
}

function heatmap(spec: ChartSpec, points: Point[], base: Plot.PlotOptions): Element {
  const named = (value: Value) => spec.names?.[Number(value)] ?? shown(value);
  const short = (value: Value) => (spec.names ? named(value).slice(0, 3) : shortened(named(value), 12));
  return Plot.plot({
    ...base,
    marginLeft: 44,
    x: { ...base.x, type: "band", padding: 0.04 } as Plot.ScaleOptions,
    y: { label: null, tickSize: 0, type: "band", padding: 0.06, grid: false, tickFormat: short } as Plot.ScaleOptions,
    color: { range: [color("--heat-low"), color("--heat-high")], interpolate: "hcl" },
    marks: [
      Plot.cell(points, { x: "x", y: "y", fill: "value", rx: 3 } as Plot.CellOptions),
      Plot.tip(points, Plot.pointer({
        x: "x",
        y: "y",
        title: (point: Point) => `${named(point.y)}, ${spec.x} ${shown(point.x)}\n${spec.value}: ${decimal(Number(point.value))}`,
        fill: color("--raised"),
        stroke: color("--border-strong"),
      } as Plot.TipOptions)),
    ],
  });
}

function lyingBars(spec: ChartSpec, points: Point[], base: Plot.PlotOptions, size: { width: number }): Element {
  return Plot.plot({
    ...base,
    marginLeft: Math.min(220, size.width * 0.42),
    marginRight: 44,
    x: { label: null, tickSize: 0, grid: true, nice: true, tickFormat: compact },
    y: { label: null, tickSize: 0, type: "band", padding: 0.22, grid: false, domain: [...new Set(points.map((point) => point.x))], tickFormat: (value: Value) => shortened(shown(value), Math.floor(Math.min(220, size.width * 0.42) / 6.6)) } as Plot.ScaleOptions,
    marks: [
      Plot.barX(points, { y: "x", x: "y", fill: color("--series-1"), rx: 2 } as Plot.BarXOptions),
      Plot.text(points, { y: "x", x: "y", text: (point: Point) => compact(Number(point.y)), dx: 6, textAnchor: "start", fill: color("--text") } as Plot.TextOptions),
      Plot.tip(points, Plot.pointerY({ y: "x", x: "y", title: (point: Point) => `${shown(point.x)}\n${spec.y[0]}: ${decimal(Number(point.y))}`, fill: color("--raised"), stroke: color("--border-strong") } as Plot.TipOptions)),
    ],
  });
}

const channels = (several: boolean) => (several ? { series: "series" } : {});

const titled = (several: boolean) => (point: Point) =>
  `${shown(point.x)}\n${several ? `${point.series}: ` : ""}${decimal(Number(point.y))}`;

/** A point for each row and vertical column. */
function pointsOf(spec: ChartSpec): Point[] {
  const at = (name?: string) => spec.columns.findIndex((column) => column.name === name);
  const [x, series, value] = [at(spec.x), at(spec.series), at(spec.value)];
  const ys = spec.y.map(at).filter((index) => index >= 0);
  const heat = spec.kind === "heatmap";
  const typed = (row: Cell[], index: number): Value => {
    const cell = row[index];
    if (index < 0 || cell === null || cell === undefined) return null;
    const { type } = spec.columns[index];
    if (isNumeric(type)) return Number(cell);
    return isTemporal(type) ? parseMoment(cell) : cell;
  };
  const points: Point[] = [];
  for (const row of spec.rows) {
    for (const y of ys) {
      const name = spec.columns[y].name;
      const group = series >= 0 ? (row[series] ?? "NULL") : name;
      const point = { x: typed(row, x), y: typed(row, y), series: ys.length > 1 && series >= 0 ? `${group} · ${name}` : group, value: typed(row, value) };
      if (point.x === null && spec.kind === "bar") point.x = "NULL";
      if (heat || (typeof point.y === "number" && Number.isFinite(point.y) && point.x !== null)) points.push(point);
    }
  }
  // Lines go from left to right, whatever the order of the rows.
  if (spec.kind === "line" || spec.kind === "area") {
    points.sort((a, b) => (typeof a.x === "string" || typeof b.x === "string" ? 0 : Number(a.x) - Number(b.x)));
  }
  return points;
}

function shown(value: Value): string {
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace(/( 00:00)?(:00)?\.000Z$/, "");
  return typeof value === "number" ? decimal(value) : (value ?? "NULL");
}

const shortened = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

const series = () => Array.from({ length: COLORS }, (_, index) => color(`--series-${index + 1}`));

function message(text: string): Element {
  const element = document.createElement("p");
  element.className = "quiet pad";
  element.textContent = text;
  return element;
}

function number(spec: ChartSpec): Element {
  const column = spec.columns.findIndex((one) => one.name === spec.y[0]);
  const cell = spec.rows[0]?.[column];
  const element = document.createElement("p");
  element.className = "big-number";
  const text = cell === null || cell === undefined ? "none" : Number.isFinite(Number(cell)) ? decimal(Number(cell)) : cell;
  element.append(text);
  if (spec.unit && cell) {
    const unit = document.createElement("span");
    unit.className = "unit";
    unit.textContent = spec.unit;
    element.append(unit);
  }
  return element;
}

function table(spec: ChartSpec): Element {
  const table = document.createElement("table");
  table.className = "plain";
  const head = table.createTHead().insertRow();
  for (const column of spec.columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column.name;
    cell.className = isNumeric(column.type) ? "numeric" : "";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of spec.rows.slice(0, 500)) {
    const line = body.insertRow();
    row.forEach((value, index) => {
      const cell = line.insertCell();
      cell.textContent = value ?? "NULL";
      cell.className = `${isNumeric(spec.columns[index].type) ? "numeric" : ""} ${value === null ? "null" : ""}`;
    });
  }
  const holder = document.createElement("div");
  holder.className = "table-scroll";
  holder.tabIndex = 0;
  holder.role = "region";
  holder.ariaLabel = "Rows";
  holder.append(table);
  return holder;
}
