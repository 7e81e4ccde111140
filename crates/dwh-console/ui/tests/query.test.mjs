import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { demo, openBrowser, run, screenshot, setEditor, startConsole } from "./harness.mjs";

let warehouse, server, browser, page;

before(async () => {
  warehouse = demo();
  server = await startConsole(warehouse.folder);
  browser = await openBrowser(server.origin);
  page = browser.page;
});

after(async () => {
  await browser?.close();
  await server?.stop();
  warehouse?.remove();
});

const grid = () => page.getByRole("grid");
const cell = (row, column) => page.locator(`#cell-${row}-${column}`);
const bar = () => page.locator(".result-bar");

test("the link signs in once, and the first paint is quick", async () => {
  await page.goto(server.url);
  await page.getByRole("heading", { name: "public" }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the token is taken out of the address");
  // The best of some: the machine may have other work.
  const paints = [];
  for (let reload = 0; reload < 8; reload++) {
    await page.reload();
    await page.getByRole("heading", { name: "public" }).waitFor();
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
  }
  assert.ok(Math.min(...paints) < 200, `first paints after ${paints} ms`);
  const other = await openBrowser(server.origin);
  await other.page.goto(server.url);
  await other.page.getByText("this link has been used").waitFor();
  await screenshot(other.page, "sign-in");
  await other.close();
});

test("the tree shows types, keys, distribution, rows and sizes, and is searched", async () => {
  await page.getByRole("button", { name: /^songplays/ }).click();
  const detail = page.locator(".tree-detail");
  await detail.waitFor();
  const text = await detail.innerText();
  for (const part of ["KEY(song_id)", "start_time", "1 MB", "timestamp", "varchar(64)", "PK", "FK", "DK", "SK"]) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
  await page.getByRole("searchbox", { name: "Find tables and columns" }).fill("latitude");
  await page.getByRole("button", { name: /^artists/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^songplays/ }).count(), 0);
  await page.getByRole("searchbox", { name: "Find tables and columns" }).fill("");
  await page.getByRole("button", { name: "Preview users" }).click();
  await cell(0, 0).waitFor();
  assert.match(await bar().innerText(), /80 rows/);
});

test("words, tables, columns and functions are completed", async () => {
  await setEditor(page, "");
  await page.keyboard.type("sele");
  await page.locator(".cm-tooltip-autocomplete").getByText("SELECT", { exact: true }).waitFor();
  await page.waitForTimeout(120);
  await page.keyboard.press("Enter");
  await page.keyboard.type(" * FROM songpl");
  await page.locator(".cm-tooltip-autocomplete").getByText("songplays").first().waitFor();
  await page.waitForTimeout(120);
  await page.keyboard.press("Enter");
  await page.keyboard.type(" WHERE user_ag");
  await page.locator(".cm-tooltip-autocomplete").getByText("user_agent").first().waitFor();
  await screenshot(page, "completion");
  await page.waitForTimeout(120);
  await page.keyboard.press("Enter");
  await page.keyboard.type(" = listag");
  await page.locator(".cm-tooltip-autocomplete").getByText("LISTAGG").first().waitFor();
  await page.keyboard.press("Escape");
  assert.match(await page.locator(".cm-content").innerText(), /SELECT \* FROM songplays WHERE user_agent = listag/);
});

test("the whole text, the selection or the statement at the cursor runs", async () => {
  await run(page, "SELECT 1 AS one;\nSELECT 2 AS two;");
  await page.getByRole("combobox", { name: "Result" }).waitFor();
  await page.waitForFunction(() => document.querySelector("#cell-0-0")?.textContent === "2");
  await page.getByRole("combobox", { name: "Result" }).selectOption("0");
  await page.getByText("one", { exact: true }).first().waitFor();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Shift+Enter");
  await bar().getByText("1 row").waitFor();
  await page.waitForFunction(() => document.querySelector("#cell-0-0")?.textContent === "1");
  assert.equal(await page.getByRole("combobox", { name: "Result" }).count(), 0);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Shift+Home");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.querySelector("#cell-0-0")?.textContent === "2");
});

test("an error is shown at its place", async () => {
  await run(page, "SELECT level,\n       titel\nFROM songplays");
  await page.getByRole("alert").getByText('column "titel" does not exist').waitFor();
  await page.getByRole("button", { name: "Line 2, column 8" }).waitFor();
  assert.equal(await page.locator(".cm-lintRange-error").innerText(), "titel");
  await screenshot(page, "error");
});

