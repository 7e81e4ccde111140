// The pipeline on a Redshift connection, started and watched from the console: objects in S3, `dwh serve` as the cluster.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeCertificate, openBrowser, request, screenshot, signIn, startConsole, startS3, startServer } from "./harness.mjs";

const BUCKET = "song-plays";

let folder, s3, cluster, server, browser, page;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "dwh-redshift-etl-"));
  // The data of `dwh demo`, whose answers are known.
  const generated = spawnSync(process.env.DWH_BIN ?? "dwh", ["--quiet", "generate", "data"], { cwd: folder, encoding: "utf8" });
  assert.equal(generated.status, 0, generated.stderr);
  s3 = await startS3(BUCKET, join(folder, "data"));
  const { certificate, key } = makeCertificate(folder);
  const own = { ...s3.environment, DWH_CLUSTER_DB_USER: "awsuser", DWH_CLUSTER_DB_PASSWORD: "Cluster1Password", DWH_CLUSTER_DB_NAME: "dev" };
  mkdirSync(join(folder, "cluster"));
  cluster = await startServer(join(folder, "cluster"), ["--tls-cert", certificate, "--tls-key", key, "--require-tls"], own);
  server = await startConsole(folder, [], {
    ...own,
    DWH_TARGET: "redshift",
    DWH_CLUSTER_HOST: "localhost",
    DWH_CLUSTER_DB_PORT: cluster.port,
    DWH_REDSHIFT_CA_FILE: certificate,
    DWH_S3_LOG_DATA: `s3://${BUCKET}/log_data`,
    DWH_S3_LOG_JSONPATH: `s3://${BUCKET}/log_json_path.json`,
    DWH_S3_SONG_DATA: `s3://${BUCKET}/song_data`,
    DWH_S3_MANIFEST_PREFIX: `s3://${BUCKET}/manifests`,
  });
  browser = await openBrowser(server.origin);
  page = browser.page;
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await cluster?.stop();
  await s3?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Asks in the page's own session for one value. */
const api = async () => {
  const [cookie] = await browser.context.cookies();
  const headers = { origin: server.origin, "content-type": "application/json", cookie: `${cookie.name}=${cookie.value}` };
  const ask = async (method, path, body) => JSON.parse((await request(server.origin, `/api/v1${path}`, { method, headers, body })).text);
  return async (sql) => {
    const { id } = await ask("POST", "/runs", JSON.stringify({ sql, tab: "test" }));
    const done = await ask("GET", `/runs/${id}?wait_ms=15000`);
    assert.equal(done.state, "done", JSON.stringify(done));
    return (await ask("GET", `/runs/${id}/results/0/rows`)).columns[0][0];
  };
};

const runEtl = () => page.getByRole("button", { name: "Run ETL" }).click();

test("a run is cancelled, and nothing is changed on the cluster", async () => {
  await page.getByText("No tables yet").waitFor();
  await s3.ask("settings", { object_delay_s: 1 });
  await page.getByRole("link", { name: "Loads" }).click();
  await runEtl();
  await page.locator(".steps").getByText(/^COPY/).first().waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText(/cancelled; nothing was changed/).waitFor();
  // The COPY has ended on the cluster, which has no table of it.
  const ask = await api();
  const until = Date.now() + 20_000;
  while ((await ask("SELECT COUNT(*) FROM stv_load_state")) !== "0") assert.ok(Date.now() < until, "the COPY goes on");
  assert.equal(await ask("SELECT COUNT(*) FROM pg_table_def WHERE schemaname = 'public'"), "0");
});

test("a run is started on the cluster, and its COPY watched while it loads", async () => {
  await s3.ask("settings", { object_delay_s: 0.1 });
  await page.getByRole("link", { name: "Loads" }).click();
  const seen = new Set();
  page.on("response", async (response) => {
    if (!response.url().endsWith("/api/v1/etl")) return;
    const { run } = await response.json().catch(() => ({}));
    const copy = run?.steps.findLast((step) => step.kind === "copy" && !step.done);
    if (copy) seen.add(`${copy.name} ${copy.counts.objects_done} ${copy.counts.rows}`);
  });
  await runEtl();
  await page.locator(".steps").getByText(/[1-9]\d* of 1,000 objects/).waitFor({ timeout: 60_000 });
  await screenshot(page, "redshift-etl-live");
  await page.locator(".state.committed").waitFor({ timeout: 120_000 });
  await s3.ask("settings", { object_delay_s: 0 });
  // While it loaded there were figures between none and all.
  const between = [...seen].map((text) => text.split(" ")).filter(([name, objects]) => name === "staging_songs" && objects > 0 && objects < 1000);
  assert.ok(between.length >= 2, [...seen].join("; "));
  const steps = await page.locator(".steps").innerText();
  assert.match(steps, /20,?000 rows loaded, 0 rejected/);
  assert.match(steps, /Transform songplays/);
  await screenshot(page, "redshift-etl");
});

test("the run, its objects, the history of COPY, checks and verification are those of the cluster", async () => {
  await page.getByRole("button", { name: /objects$/ }).first().click();
  await page.getByText(`s3://${BUCKET}/song_data/`).first().waitFor();
  await page.getByRole("button", { name: "COPY history" }).click();
  await page.getByText("rows/s").first().waitFor();
  await page.getByRole("button", { name: "Checks" }).click();
  await page.getByRole("button", { name: "Run checks" }).click();
  await page.getByRole("heading", { name: /All \d+ checks pass/ }).waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Compare with expected results" }).click();
  await page.getByRole("heading", { name: /All \d+ queries give the expected results of demo/ }).waitFor({ timeout: 60_000 });
  await screenshot(page, "redshift-verify");
});

test("a second run finds nothing new, and a record that does not fit fails a third", async () => {
  await runEtl();
  await page.locator(".state.nothing_new").waitFor({ timeout: 60_000 });
  const bad = join(folder, "bad", "log_data");
  mkdirSync(bad, { recursive: true });
  writeFileSync(join(bad, "bad-events.json"), '{"artist": null, "page": "<b>", "ts": "no number"}\n');
  await s3.ask("bucket", { name: BUCKET, folder: join(folder, "bad") });
  await runEtl();
  await page.locator(".state.failed").first().waitFor({ timeout: 60_000 });
  await page.locator(".etl").getByRole("alert").getByText(/bad-events\.json/).waitFor();
  await page.getByRole("button", { name: "Rejected records" }).click();
  await page.locator(".rejected pre").getByText("no number").first().waitFor();
  await screenshot(page, "redshift-rejected");
  assert.deepEqual(browser.problems, []);
});

test("a console that is read-only starts no run", async () => {
  const console_ = await startConsole(folder, ["--read-only"], { DWH_TARGET: "redshift", DWH_CLUSTER_HOST: "localhost", DWH_CLUSTER_DB_PORT: cluster.port, DWH_CLUSTER_DB_USER: "awsuser", DWH_CLUSTER_DB_PASSWORD: "Cluster1Password", DWH_CLUSTER_DB_NAME: "dev", DWH_REDSHIFT_CA_FILE: join(folder, "cert.pem") });
  try {
    const ask = await signIn(console_.url);
    assert.equal((await ask("POST", "/etl", {})).status, 403);
  } finally {
    await console_.stop();
  }
});
