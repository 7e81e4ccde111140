import { useEffect, useMemo, useState } from "preact/hooks";
import { api, type Problem, type Run } from "../api";
import { count, duration, integer } from "../format";
import { Icon } from "../icons";
import { Empty, ProblemBox, Segments } from "../parts";
import { type Binding, ChartPanel, firstBinding } from "./chart_panel";
import { ResultData, type Sort } from "./data";
import { Grid } from "./grid";
import { parsePlan } from "./plan";
import { PlanTree } from "./plan_tree";

type View = "table" | "chart" | "plan" | "messages";

/** What a run gave: rows as a table, chart or plan, and its messages. */
export function Results(props: {
  tab: string;
  run: Run | null;
  place: { line: number; column: number } | null;
  onGoTo: (line: number, column: number) => void;
}) {
  const { run } = props;
  const [chosen, setChosen] = useState(0);
  const [view, setView] = useState<View>("table");
  const withRows = run?.results.flatMap((result, index) => (result.columns && result.done ? [index] : [])) ?? [];
  useEffect(() => {
    setChosen(withRows[withRows.length - 1] ?? 0);
    // A chart stays a chart when its query runs again.
    setView((before) => (withRows.length === 0 || run?.error ? "messages" : before === "messages" ? "table" : before));
  }, [run?.id, run?.state]);
  if (!run) return <Empty title="Results appear here">Control + Enter runs the text or its selection.</Empty>;
  if (run.state === "running" && withRows.length === 0) {
    return <p class="running pad" role="status"><span class="spinner" /> Running …</p>;
  }
  const result = run.results[chosen];
  const shown = result?.columns && result.done;
  const isPlan = result?.tag === "EXPLAIN";
  const fitting: View = isPlan ? (view === "messages" ? view : "plan") : view === "plan" ? "table" : view;
  return (
    <div class="results">
      {run.error && (
        <ProblemBox problem={run.error}>
          {props.place && (
            <button type="button" class="link" onClick={() => props.place && props.onGoTo(props.place.line, props.place.column)}>
              Line {props.place.line}, column {props.place.column}
            </button>
          )}
        </ProblemBox>
      )}
      {shown ? (
        <RowsView
          key={`${run.id}:${chosen}`}
          run={run}
          index={chosen}
          tab={props.tab}
          view={fitting}
          views={isPlan ? ["plan", "messages"] : ["table", "chart", "messages"]}
          onView={setView}
          picker={
            withRows.length > 1 && (
              <label class="field">
                Result
                <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
                  {withRows.map((index, at) => (
                    <option key={index} value={index}>
                      {at + 1} of {withRows.length}: {integer(run.results[index].row_count)} rows
                    </option>
                  ))}
                </select>
              </label>
            )
          }
        />
      ) : (
        <Messages run={run} />
      )}
    </div>
  );
}

/** How the columns of a tab's results were bound. */
const bindings = new Map<string, Binding>();

