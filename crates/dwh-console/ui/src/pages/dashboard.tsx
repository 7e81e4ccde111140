import { useEffect, useMemo, useState } from "preact/hooks";
import { api, type Filter, type FilterValues, type Panel, type Problem, type Rows } from "../api";
import type { ChartSpec } from "../chart";
import { duration } from "../format";
import { problemOf, useLoaded } from "../hooks";
import { Icon } from "../icons";
import { Empty, ProblemBox, Segments } from "../parts";
import { Chart } from "../query/chart_panel";

/** The pipeline's dashboard, as its dashboard.toml describes it. */
export function DashboardPage() {
  const [loaded, reload] = useLoaded(api.dashboard);
  const [values, setValues] = useState<FilterValues>({});
  const [version, setVersion] = useState(0);
  if (loaded.problem) return <div class="page"><ProblemBox problem={loaded.problem} /></div>;
  if (!loaded.data) return <p class="pad quiet">Loading …</p>;
  const { dashboard, ranges } = loaded.data;
  const set = (name: string, value: FilterValues[string] | null) => {
    const { [name]: _, ...others } = values;
    setValues(value === null ? others : { ...others, [name]: value });
  };
  return (
    <div class="page">
      <div class="page-head">
        <h1>{dashboard.title}</h1>
        {dashboard.filters.map((filter) => (
          <FilterField key={filter.name} filter={filter} range={ranges[filter.name] ?? []} value={values[filter.name]} onChange={(value) => set(filter.name, value)} />
        ))}
        {Object.keys(values).length > 0 && (
          <button type="button" class="link" onClick={() => setValues({})}>
            Clear filters
          </button>
        )}
        <span class="grow" />
        <button
          type="button"
          class="button"
          onClick={() => {
            void reload();
            setVersion(version + 1);
          }}
        >
          <Icon name="refresh" /> Refresh
        </button>
      </div>
      <div class="panels">
        {dashboard.panels.map((panel, index) => (
          <PanelCard key={index} panel={panel} index={index} values={values} version={version} />
        ))}
      </div>
    </div>
  );
}

function FilterField(props: {
  filter: Filter;
  range: string[];
  value: FilterValues[string] | undefined;
  onChange: (value: FilterValues[string] | null) => void;
}) {
  const { filter, range, value } = props;
  if (filter.kind === "choice") {
    const chosen = typeof value === "string" ? value : "";
    return range.length > 0 && range.length <= 4 ? (
      <Segments
        label={filter.label}
        value={chosen}
        options={[["", "All"], ...range.map((choice): [string, string] => [choice, choice])]}
        onChange={(choice) => props.onChange(choice || null)}
      />
    ) : (
      <label class="field">
        {filter.label}
        <select value={chosen} onChange={(event) => props.onChange(event.currentTarget.value || null)}>
          <option value="">all</option>
          {range.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const days = typeof value === "object" ? value : {};
  const change = (part: { from?: string; until?: string }) => {
    const next = Object.fromEntries(Object.entries({ ...days, ...part }).filter(([, day]) => day));
    props.onChange(Object.keys(next).length > 0 ? next : null);
  };
  const day = (name: "from" | "until", label: string, otherwise: string) => (
    <label class="field">
      {label}
      <input
        type="date"
        min={range[0]}
        max={range[1]}
        value={days[name] ?? otherwise ?? ""}
        onChange={(event) => change({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <fieldset class="dates">
      <legend class="visually-hidden">{filter.label}</legend>
      {day("from", "From", range[0])}
      {day("until", "Until", range[1])}
    </fieldset>
  );
}

function PanelCard({ panel, index, values, version }: { panel: Panel; index: number; values: FilterValues; version: number }) {
  const [rows, setRows] = useState<(Rows & { sql: string; elapsed_ms: number }) | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [loading, setLoading] = useState(true);
  useEffect(() => {
    let stale = false;
    setLoading(true);
    api
      .panel(index, values)
      .then((next) => {
        if (stale) return;
        setRows(next);
        setProblem(null);
      })
      .catch((error) => !stale && setProblem(problemOf(error)))
      .finally(() => !stale && setLoading(false));
    return () => {
      stale = true;
    };
  }, [index, values, version]);
  const spec = useMemo<ChartSpec | null>(
    () =>
      rows && {
        kind: panel.chart,
        x: panel.x,
        y: panel.y ?? [],
        series: panel.series,
        value: panel.value,
        unit: panel.unit,
        names: panel.names,
        horizontal: panel.horizontal,
        columns: rows.columns,
        rows: rows.rows,
      },
    [rows],
  );
  return (
    <section class={`panel ${panel.chart} width-${panel.width}`} aria-label={panel.title} aria-busy={loading}>
      <header>
        <h2>{panel.title}</h2>
        {rows && <span class="quiet panel-time">{duration(rows.elapsed_ms)}</span>}
      </header>
      {problem ? (
        <ProblemBox problem={problem} />
      ) : rows && rows.rows.length === 0 ? (
        <Empty title="No rows" />
      ) : (
        spec && <Chart spec={spec} label={panel.title} />
      )}
    </section>
  );
}
