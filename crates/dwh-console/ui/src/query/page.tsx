import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, type Problem, type Relation, type Run, type SavedQuery, type Status } from "../api";
import { duration, quoteName } from "../format";
import { problemOf, useLoaded } from "../hooks";
import { Icon } from "../icons";
import { Segments } from "../parts";
import { type HistoryEntry, load, remember, save, type TabState } from "../store";
import type { Piece, SqlEditor } from "./editor";
import { Results } from "./results";
import { History, SavedQueries } from "./side";
import { SchemaTree } from "./tree";

const WAIT_MS = 10_000;
const PREVIEW_ROWS = 100;

type Side = "tables" | "queries" | "history";

/** What a tab runs and has run; not kept across reloads. */
interface TabRun {
  run: Run | null;
  piece: Piece;
  started: number;
  place: { line: number; column: number } | null;
}

function firstTabs(): TabState[] {
  const kept = load<TabState[]>("tabs", []);
  return kept.length > 0 ? kept : [newTab("Query 1", "SELECT level, COUNT(*) AS plays\nFROM songplays\nGROUP BY level\nORDER BY plays DESC;\n")];
}

function newTab(title: string, sql = ""): TabState {
  return { id: crypto.randomUUID(), title, sql };
}

export function QueryPage({ status }: { status: Status }) {
  const [tabs, setTabs] = useState<TabState[]>(firstTabs);
  const [active, setActive] = useState(() => {
    const kept = load<string>("tab", "");
    return tabs.some((tab) => tab.id === kept) ? kept : tabs[0].id;
  });
  const [runs, setRuns] = useState<Record<string, TabRun>>({});
  const [side, setSide] = useState<Side>("tables");
  const [history, setHistory] = useState<HistoryEntry[]>(() => load("history", []));
  const [own, setOwn] = useState<SavedQuery[]>(() => load("queries", []));
  const [maxRows, setMaxRows] = useState(Math.min(100_000, status.max_rows));
  const [split, setSplit] = useState(() => load("split", 42));
  const [catalog, reloadCatalog] = useLoaded(api.catalog);
  const [language] = useLoaded(api.language);
  const [pipeline] = useLoaded(async () => (status.pipeline ? await api.pipeline() : undefined));
  const holder = useRef<HTMLDivElement>(null);
  const editor = useRef<SqlEditor | null>(null);
  const [ready, setReady] = useState(false);

  const tab = tabs.find((one) => one.id === active) ?? tabs[0];
  const current = runs[tab.id];
  const running = current?.run?.state === "running" || (current && !current.run);

  // The editor outlives the renderings that its keys refer to.
  const latest = useRef({ tab, run: (_: Piece) => {} });

  useEffect(() => {
    let gone = false;
    void import("./editor").then(({ SqlEditor }) => {
      if (gone || !holder.current) return;
      const nonce = document.querySelector<HTMLLinkElement>("link[nonce]")?.nonce ?? "";
      editor.current = new SqlEditor(holder.current, nonce, {
        onChange: (text) =>
          setTabs((before) => before.map((one) => (one.id === latest.current.tab.id ? { ...one, sql: text } : one))),
        onRun: () => editor.current && latest.current.run(editor.current.chosen()),
        onRunStatement: () => editor.current && latest.current.run(editor.current.statement()),
      });
      setReady(true);
    });
    return () => {
      gone = true;
      editor.current?.view.destroy();
    };
  }, []);

  useEffect(() => save("tabs", tabs), [tabs]);
  useEffect(() => save("tab", active), [active]);
  useEffect(() => editor.current?.show(tab.id, tab.sql), [tab.id, ready]);
  useEffect(() => editor.current?.know(catalog.data ?? null, language.data ?? null), [catalog.data, language.data, ready]);

  const change = (id: string, part: Partial<TabRun>) =>
    setRuns((before) => (before[id] ? { ...before, [id]: { ...before[id], ...part } } : before));

  const execute = useCallback(
    async (tabId: string, piece: Piece, prefix = "") => {
      if (piece.sql.trim() === "") return;
      setRuns((before) => ({ ...before, [tabId]: { run: null, piece, started: Date.now(), place: null } }));
      editor.current?.mark(null, piece);
      let run: Run | null = null;
      const failed = (problem: Problem): Run => ({ id: crypto.randomUUID(), state: "failed", elapsed_ms: 0, results: [], error: problem });
      try {
        const { id } = await api.start(prefix + piece.sql, tabId, maxRows);
        // The first look comes soon, so that a cancel knows what to end.
        run = await api.run(id, 50);
        while (run.state === "running") {
          change(tabId, { run });
          run = await api.run(id, WAIT_MS);
        }
      } catch (error) {
        run = failed(problemOf(error));
      }
      const problem = run.error && {
        ...run.error,
        position: run.error.position && Math.max(1, run.error.position - prefix.length),
      };
      const place = latest.current.tab.id === tabId ? (editor.current?.mark(problem, piece) ?? null) : null;
      change(tabId, { run: { ...run, error: problem }, place });
      const counted = run.results.filter((result) => result.columns);
      setHistory(
        remember({
          sql: prefix + piece.sql,
          at: new Date().toISOString(),
          elapsed_ms: run.elapsed_ms,
          rows: counted.length ? counted[counted.length - 1].row_count : null,
          state: run.state === "done" ? "done" : run.state === "cancelled" ? "cancelled" : "failed",
          message: run.error?.message,
        }),
      );
      if (run.results.some((result) => /^(CREATE|DROP|ALTER|TRUNCATE|COPY|INSERT|DELETE|UPDATE|MERGE|COMMENT)/.test(result.tag ?? ""))) {
        void reloadCatalog();
      }
    },
    [maxRows],
  );
  latest.current = { tab, run: (piece) => void execute(tab.id, piece) };

  const open = (title: string, sql: string, run = false) => {
    const next = newTab(title, sql);
    setTabs((before) => [...before, next]);
    setActive(next.id);
    if (run) void execute(next.id, { sql, from: 0 });
  };
  const close = (id: string) => {
    const index = tabs.findIndex((one) => one.id === id);
    const left = tabs.filter((one) => one.id !== id);
    const rest = left.length > 0 ? left : [newTab("Query 1")];
    setTabs(rest);
    if (id === active) setActive(rest[Math.min(index, rest.length - 1)].id);
    editor.current?.forget(id);
    void api.closeTab(id);
  };
  const preview = (schema: string, relation: Relation) =>
    open(relation.name, `SELECT *\nFROM ${quoteName(schema)}.${quoteName(relation.name)}\nLIMIT ${PREVIEW_ROWS};\n`, true);
  const keep = () => {
    const name = prompt("Save this query as", tab.title)?.trim();
    if (!name) return;
    const next = [...own.filter((query) => query.name !== name), { name, question: "", sql: tab.sql }];
    setOwn(next);
    save("queries", next);
    setTabs((before) => before.map((one) => (one.id === tab.id ? { ...one, title: name } : one)));
    setSide("queries");
  };

  return (
    <div class="query-page">
      <h1 class="visually-hidden">Query</h1>
      <aside class="side" aria-label="Tables, queries and history">
        <Segments
          label="Side panel"
          value={side}
          options={[
            ["tables", "Tables"],
            ["queries", "Queries"],
            ["history", "History"],
          ]}
          onChange={setSide}
        />
        <div class="side-body">
          {side === "tables" && (
            <SchemaTree
              catalog={catalog.data}
              problem={catalog.problem}
              onPreview={preview}
              onInsert={(text) => editor.current?.insert(text)}
              onRefresh={() => void reloadCatalog()}
            />
          )}
          {side === "queries" && (
            <SavedQueries
              pipeline={pipeline.data}
              own={own}
              onOpen={(query) => open(query.name.replaceAll("_", " "), query.sql)}
              onRemove={(name) => {
                const next = own.filter((query) => query.name !== name);
                setOwn(next);
                save("queries", next);
              }}
            />
          )}
          {side === "history" && (
            <History
              entries={history}
              onOpen={(entry) => open("From history", entry.sql)}
              onClear={() => {
                save("history", []);
                setHistory([]);
              }}
            />
          )}
        </div>
      </aside>
      <div class="work">
        <TabStrip
          tabs={tabs}
          active={tab.id}
          onChoose={setActive}
          onClose={close}
          onNew={() => open(`Query ${tabs.length + 1}`, "")}
        />
        <div class="toolbar" role="toolbar" aria-label="Run">
          {running ? (
            <button type="button" class="button stop" disabled={!current?.run} onClick={() => current?.run && void api.cancel(current.run.id)}>
              <Icon name="stop" /> Cancel
            </button>
          ) : (
            <button type="button" class="primary" title="Run the selection, or all (Control + Enter)" onClick={() => editor.current && void execute(tab.id, editor.current.chosen())}>
              <Icon name="play" /> Run
            </button>
          )}
          <button type="button" class="button" title="Run the statement at the cursor (Control + Shift + Enter)" disabled={running} onClick={() => editor.current && void execute(tab.id, editor.current.statement())}>
            Run statement
          </button>
          <button type="button" class="button" title="Show the plan of the statement at the cursor" disabled={running} onClick={() => editor.current && void execute(tab.id, editor.current.statement(), "EXPLAIN ")}>
            <Icon name="plan" /> Explain
          </button>
          <button type="button" class="button" onClick={keep}>
            <Icon name="save" /> Save
          </button>
          <span class="grow" />
          {running && <Clock since={current?.started ?? Date.now()} />}
          <label class="field">
            Rows at most
            <select value={maxRows} onChange={(event) => setMaxRows(Number(event.currentTarget.value))}>
              {[1000, 10_000, 100_000, 1_000_000].filter((rows) => rows <= status.max_rows || rows === 1000).map((rows) => (
                <option key={rows} value={rows}>
                  {rows.toLocaleString("en-US")}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div class="editor" ref={holder} style={{ height: `${split}%` }} />
        <Splitter value={split} onChange={setSplit} onDone={(value) => save("split", value)} />
        <section class="result-area" aria-label="Results">
          <Results
            tab={tab.id}
            run={current?.run ?? (current ? { id: "", state: "running", elapsed_ms: 0, results: [], error: null } : null)}
            place={current?.place ?? null}
            onGoTo={(line, column) => editor.current?.goTo(line, column)}
          />
        </section>
      </div>
    </div>
  );
}

function TabStrip(props: {
  tabs: TabState[];
  active: string;
  onChoose: (id: string) => void;
  onClose: (id: string) => void;
  onNew: () => void;
}) {
  return (
    <div class="tabs" role="group" aria-label="Editor tabs">
      {props.tabs.map((tab) => (
        <div key={tab.id} class={`tab${tab.id === props.active ? " active" : ""}`}>
          <button type="button" class="tab-name" aria-pressed={tab.id === props.active} onClick={() => props.onChoose(tab.id)}>
            {tab.title}
          </button>
          <button type="button" class="tab-close" aria-label={`Close ${tab.title}`} onClick={() => props.onClose(tab.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="icon-button" aria-label="New tab" title="New tab" onClick={props.onNew}>
        <Icon name="plus" />
      </button>
    </div>
  );
}

/** How long it has run. */
function Clock({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="quiet running">
      <span class="spinner" /> {duration(Math.max(0, now - since))}
    </span>
  );
}

/** Parts editor and results, by pointer and by arrow keys. */
function Splitter(props: { value: number; onChange: (value: number) => void; onDone: (value: number) => void }) {
  const set = (value: number) => {
    const next = Math.max(12, Math.min(80, value));
    props.onChange(next);
    props.onDone(next);
  };
  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the editor"
      aria-valuenow={Math.round(props.value)}
      aria-valuemin={12}
      aria-valuemax={80}
      onKeyDown={(event) => {
        if (event.key === "ArrowUp") set(props.value - 4);
        else if (event.key === "ArrowDown") set(props.value + 4);
        else return;
        event.preventDefault();
      }}
      onPointerDown={(event) => {
        const element = event.currentTarget;
        const area = element.parentElement?.getBoundingClientRect();
        const before = element.previousElementSibling?.getBoundingClientRect();
        if (!area || !before) return;
        element.setPointerCapture(event.pointerId);
        element.onpointermove = (moved) => set(((moved.clientY - before.top) / area.height) * 100);
        element.onpointerup = () => (element.onpointermove = null);
      }}
    />
  );
}
