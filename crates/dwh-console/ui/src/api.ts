// The JSON API of the console, as openapi.json describes it.

export interface Problem {
  message: string;
  sqlstate?: string;
  detail?: string;
  hint?: string;
  position?: number;
}

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }
}

export interface Status {
  signed_in: boolean;
  asks_for_password: boolean;
  version: string;
  warehouse: { target: "embedded" | "redshift"; location: string; database: string; user: string };
  read_only: boolean;
  max_rows: number;
  pipeline: string | null;
  has_dashboard: boolean;
}

export interface CatalogColumn {
  name: string;
  type: string;
  not_null: boolean;
  comment: string | null;
}

export interface Relation {
  name: string;
  kind: "table" | "view" | "materialized_view";
  comment: string | null;
  distribution: string | null;
  sort_key: string[];
  interleaved: boolean;
  primary_key: string[];
  foreign_keys: { columns: string[]; schema: string; table: string; target_columns: string[] }[];
  row_count: number | null;
  size_mb: number | null;
  columns: CatalogColumn[];
}

export interface Schema {
  name: string;
  system: boolean;
  relations: Relation[];
}

export interface Catalog {
  schemas: Schema[];
}

export interface Language {
  keywords: string[];
  functions: { name: string; example: string; chapter: string }[];
}

export interface Column {
  name: string;
  type: string | null;
}

export interface RunResult {
  done: boolean;
  tag: string | null;
  columns: Column[] | null;
  row_count: number;
  truncated: boolean;
  rows_affected: number | null;
  notices: string[];
  elapsed_ms: number;
}

export interface Run {
  id: string;
  state: "running" | "done" | "failed" | "cancelled";
  elapsed_ms: number;
  results: RunResult[];
  error: Problem | null;
}

/** A value; null is NULL. */
export type Cell = string | null;

/** A small result, by rows. */
export interface Rows {
  columns: Column[];
  rows: Cell[][];
}

export interface SavedQuery {
  name: string;
  question: string;
  sql: string;
}

export interface Pipeline {
  name: string;
  description: string;
  queries: SavedQuery[];
  checks: number;
  loads: string[];
}

export type ChartKind = "line" | "area" | "bar" | "scatter" | "heatmap" | "table" | "number";

export interface Panel {
  title: string;
  query: string;
  chart: ChartKind;
  x?: string;
  y?: string[];
  series?: string;
  value?: string;
  unit?: string;
  names?: string[];
  horizontal: boolean;
  width: number;
}

export interface Filter {
  name: string;
  label: string;
  kind: "dates" | "choice";
}

export interface Dashboard {
  dashboard: { title: string; filters: Filter[]; panels: Panel[] };
  ranges: Record<string, string[]>;
}

export type FilterValues = Record<string, string | { from?: string; until?: string }>;

export interface EtlStep {
  kind: "list" | "copy" | "transform" | "note";
  name: string;
  done: boolean;
  text: string;
  counts?: {
    objects: number;
    objects_done: number;
    bytes: number;
    bytes_done: number;
    rows: number;
    rows_rejected: number;
  };
  elapsed_ms?: number;
}

export interface EtlRun {
  state: "running" | "committed" | "nothing_new" | "failed" | "cancelled";
  full_refresh: boolean;
  elapsed_ms: number;
  steps: EtlStep[];
  run_id?: string;
  error?: Problem;
}

export interface Check {
  name: string;
  description: string;
  passed: boolean;
  offending_count: number;
  columns: string[];
  offending: Cell[][];
}

export interface Verification {
  expected_set: string;
  queries: {
    name: string;
    question: string;
    equal: boolean;
    difference_count: number;
    differences: string[];
  }[];
  not_compared: string[];
}

export const BASE = "/api/v1";

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(BASE + path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    let problem: Problem = { message: `${response.status} ${response.statusText}` };
    try {
      problem = JSON.parse(text).error;
    } catch {
      // An answer of something between, such as a proxy.
    }
    if (response.status === 401 && path !== "/login") signedOut();
    throw new ApiFailure(response.status, problem);
  }
  return JSON.parse(text) as T;
}

let signedOut = () => {};

/** What to do when the server does not know the cookie any more. */
export function onSignedOut(then: () => void): void {
  signedOut = then;
}

const segment = encodeURIComponent;

export const api = {
  status: () => call<Status>("GET", "/status"),
  signInByToken: (token: string) => call("POST", "/login", { token }),
  signIn: (user: string, password: string) => call("POST", "/login", { user, password }),
  signOut: () => call("POST", "/logout"),
  catalog: () => call<Catalog>("GET", "/catalog"),
  language: () => call<Language>("GET", "/language"),
  pipeline: () => call<Pipeline>("GET", "/pipeline"),
  start: (sql: string, tab: string, max_rows: number) =>
    call<{ id: string }>("POST", "/runs", { sql, tab, max_rows }),
  run: (id: string, waitMs: number) => call<Run>("GET", `/runs/${id}?wait_ms=${waitMs}`),
  cancel: (id: string) => call<Run>("DELETE", `/runs/${id}`),
  closeTab: (tab: string) => call("DELETE", `/tabs/${segment(tab)}`),
  rows: (id: string, result: number, offset: number, limit: number) =>
    call<{ offset: number; columns: Cell[][] }>(
      "GET",
      `/runs/${id}/results/${result}/rows?offset=${offset}&limit=${limit}`,
    ),
  fileUrl: (id: string, result: number, format: "csv" | "json" | "parquet") =>
    `${BASE}/runs/${id}/results/${result}/file?format=${format}`,
  dashboard: () => call<Dashboard>("GET", "/dashboard"),
  panel: (index: number, filters: FilterValues) =>
    call<Rows & { sql: string; elapsed_ms: number }>("POST", `/dashboard/panels/${index}`, { filters }),
  loadHistory: () => call<Rows>("GET", "/loads"),
  loadErrors: () => call<Rows>("GET", "/loads/errors"),
  loadRuns: () => call<Rows>("GET", "/loads/runs"),
  loadObjects: (run: string) => call<Rows>("GET", `/loads/runs/${segment(run)}/objects`),
  etl: () => call<{ run: EtlRun | null }>("GET", "/etl"),
  startEtl: (full_refresh: boolean) => call<{ run: EtlRun }>("POST", "/etl", { full_refresh }),
  cancelEtl: () => call("DELETE", "/etl"),
  checks: () => call<{ checks: Check[] }>("POST", "/pipeline/checks"),
  verify: () => call<Verification>("POST", "/pipeline/verification"),
};
