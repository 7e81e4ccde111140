// Accessibility: axe finds nothing serious on any page, in both themes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { demo, openBrowser, run, startConsole } from "./harness.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let warehouse, server, browser, page;

before(async () => {
  warehouse = demo();
  server = await startConsole(warehouse.folder);
  // The scanner is put into the page, which the page's own policy would not let in.
  browser = await openBrowser(server.origin, { bypassCSP: true });
  page = browser.page;
  await page.goto(server.url);
  await page.getByRole("heading", { name: "public" }).waitFor();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  warehouse?.remove();
});

async function scan(place) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  const serious = found.violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  const told = serious.map((one) => `${place}: ${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("\n")}`);
  assert.deepEqual(told, []);
}

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious in the ${theme} theme`, async () => {
    await page.evaluate((theme) => localStorage.setItem("dwh-console:theme", JSON.stringify(theme)), theme);
    await page.goto(`${server.origin}/#/query`);
    await page.reload();
    await page.getByRole("heading", { name: "public" }).waitFor();
    await page.getByRole("button", { name: /^songplays/ }).click();
    await run(page, "SELECT * FROM users ORDER BY user_id");
    await page.locator("#cell-0-0").waitFor();
    await page.getByRole("button", { name: "Filter" }).click();
    await scan("query");
    await page.locator(".result-bar").getByRole("button", { name: "Chart" }).click();
    await page.locator(".chart svg").first().waitFor();
    await scan("chart");
    await run(page, "SELECT nothing FROM users");
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Queries", exact: true }).click();
    await scan("error and saved queries");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByRole("button", { name: "History" }).click();
    await scan("history");
    await page.getByRole("link", { name: "Dashboard" }).click();
    await page.locator(".panel.heatmap svg").waitFor();
    await page.waitForFunction(() => document.querySelectorAll('.panel[aria-busy="true"]').length === 0);
    await page.waitForTimeout(300);
    await scan("dashboard");
    await page.getByRole("link", { name: "Loads" }).click();
    await page.getByRole("row").nth(1).waitFor();
    await scan("loads");
    await page.getByRole("button", { name: "Checks" }).click();
    await page.getByRole("button", { name: "Run checks" }).click();
    await page.getByRole("heading", { name: /checks pass/ }).waitFor({ timeout: 30_000 });
    await scan("checks");
    await page.getByRole("link", { name: "Model" }).click();
    await page.locator(".picture img").waitFor();
    await scan("model");
  });
}

test("axe finds nothing serious in the sign-in page", async () => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await scan("sign-in");
});
