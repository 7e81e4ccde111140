import { useEffect, useState } from "preact/hooks";
import { api, type Cell, type Check, type EtlRun, type EtlStep, type Problem, type Rows, type Status, type Verification } from "../api";
import { bytes, compact, count, duration, integer } from "../format";
import { problemOf, useLoaded } from "../hooks";
import { Icon } from "../icons";
import { Empty, PlainTable, ProblemBox, Segments } from "../parts";

const LOOK_MS = 400;

type View = "runs" | "copies" | "errors" | "tests";

/** What was loaded and what not; runs of the pipeline, checks, and the comparison with expected results. */
export function LoadsPage({ status, visible }: { status: Status; visible: boolean }) {
  const [view, setView] = useState<View>("runs");
  const [version, setVersion] = useState(0);
  return (
    <div class="page">
      <div class="page-head">
        <h1>Loads</h1>
        <Segments
          label="View"
          value={view}
          options={[
            ["runs", "Runs"],
            ["copies", "COPY history"],
            ["errors", "Rejected records"],
            ["tests", "Checks"],
          ]}
          onChange={setView}
        />
        <span class="grow" />
        <button type="button" class="button" onClick={() => setVersion(version + 1)}>
          <Icon name="refresh" /> Refresh
        </button>
      </div>
      {status.pipeline && <EtlCard status={status} visible={visible} onDone={() => setVersion((before) => before + 1)} />}
      {view === "runs" && <Runs version={version} />}
      {view === "copies" && <Copies version={version} />}
      {view === "errors" && <Errors version={version} />}
      {view === "tests" && (status.pipeline ? <Tests /> : <Empty title="The console was started without a pipeline" />)}
    </div>
  );
}