test("a long statement is cancelled", async () => {
  await run(page, "SELECT COUNT(*) FROM staging_events a, staging_events b, staging_events c WHERE a.ts + b.ts > c.ts");
  const cancel = page.getByRole("button", { name: "Cancel" });
  await cancel.click();
  await page.getByRole("alert").getByText(/cancelled/i).waitFor();
  await page.getByRole("button", { name: "Run", exact: true }).waitFor();
});

test("a hundred thousand rows scroll, sort and filter without waiting", async () => {
  await run(page, "SELECT a.event_id + 20000 * b.n AS id, a.page, a.ts, a.first_name, a.length\nFROM staging_events a\nCROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) b\nORDER BY a.event_id, b.n;");
  await bar().getByText("100,000 rows").waitFor({ timeout: 30_000 });
  await cell(0, 0).waitFor();
  await page.waitForFunction(() => !document.querySelector(".result-bar")?.textContent?.includes("loaded"));
  assert.ok((await page.locator(".grid-row").count()) < 60, "only rows in view are in the document");
  await page.waitForTimeout(500);
  // Processor time, not the clock's: machines that test share their cores. 60 frames a second are 17 ms each.
  const session = await browser.context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === "TaskDuration").value * 1000;
  };
  const before = await busy();
  const frames = 60;
  await grid().evaluate(async (element, frames) => {
    for (let step = 1; step <= frames; step++) {
      element.scrollTop = (element.scrollHeight / frames) * step;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, frames);
  const each = ((await busy()) - before) / frames;
  assert.ok(each < 17, `a frame takes ${each} ms`);
  await page.locator('[aria-rowindex="100001"]').waitFor();
  await screenshot(page, "hundred-thousand-rows");
  await grid().focus();
  await page.keyboard.press("Control+Home");
  const started = Date.now();
  await page.getByTitle("id: sort").click();
  await page.getByTitle("id: sort").click();
  await page.waitForFunction(() => Number(document.querySelector("#cell-0-0")?.textContent) >= 99_999);
  assert.ok(Date.now() - started < 3000, "sorting is quick");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("textbox", { name: "Filter page" }).fill("logout");
  await page.waitForFunction(() => /^[\d,]+ of 100,000 rows/.test(document.querySelector(".result-bar [role=status]")?.textContent ?? ""));
  assert.equal(await cell(0, 1).innerText(), "Logout");
  await page.getByRole("textbox", { name: "Filter id" }).fill("< 5");
  await page.getByRole("textbox", { name: "Filter page" }).fill("");
  await bar().getByText("5 of 100,000 rows").waitFor();
  await page.getByRole("button", { name: "Filter" }).click();
});

