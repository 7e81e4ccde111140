import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { demo, openBrowser, screenshot, startConsole } from "./harness.mjs";

let warehouse, server, browser, page;

before(async () => {
  // Nothing is loaded yet: the page does that.
  warehouse = demo({ load: false });
  server = await startConsole(warehouse.folder);
  browser = await openBrowser(server.origin);
  page = browser.page;
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  warehouse?.remove();
});

test("an empty warehouse says so", async () => {
  await page.getByText("No tables yet").waitFor();
  await page.getByRole("link", { name: "Loads" }).click();
  await page.getByText("Nothing has been loaded yet").waitFor();
});

test("an ETL is started and watched", async () => {
  await page.getByRole("button", { name: "Run ETL" }).click();
  await page.locator(".steps").getByText("staging_events").first().waitFor();
  await page.locator(".state.committed").waitFor({ timeout: 60_000 });
  const steps = await page.locator(".steps").innerText();
  assert.match(steps, /COPY staging_events/);
  assert.match(steps, /20,?000 rows loaded, 0 rejected/);
  assert.match(steps, /Transform songplays/);
  await page.getByRole("row").nth(1).waitFor();
  await screenshot(page, "etl");
  await page.getByRole("button", { name: /objects$/ }).first().click();
  await page.getByText(".json").first().waitFor();
  await page.getByRole("button", { name: "Run ETL" }).click();
  await page.locator(".state.nothing_new").waitFor();
});

test("the history of COPY has speed, and checks pass", async () => {
  await page.getByRole("button", { name: "COPY history" }).click();
  await page.getByText("rows/s").first().waitFor();
  await screenshot(page, "copies");
  await page.getByRole("button", { name: "Checks" }).click();
  await page.getByRole("button", { name: "Run checks" }).click();
  await page.getByRole("heading", { name: /All \d+ checks pass/ }).waitFor({ timeout: 30_000 });
  await screenshot(page, "checks");
  await page.getByRole("button", { name: "Compare with expected results" }).click();
  await page.getByRole("alert").getByText("no expected results are known for this input").waitFor();
});

test("rejected records are shown with their raw lines, as text", async () => {
  const bad = '{"artist": null, "page": "<img src=x onerror=alert(1)>", "ts": "no number"}\n';
  writeFileSync(join(warehouse.folder, "data/log_data/bad-events.json"), bad);
  await page.getByRole("button", { name: "Run ETL" }).click();
  await page.locator(".state.failed").first().waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Rejected records" }).click();
  await page.locator(".rejected pre").first().waitFor();
  assert.ok((await page.locator(".rejected pre").first().innerText()).includes("<img src=x onerror=alert(1)>"));
  await screenshot(page, "rejected");
});

test("the dashboard follows its filters", async () => {
  await page.getByRole("link", { name: "Dashboard" }).click();
  const number = (title) => page.getByRole("region", { name: title, exact: true }).locator(".big-number");
  await number("Plays").waitFor();
  await page.locator(".panel.heatmap svg").waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.panel[aria-busy="true"]').length === 0);
  await page.waitForTimeout(600);
  await screenshot(page, "dashboard");
  const all = await number("Plays").innerText();
  await page.getByRole("button", { name: "paid", exact: true }).click();
  await page.waitForFunction((before) => document.querySelector(".big-number")?.textContent !== before, all);
  const paid = await number("Plays").innerText();
  assert.ok(Number(paid.replace(/,/g, "")) < Number(all.replace(/,/g, "")), `${paid} of ${all}`);
  const from = page.getByLabel("From");
  const first = await from.getAttribute("min");
  await page.getByLabel("Until").fill(first);
  await page.waitForFunction((before) => document.querySelector(".big-number")?.textContent !== before, paid);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.waitForFunction((before) => document.querySelector(".big-number")?.textContent === before, all);
});

test("the data model and the architecture are drawn", async () => {
  await page.getByRole("link", { name: "Model" }).click();
  const image = page.locator(".picture img");
  await page.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth > 400);
  await screenshot(page, "model");
  await page.getByRole("button", { name: "DBML" }).click();
  await page.getByText("DBML text copied").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Ref: "songplays"\."song_id" > "songs"\."song_id"/);
  await page.getByRole("button", { name: "Architecture" }).click();
  await page.waitForFunction(() => document.querySelector(".picture img")?.src.includes("architecture"));
  await page.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth > 400);
  await screenshot(page, "architecture");
  assert.match(await image.getAttribute("alt"), /Sources/);
});

test("the theme is light, dark, or the system's, and stays", async () => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const button = page.getByRole("button", { name: /^Theme/ });
  await button.click();
  await button.click();
  assert.notEqual(await background(), light);
  await page.reload();
  await page.locator(".picture img").waitFor();
  assert.notEqual(await background(), light);
  await page.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth > 400);
  await screenshot(page, "dark-model");
  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.locator(".panel.heatmap svg").waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.panel[aria-busy="true"]').length === 0);
  await page.waitForTimeout(600);
  await screenshot(page, "dark-dashboard");
  await page.getByRole("navigation").getByRole("link", { name: "Query" }).click();
  await page.getByRole("button", { name: "Queries", exact: true }).click();
  await page.getByText("Who plays most?").click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator("#cell-0-0").waitFor();
  await screenshot(page, "dark-query");
});

test("every page fits a phone, without scrolling to the side", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["Query", "Dashboard", "Loads", "Model"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.waitForTimeout(300);
    const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= width, `${name}: ${wide} of ${width}`);
    await screenshot(page, `phone-${name.toLowerCase()}`);
  }
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});

test("nothing went wrong in the page, and nothing left it", () => {
  assert.deepEqual(browser.problems, []);
});
