import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ChartKind, Column } from "../api";
import type { ChartSpec } from "../chart";
import { isNumeric, isTemporal } from "../format";
import { useDark, useSize } from "../hooks";
import type { ResultData } from "./data";

export const CHARTABLE_ROWS = 20_000;

export interface Binding {
  kind: Exclude<ChartKind, "heatmap">;
  x: string;
  y: string[];
  series: string;
}

/** What one most likely wants to see of these columns. */
export function firstBinding(columns: Column[]): Binding {
  const time = isTemporal(columns[0]?.type ?? null) ? columns[0] : undefined;
  const texts = columns.filter((column) => !isNumeric(column.type) && !isTemporal(column.type));
  const numbers = columns.filter((column) => isNumeric(column.type));
  // `GROUP BY hour, level`: what is counted stands behind what it is counted by.
  const key = numbers.length > 1 && columns[0] === numbers[0] ? numbers[0] : undefined;
  const x = time ?? key ?? texts[0] ?? numbers[0] ?? columns[0];
  const y = numbers.filter((column) => column !== x);
  const one = columns.length === 1 && numbers.length === 1;
  return {
    kind: one ? "number" : time ? "line" : texts.length > 0 || numbers.length < 3 ? "bar" : "scatter",
    x: x?.name ?? "",
    y: (y.length ? y.slice(0, 1) : numbers.slice(0, 1)).map((column) => column.name),
    series: x !== texts[0] && texts.length === 1 ? texts[0].name : "",
  };
}

/** Binds columns to a chart, and draws it. */
export function ChartPanel(props: { data: ResultData; version: number; binding: Binding; onBind: (binding: Binding) => void }) {
  const { data, binding, onBind } = props;
  const names = data.columns.map((column) => column.name);
  const numbers = data.columns.filter((column) => isNumeric(column.type)).map((column) => column.name);
  const shown = Math.min(data.loaded, CHARTABLE_ROWS);
  const spec: ChartSpec = useMemo(
    () => ({
      kind: binding.kind,
      x: binding.x,
      y: binding.y,
      series: binding.series || undefined,
      columns: data.columns,
      rows: Array.from({ length: shown }, (_, row) => data.cells.map((column) => column[row] ?? null)),
    }),
    [data, shown, binding],
  );
  const select = (label: string, value: string, options: string[], change: (value: string) => void, none?: string) => (
    <label class="field">
      {label}
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
  const kinds: Binding["kind"][] = ["line", "area", "bar", "scatter", "table", "number"];
  return (
    <div class="chart-panel">
      <div class="chart-fields">
        {select("Chart", binding.kind, kinds, (kind) => onBind({ ...binding, kind: kind as Binding["kind"] }))}
        {binding.kind !== "number" && binding.kind !== "table" && select("Horizontal", binding.x, names, (x) => onBind({ ...binding, x }))}
        {binding.kind !== "table" &&
          select("Vertical", binding.y[0] ?? "", numbers, (first) => onBind({ ...binding, y: [first, ...binding.y.slice(1).filter((name) => name !== first)] }))}
        {!["number", "table"].includes(binding.kind) && (
          <>
            {select(
              "And",
              binding.y[1] ?? "",
              numbers.filter((name) => name !== binding.y[0]),
              (second) => onBind({ ...binding, y: second ? [binding.y[0], second] : binding.y.slice(0, 1) }),
              "none",
            )}
            {select("Series", binding.series, names, (series) => onBind({ ...binding, series }), "none")}
          </>
        )}
        {data.rowCount > CHARTABLE_ROWS && <p class="quiet">The first {CHARTABLE_ROWS.toLocaleString("en-US")} rows are drawn.</p>}
      </div>
      <Chart spec={spec} label={`${binding.kind} chart of ${binding.y.join(" and ")} by ${binding.x}`} />
    </div>
  );
}

/** Draws into the room that there is. */
export function Chart({ spec, label }: { spec: ChartSpec; label: string }) {
  const [ref, size] = useSize<HTMLDivElement>();
  const dark = useDark();
  const drawn = useRef(0);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    if (size.width < 40 || size.height < 40) return;
    const turn = ++drawn.current;
    void import("../chart").then(({ draw }) => {
      if (turn !== drawn.current || !ref.current) return;
      try {
        ref.current.replaceChildren(draw(spec, size, label));
        setFailed("");
      } catch (error) {
        ref.current.replaceChildren();
        setFailed(error instanceof Error ? error.message : String(error));
      }
    });
  }, [spec, size.width, size.height, dark]);
  return (
    <div class="chart-holder">
      {failed && <p class="quiet pad">This cannot be drawn: {failed}</p>}
      <div class="chart" ref={ref} />
    </div>
  );
}
