// The console on a Redshift connection. `dwh serve`, which speaks as Redshift does, stands for the cluster.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { demo, makeCertificate, openBrowser, run, screenshot, signIn, startConsole, startServer } from "./harness.mjs";

const PASSWORD = "Cluster1Password";

let warehouse, folder, cluster, environment, server, browser, page;

before(async () => {
  warehouse = demo();
  folder = mkdtempSync(join(tmpdir(), "dwh-redshift-"));
  const { certificate, key } = makeCertificate(folder);
  const own = { DWH_CLUSTER_DB_USER: "awsuser", DWH_CLUSTER_DB_PASSWORD: PASSWORD, DWH_CLUSTER_DB_NAME: "dev" };
  const tls = ["--tls-cert", certificate, "--tls-key", key, "--require-tls"];
  cluster = await startServer(warehouse.folder, tls, own);
  environment = {
    ...own,
    DWH_TARGET: "redshift",
    DWH_CLUSTER_HOST: "localhost",
    DWH_CLUSTER_DB_PORT: cluster.port,
    DWH_REDSHIFT_CA_FILE: certificate,
  };
  server = await startConsole(folder, [], environment);
  browser = await openBrowser(server.origin);
  page = browser.page;
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await cluster?.stop();
  warehouse?.remove();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const cell = (row, column) => page.locator(`#cell-${row}-${column}`);

test("the tree is that of the cluster", async () => {
  await page.getByRole("button", { name: /^songplays/ }).click();
  const text = await page.locator(".tree-detail").innerText();
  for (const part of ["KEY(song_id)", "start_time", "timestamp", "varchar(64)", "PK", "FK", "DK", "SK"]) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
  await page.getByRole("button", { name: "Preview users" }).click();
  await cell(0, 0).waitFor();
  assert.match(await page.locator(".result-bar").innerText(), /80 rows/);
});

test("queries, their errors, transactions and temporary tables are those of the cluster", async () => {
  await run(page, "CREATE TEMP TABLE t (a INT); INSERT INTO t VALUES (41); SELECT a + 1 AS answer FROM t");
  await cell(0, 0).getByText("42").waitFor();
  await run(page, "SELECT nothing\nFROM t");
  await page.getByRole("alert").getByText('column "nothing" does not exist').waitFor();
  await page.locator(".cm-lintRange-error").first().waitFor();
  await screenshot(page, "redshift-error");
});

test("a long statement is cancelled on the cluster", async () => {
  await run(page, "SELECT COUNT(*) FROM staging_events a, staging_events b, staging_events c WHERE a.ts + b.ts > c.ts");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("alert").getByText(/cancelled/i).waitFor();
  // The connection is still there, with its temporary table, and free.
  await run(page, "SELECT a FROM t");
  await cell(0, 0).getByText("41").waitFor();
});

test("dashboard, loads, checks and pictures are those of the cluster", async () => {
  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.getByRole("region", { name: "Plays", exact: true }).locator(".big-number").waitFor();
  await page.locator(".panel.heatmap svg").waitFor();
  await screenshot(page, "redshift-dashboard");
  await page.getByRole("link", { name: "Loads" }).click();
  await page.getByRole("button", { name: /objects$/ }).first().waitFor();
  await page.getByRole("button", { name: "Checks" }).click();
  await page.getByRole("button", { name: "Run checks" }).click();
  await page.getByRole("heading", { name: /All \d+ checks pass/ }).waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: "Model" }).click();
  await page.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth > 400);
  assert.deepEqual(browser.problems, []);
});

test("more rows than are shown are not kept, and only queries run where that is asked for", async () => {
  const limited = await startConsole(folder, ["--max-rows", "10", "--read-only"], environment);
  try {
    const ask = await signIn(limited.url);
    const { id } = JSON.parse((await ask("POST", "/runs", { sql: "SELECT * FROM staging_events", tab: "t" })).text);
    const done = JSON.parse((await ask("GET", `/runs/${id}?wait_ms=15000`)).text);
    assert.deepEqual([done.results[0].row_count, done.results[0].truncated], [10, true]);
    assert.equal((await ask("POST", "/runs", { sql: "DROP TABLE users", tab: "t" })).status, 403);
  } finally {
    await limited.stop();
  }
});

test("users of the cluster sign in with their passwords", async () => {
  const owner = await startConsole(folder, ["--password"], environment);
  try {
    const admin = await signIn(owner.url, { user: "awsuser", password: PASSWORD });
    const finish = async (ask, sql) => {
      const { id } = JSON.parse((await ask("POST", "/runs", { sql, tab: "t" })).text);
      return JSON.parse((await ask("GET", `/runs/${id}?wait_ms=15000`)).text);
    };
    const made = await finish(admin, "CREATE USER mia PASSWORD 'Mias1Password'; GRANT SELECT ON users TO mia");
    assert.equal(made.state, "done", JSON.stringify(made));
    await assert.rejects(signIn(owner.url, { user: "mia", password: "wrong" }), /password authentication failed/);
    const mia = await signIn(owner.url, { user: "mia", password: "Mias1Password" });
    assert.equal((await finish(mia, "SELECT COUNT(*) FROM users")).state, "done");
    assert.equal((await finish(mia, "SELECT COUNT(*) FROM songs")).error.sqlstate, "42501");
  } finally {
    await owner.stop();
  }
});

test("the model is drawn by the command too", () => {
  const drawn = spawnSync(process.env.DWH_BIN ?? "dwh", ["diagram", "--as", "dbml"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  assert.match(drawn.stdout, /Ref: "songplays"\."song_id" > "songs"\."song_id"/, drawn.stderr);
});