test("cells are copied, and opened in full", async () => {
  await run(page, "SELECT 'a' AS x, 1 AS n UNION ALL SELECT 'b', 2 ORDER BY 1");
  await bar().getByText("2 rows").waitFor();
  await grid().focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Control+c");
  await bar().getByText("4 cells copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "x\tn\na\t1\nb\t2");
  await run(page, "SELECT JSON_PARSE('{\"a\":[1,2]}') AS document");
  await bar().getByText("1 row").waitFor();
  await cell(0, 0).dblclick();
  const dialog = page.getByRole("dialog");
  assert.match(await dialog.locator("pre").innerText(), /"a": \[\n/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("a result is downloaded as CSV, JSON and Parquet", async () => {
  await run(page, "SELECT '=1+1' AS formula, CAST(-5 AS INTEGER) AS n, CAST(1.50 AS DECIMAL(5, 2)) AS d, CAST(NULL AS DATE) AS nothing");
  await bar().getByText("1 row").waitFor();
  const save = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    return readFileSync(await download.path());
  };
  assert.equal((await save("CSV")).toString(), "formula,n,d,nothing\r\n'=1+1,-5,1.50,\r\n");
  assert.equal((await save("JSON")).toString(), '[\n{"formula": "=1+1", "n": -5, "d": 1.50, "nothing": null}\n]\n');
  const parquet = await save("Parquet");
  assert.equal(parquet.subarray(0, 4).toString(), "PAR1");
  assert.equal(parquet.subarray(-4).toString(), "PAR1");
});

test("a result is bound to charts", async () => {
  await run(page, "SELECT CAST(start_time AS DATE) AS day, level, COUNT(*) AS plays\nFROM songplays\nGROUP BY 1, 2\nORDER BY 1, 2;");
  await bar().getByRole("button", { name: "Chart" }).click();
  const chart = page.locator(".chart svg").last();
  await chart.waitFor();
  assert.ok((await page.locator(".chart svg path").count()) >= 2, "a line a level");
  await screenshot(page, "chart-line");
  for (const kind of ["area", "bar", "scatter", "number", "table"]) {
    await page.getByRole("combobox", { name: "Chart" }).selectOption(kind);
    await page.waitForTimeout(150);
    const drawn = kind === "number" ? ".big-number" : kind === "table" ? ".chart table" : ".chart svg";
    await page.locator(drawn).first().waitFor();
    await screenshot(page, `chart-${kind}`);
  }
  await bar().getByRole("button", { name: "Table" }).click();
});

test("EXPLAIN is shown as a tree", async () => {
  await setEditor(page, "SELECT s.title, COUNT(*)\nFROM songplays p JOIN songs s ON s.song_id = p.song_id\nGROUP BY 1 ORDER BY 2 DESC LIMIT 5");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.locator(".plan-title", { hasText: "Hash join" }).waitFor();
  assert.ok((await page.locator(".plan ul ul ul .plan-node").count()) > 2, "steps lie within steps");
  await screenshot(page, "explain");
  await setEditor(page, "SELECT titel FROM songs");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByRole("button", { name: "Line 1, column 8" }).waitFor();
});

test("the pipeline's queries are there, and one's own are saved", async () => {
  await page.getByRole("button", { name: "Queries", exact: true }).click();
  await page.getByText("Which songs of the catalog are played most?").click();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await bar().getByText("10 rows").waitFor();
  await screenshot(page, "query");
  page.once("dialog", (dialog) => void dialog.accept("my own query"));
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".saved-query", { hasText: "my own query" }).waitFor();
});

test("tabs and history stay across reloads", async () => {
  await page.getByRole("button", { name: "New tab" }).click();
  await run(page, "SELECT 'kept text' AS kept");
  await bar().getByText("1 row").waitFor();
  const tabs = await page.locator(".tab-name").allInnerTexts();
  await page.reload();
  await page.locator(".cm-content", { hasText: "kept text" }).waitFor();
  assert.deepEqual(await page.locator(".tab-name").allInnerTexts(), tabs);
  await page.getByRole("button", { name: "History" }).click();
  const entry = page.locator(".history-entry").first();
  assert.match(await entry.innerText(), /SELECT 'kept text' AS kept[\s\S]*done[\s\S]*ms[\s\S]*1 rows/);
  await screenshot(page, "history");
  await page.getByRole("button", { name: "Tables", exact: true }).click();
});

test("a tab has a transaction and temporary tables of its own", async () => {
  await run(page, "CREATE TEMP TABLE mine (a INT); INSERT INTO mine VALUES (1);");
  await page.getByText("INSERT 0 1").waitFor();
  await run(page, "SELECT * FROM mine");
  await bar().getByText("1 row").waitFor();
  await page.getByRole("button", { name: "New tab" }).click();
  await run(page, "SELECT * FROM mine");
  await page.getByRole("alert").getByText("does not exist").waitFor();
});

test("everything is reached with the keyboard alone", async () => {
  await page.getByRole("button", { name: "New tab" }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.insertText("SELECT 41 + 1 AS answer UNION ALL SELECT 1");
  await page.keyboard.press("Control+Enter");
  await bar().getByText("2 rows").waitFor();
  // Tab leaves the editor; the splitter, the result's buttons and the rows follow.
  const seen = [];
  for (let step = 0; step < 14; step++) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute("role") ?? activeElement?.tagName.toLowerCase();
    });
    seen.push(focus);
    if (focus === "grid") break;
  }
  assert.ok(seen.includes("separator") && seen.at(-1) === "grid", seen.join(", "));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("s");
  assert.equal(await page.locator(".grid-column").getAttribute("aria-sort"), "ascending");
  await page.reload();
  await page.getByRole("heading", { name: "public" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), "Skip to content");
});

test("nothing went wrong in the page, and nothing left it", () => {
  assert.deepEqual(browser.problems, []);
});