function RowsView(props: {
  tab: string;
  run: Run;
  index: number;
  view: View;
  views: View[];
  onView: (view: View) => void;
  picker: preact.ComponentChildren;
}) {
  const { run, index, view } = props;
  const result = run.results[index];
  const [version, setVersion] = useState(0);
  const [sort, setSort] = useState<Sort>(null);
  const [filters, setFilters] = useState<string[] | null>(null);
  const [opened, setOpened] = useState<{ row: number; column: number } | null>(null);
  const [said, setSaid] = useState("");
  const key = `${props.tab}:${(result.columns ?? []).map((column) => `${column.name} ${column.type}`).join()}`;
  const [binding, setBinding] = useState<Binding>(() => bindings.get(key) ?? firstBinding(result.columns ?? []));
  const [problem, setProblem] = useState<Problem | null>(null);
  const data = useMemo(
    () => new ResultData(run.id, index, result.columns ?? [], result.row_count, () => setVersion((before) => before + 1)),
    [run.id, index],
  );
  useEffect(() => {
    data.load().catch((error) => setProblem({ message: `The rows could not be fetched: ${error.message}` }));
    return () => data.stop();
  }, [data]);
  useMemo(() => data.arrange(sort, filters ?? []), [data, version, sort, filters]);

  const names: Record<View, string> = { table: "Table", chart: "Chart", plan: "Plan", messages: "Messages" };
  const filtered = data.shownCount !== data.rowCount;
  const waiting = !data.complete && (sort !== null || filtered || view === "chart");
  return (
    <>
      <div class="result-bar">
        <Segments label="View" value={view} options={props.views.map((name) => [name, names[name]])} onChange={props.onView} />
        {props.picker}
        <span class="quiet" role="status">
          {filtered ? `${integer(data.shownCount)} of ` : ""}
          {count(result.row_count, "row")}
          {result.truncated && " (the limit; there are more)"} · {duration(result.elapsed_ms)}
          {waiting && ` · ${integer(data.loaded)} loaded`}
          {said && ` · ${said}`}
        </span>
        <span class="grow" />
        {view === "table" && (
          <button type="button" class="button" aria-pressed={filters !== null} onClick={() => setFilters(filters ? null : [])}>
            <Icon name="filter" /> Filter
          </button>
        )}
        {(view === "table" || view === "plan") && (
          <button
            type="button"
            class="button"
            onClick={async () => {
              const columns = data.columns.map((_, column) => column);
              await navigator.clipboard.writeText(data.text(0, Math.min(data.shownCount, data.loaded), columns, true));
              setSaid(`${count(data.shownCount, "row")} copied`);
            }}
          >
            <Icon name="copy" /> Copy
          </button>
        )}
        {view !== "plan" && (
          <span class="downloads" role="group" aria-label="Download">
            <Icon name="download" />
            {(["csv", "json", "parquet"] as const).map((format) => (
              <a key={format} class="button" href={api.fileUrl(run.id, index, format)} download={`result.${format}`}>
                {{ csv: "CSV", json: "JSON", parquet: "Parquet" }[format]}
              </a>
            ))}
          </span>
        )}
      </div>
      {problem && <ProblemBox problem={problem} />}
      <div class="result-body">
        {view === "table" && (
          <Grid
            data={data}
            version={version}
            sort={sort}
            filters={filters}
            onSort={setSort}
            onFilter={setFilters}
            onOpen={setOpened}
            onCopied={setSaid}
          />
        )}
        {view === "chart" && <ChartPanel data={data} version={version} binding={binding} onBind={(next) => {
              bindings.set(key, next);
              setBinding(next);
            }} />}
        {view === "plan" && <PlanTree nodes={parsePlan(data.cells[0].map((line) => line ?? ""))} />}
        {view === "messages" && <Messages run={run} />}
      </div>
      {opened && (
        <ValueDialog
          name={data.columns[opened.column].name}
          value={data.cell(opened.row, opened.column) ?? null}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}

/** A value in full; JSON is laid out. */
function ValueDialog(props: { name: string; value: string | null; onClose: () => void }) {
  let text = props.value ?? "NULL";
  if (/^\s*[[{]/.test(text)) {
    try {
      text = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // No JSON after all.
    }
  }
  return (
    <dialog
      class="value-dialog"
      aria-label={`Value of ${props.name}`}
      ref={(element) => {
        if (element && !element.open) element.showModal();
      }}
      onClose={props.onClose}
      onClick={(event) => event.target === event.currentTarget && props.onClose()}
    >
      <header>
        <h2>{props.name}</h2>
        <span class="grow" />
        <button type="button" class="button" onClick={() => void navigator.clipboard.writeText(text)}>
          <Icon name="copy" /> Copy
        </button>
        <button type="button" class="icon-button" aria-label="Close" onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      <pre tabIndex={0}>{text}</pre>
    </dialog>
  );
}

function Messages({ run }: { run: Run }) {
  return (
    <ol class="messages">
      {run.results.map((result, index) => (
        <li key={index}>
          <code>{result.columns ? `${result.tag ?? "…"} ${result.row_count}` : (result.tag ?? "…")}</code>
          <span class="quiet">{duration(result.elapsed_ms)}</span>
          {result.notices.map((notice, at) => (
            <p key={at} class="notice">
              {notice}
            </p>
          ))}
        </li>
      ))}
      {run.results.length === 0 && !run.error && <li class="quiet">There was nothing to run.</li>}
    </ol>
  );
}