function EtlCard({ status, visible, onDone }: { status: Status; visible: boolean; onDone: () => void }) {
  const [run, setRun] = useState<EtlRun | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [fullRefresh, setFullRefresh] = useState(false);
  const running = run?.state === "running";
  useEffect(() => {
    if (!visible) return;
    let gone = false;
    const look = async () => {
      try {
        const next = (await api.etl()).run;
        if (gone) return;
        setRun((before) => {
          if (before?.state === "running" && next?.state !== "running") onDone();
          return next;
        });
      } catch (error) {
        if (!gone) setProblem(problemOf(error));
      }
    };
    void look();
    const timer = running ? setInterval(look, LOOK_MS) : undefined;
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [running, visible]);
  const start = async () => {
    setProblem(null);
    try {
      setRun((await api.startEtl(fullRefresh)).run);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const words: Record<EtlRun["state"], string> = {
    running: "running",
    committed: "committed",
    nothing_new: "nothing new",
    failed: "failed; nothing was changed",
    cancelled: "cancelled; nothing was changed",
  };
  return (
    <section class="card etl" aria-label="Run the pipeline">
      <header>
        <h2>Pipeline {status.pipeline}</h2>
        {run && (
          <span class={`state ${run.state}`} role="status">
            {words[run.state]} · {duration(run.elapsed_ms)}
          </span>
        )}
        <span class="grow" />
        <label class="check">
          <input type="checkbox" checked={fullRefresh} disabled={running || status.read_only} onChange={(event) => setFullRefresh(event.currentTarget.checked)} />
          Load everything anew
        </label>
        {running ? (
          <button type="button" class="button stop" onClick={() => void api.cancelEtl()}>
            <Icon name="stop" /> Cancel
          </button>
        ) : (
          <button type="button" class="primary" disabled={status.read_only} onClick={start}>
            <Icon name="play" /> Run ETL
          </button>
        )}
      </header>
      {problem && <ProblemBox problem={problem} />}
      {run?.error && <ProblemBox problem={run.error} />}
      {run && run.steps.length > 0 && (
        <ol class="steps">
          {run.steps.map((step, index) => (
            <Step key={index} step={step} stopped={!running} />
          ))}
        </ol>
      )}
    </section>
  );
}

const VERBS: Record<EtlStep["kind"], string> = { list: "List", copy: "COPY", transform: "Transform", note: "" };

function Step({ step, stopped }: { step: EtlStep; stopped: boolean }) {
  const { counts } = step;
  const share = counts && counts.objects > 0 ? counts.objects_done / counts.objects : 0;
  return (
    <li class={step.done ? "done" : stopped ? "stopped" : "now"}>
      <span class="step-mark" aria-hidden="true">
        {step.done ? <Icon name="check" /> : stopped ? <Icon name="close" /> : <span class="spinner" />}
      </span>
      <span class="step-name">
        {VERBS[step.kind]} <b>{step.name}</b>
      </span>
      <span class="step-text">
        {counts && !step.done
          ? `${integer(counts.objects_done)} of ${count(counts.objects, "object")}, ${bytes(counts.bytes_done)}, ${count(counts.rows, "row")}`
          : step.text}
      </span>
      {counts && <progress max={1} value={step.done ? 1 : share} aria-label={`COPY ${step.name}`} />}
      <span class="quiet step-time">
        {step.elapsed_ms !== undefined && duration(step.elapsed_ms)}
        {counts && step.done && step.elapsed_ms !== undefined && ` · ${bytes((counts.bytes / Math.max(step.elapsed_ms, 1)) * 1000)}/s`}
      </span>
    </li>
  );
}

const number = (cell: Cell) => (cell === null ? 0 : Number(cell));
const at = (rows: Rows, row: Cell[]) => (name: string) => row[rows.columns.findIndex((column) => column.name === name)] ?? null;

/** UTC, to the second. */
const moment = (cell: Cell) => <time>{cell?.slice(0, 19) ?? ""}</time>;

function Runs({ version }: { version: number }) {
  const [runs] = useLoaded(api.loadRuns, [version]);
  const [open, setOpen] = useState<string | null>(null);
  if (runs.problem) return <ProblemBox problem={runs.problem} />;
  if (!runs.data) return <p class="pad quiet">Loading …</p>;
  const { data } = runs;
  if (data.rows.length === 0) return <Empty title="Nothing has been loaded yet">Run ETL loads what is new.</Empty>;
  return (
    <>
      <PlainTable
        caption="Runs of pipelines, the newest first"
        head={[{ label: "Loaded at (UTC)" }, { label: "Pipeline" }, { label: "Objects", numeric: true }, { label: "Size", numeric: true }, { label: "Rows", numeric: true }, { label: "Rejected", numeric: true }, { label: "Run" }]}
        rows={data.rows.map((row) => {
          const get = at(data, row);
          const id = get("run_id") ?? "";
          return [
            moment(get("loaded_at")),
            get("pipeline"),
            integer(number(get("objects"))),
            bytes(number(get("bytes"))),
            integer(number(get("rows_loaded"))),
            integer(number(get("rows_rejected"))),
            <button type="button" class="link" aria-expanded={open === id} onClick={() => setOpen(open === id ? null : id)}>
              {id.slice(0, 8)}…{id.slice(-4)} objects
            </button>,
          ];
        })}
      />
      {open && <Objects run={open} />}
    </>
  );
}

function Objects({ run }: { run: string }) {
  const [objects] = useLoaded(() => api.loadObjects(run), [run]);
  if (objects.problem) return <ProblemBox problem={objects.problem} />;
  if (!objects.data) return <p class="pad quiet">Loading …</p>;
  const { data } = objects;
  return (
    <section>
      <h2>Objects of run {run}</h2>
      <PlainTable
        caption="Objects of the run"
        head={[{ label: "Load" }, { label: "Object" }, { label: "Size", numeric: true }, { label: "Rows", numeric: true }, { label: "Rejected", numeric: true }]}
        rows={data.rows.map((row) => {
          const get = at(data, row);
          return [get("load_name"), <code>{get("object_url")}</code>, bytes(number(get("size_bytes"))), integer(number(get("rows_loaded"))), integer(number(get("rows_rejected")))];
        })}
      />
    </section>
  );
}

function Copies({ version }: { version: number }) {
  const [history] = useLoaded(api.loadHistory, [version]);
  if (history.problem) return <ProblemBox problem={history.problem} />;
  if (!history.data) return <p class="pad quiet">Loading …</p>;
  const { data } = history;
  if (data.rows.length === 0) return <Empty title="No COPY has run yet" />;
  return (
    <PlainTable
      caption="COPY statements, the newest first"
      head={[{ label: "Began (UTC)" }, { label: "Table" }, { label: "Status" }, { label: "Files", numeric: true }, { label: "Rows", numeric: true }, { label: "Size", numeric: true }, { label: "Time", numeric: true }, { label: "Speed", numeric: true }, { label: "Errors", numeric: true }, { label: "Source" }]}
      rows={data.rows.map((row) => {
        const get = at(data, row);
        const seconds = number(get("duration")) / 1e6;
        return [
          moment(get("start_time")),
          get("table_name"),
          <span class={`state ${get("status") === "completed" ? "done" : "failed"}`}>{get("status")}</span>,
          integer(number(get("source_file_count"))),
          integer(number(get("loaded_rows"))),
          bytes(number(get("loaded_bytes"))),
          duration(seconds * 1000),
          seconds > 0 ? `${compact(Math.round(number(get("loaded_rows")) / seconds))} rows/s` : "",
          integer(number(get("error_count"))),
          <code class="short" title={get("data_source") ?? ""}>{get("data_source")}</code>,
        ];
      })}
    />
  );
}

function Errors({ version }: { version: number }) {
  const [errors] = useLoaded(api.loadErrors, [version]);
  if (errors.problem) return <ProblemBox problem={errors.problem} />;
  if (!errors.data) return <p class="pad quiet">Loading …</p>;
  const { data } = errors;
  if (data.rows.length === 0) return <Empty title="No record was rejected">What a COPY rejects is shown here with its raw line.</Empty>;
  return (
    <ul class="rejected">
      {data.rows.map((row, index) => {
        const get = at(data, row);
        return (
          <li key={index} class="card">
            <p>
              <b>{get("err_reason")}</b> <span class="sqlstate">{get("err_code")}</span>
            </p>
            <p class="quiet">
              <code>{get("filename")}</code>, line {get("line_number")}
              {get("colname") && (
                <>
                  , column <code>{get("colname")}</code> {get("type")}, value <code>{get("raw_field_value")}</code>
                </>
              )}
              {" · "}
              {moment(get("starttime"))}
            </p>
            <pre tabIndex={0} aria-label="Raw line">{get("raw_line")}</pre>
          </li>
        );
      })}
    </ul>
  );
}

function Tests() {
  const [checks, setChecks] = useState<Check[] | null>(null);
  const [verification, setVerification] = useState<Verification | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState("");
  const work = async (name: string, then: () => Promise<void>) => {
    setBusy(name);
    setProblem(null);
    try {
      await then();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy("");
    }
  };
  const failed = checks?.filter((check) => !check.passed).length ?? 0;
  const differing = verification?.queries.filter((query) => !query.equal).length ?? 0;
  return (
    <>
      <div class="toolbar plain">
        <button type="button" class="primary" disabled={busy !== ""} onClick={() => void work("checks", async () => setChecks((await api.checks()).checks))}>
          <Icon name="check" /> Run checks
        </button>
        <button type="button" class="button" disabled={busy !== ""} onClick={() => void work("verification", async () => setVerification(await api.verify()))}>
          Compare with expected results
        </button>
        {busy && <span class="quiet running" role="status"><span class="spinner" /> Running …</span>}
      </div>
      {problem && <ProblemBox problem={problem} />}
      {checks && (
        <section>
          <h2>{failed === 0 ? `All ${checks.length} checks pass` : `${failed} of ${checks.length} checks fail`}</h2>
          <PlainTable
            caption="Checks"
            head={[{ label: "Check" }, { label: "Outcome" }, { label: "What must hold" }]}
            rows={checks.map((check) => [
              check.name.replaceAll("_", " "),
              <span class={`state ${check.passed ? "done" : "failed"}`}>{check.passed ? "passes" : count(check.offending_count, "row")}</span>,
              check.description,
            ])}
          />
        </section>
      )}
      {verification && (
        <section>
          <h2>
            {differing === 0
              ? `All ${verification.queries.length} queries give the expected results of ${verification.expected_set}`
              : `${differing} of ${verification.queries.length} queries differ from ${verification.expected_set}`}
          </h2>
          <PlainTable
            caption="Queries compared with expected results"
            head={[{ label: "Query" }, { label: "Outcome" }, { label: "Question" }, { label: "Differences" }]}
            rows={verification.queries.map((query) => [
              query.name.replaceAll("_", " "),
              <span class={`state ${query.equal ? "done" : "failed"}`}>{query.equal ? "equal" : count(query.difference_count, "difference")}</span>,
              query.question,
              query.differences.join("; "),
            ])}
          />
        </section>
      )}
    </>
  );
}
