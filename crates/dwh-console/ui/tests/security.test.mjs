import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, openBrowser, request, run, screenshot, signIn, startConsole } from "./harness.mjs";

let warehouse;

before(() => {
  warehouse = demo();
});

after(() => warehouse?.remove());

/** A console for one test. */
async function withConsole(args, env, work) {
  const server = await startConsole(warehouse.folder, args, env);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

test("without signing in nothing is told", () =>
  withConsole([], {}, async ({ origin }) => {
    for (const path of ["/catalog", "/language", "/pipeline", "/dashboard", "/loads", "/loads/errors", "/loads/runs", "/etl", "/diagrams/model.svg"]) {
      assert.equal((await request(origin, `/api/v1${path}`)).status, 401, path);
    }
    const status = JSON.parse((await request(origin, "/api/v1/status")).text);
    assert.deepEqual(status, { signed_in: false, asks_for_password: false });
    const wrong = await request(origin, "/api/v1/login", {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: '{"token": "0000"}',
    });
    assert.equal(wrong.status, 401);
  }));

test("other names and other sites are refused", () =>
  withConsole([], {}, async ({ origin }) => {
    const { port } = new URL(origin);
    assert.equal((await request(origin, "/", { headers: { host: `evil.example:${port}` } })).status, 403);
    assert.equal((await request(origin, "/", { headers: { host: `localhost:${port}` } })).status, 200);
    const post = (headers) =>
      request(origin, "/api/v1/logout", { method: "POST", headers: { "content-type": "application/json", ...headers } });
    assert.equal((await post({ origin: "http://evil.example" })).status, 403);
    assert.equal((await post({})).status, 403);
    assert.equal((await post({ origin, "sec-fetch-site": "cross-site" })).status, 403);
    assert.equal((await post({ origin })).status, 200);
  }));

test("headers keep the page to itself", () =>
  withConsole([], {}, async ({ origin }) => {
    const page = await request(origin, "/");
    const policy = page.headers["content-security-policy"];
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[0-9a-f]{32}'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes("unsafe"), policy);
    assert.notEqual((await request(origin, "/")).headers["content-security-policy"], policy, "a nonce is used once");
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.equal(page.headers["referrer-policy"], "no-referrer");
  }));

test("the page is packed, and its files are known again", () =>
  withConsole([], {}, async ({ origin }) => {
    const packed = await request(origin, "/assets/app.js", { headers: { "accept-encoding": "gzip" } });
    const plain = await request(origin, "/assets/app.js");
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.ok(packed.bytes.length < plain.bytes.length / 2);
    const known = await request(origin, "/assets/app.js", { headers: { "if-none-match": plain.headers.etag } });
    assert.equal(known.status, 304);
  }));

test("a login ends with sign-out, and its cookie is kept from scripts", () =>
  withConsole([], {}, async ({ origin, url }) => {
    const answer = await request(origin, "/api/v1/login", {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify({ token: new URL(url).hash.slice(7) }),
    });
    const cookie = answer.headers["set-cookie"][0];
    assert.match(cookie, /^dwh_console_\d+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: cookie.split(";")[0], origin };
    assert.equal((await request(origin, "/api/v1/etl", { headers })).status, 200);
    await request(origin, "/api/v1/logout", { method: "POST", headers });
    assert.equal((await request(origin, "/api/v1/etl", { headers })).status, 401);
  }));

test("read only means only queries run", () =>
  withConsole(["--read-only"], {}, async ({ url }) => {
    const ask = await signIn(url);
    const start = (sql) => ask("POST", "/runs", { sql, tab: "t" });
    assert.equal((await start("SELECT 1")).status, 202);
    for (const sql of [
      "DROP TABLE users",
      "SELECT 1; DELETE FROM users",
      "COPY users FROM 's3://b/k' IAM_ROLE DEFAULT JSON 'auto'",
      "SELECT pg_terminate_backend(1)",
    ]) {
      const refused = await start(sql);
      assert.equal(refused.status, 403, sql);
      assert.equal(JSON.parse(refused.text).error.sqlstate, "25006");
    }
    assert.equal((await ask("POST", "/etl", {})).status, 403);
  }));

test("a read-only page says so", () =>
  withConsole(["--read-only"], {}, async ({ origin, url }) => {
    const browser = await openBrowser(origin);
    const { page } = browser;
    await page.goto(url);
    await page.locator(".cm-content").waitFor();
    await run(page, "SELECT 42 AS answer");
    await page.locator("#cell-0-0").getByText("42").waitFor();
    await run(page, "DROP TABLE users");
    await page.getByRole("alert").getByText("the console is read-only").waitFor();
    await page.getByRole("link", { name: "Loads" }).click();
    assert.ok(await page.getByRole("button", { name: "Run ETL" }).isDisabled());
    assert.deepEqual(browser.problems, []);
    await browser.close();
  }));

test("who tries too often waits", () =>
  withConsole([], {}, async ({ origin, url }) => {
    const login = (token) =>
      request(origin, "/api/v1/login", {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify({ token }),
      });
    const answers = await Promise.all(Array.from({ length: 14 }, () => login("0000")));
    const count = (status) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(401), count(429)], [10, 4]);
    const right = await login(new URL(url).hash.replace("#token=", ""));
    assert.equal(right.status, 429);
    assert.ok(Number(right.headers["retry-after"]) > 0);
  }));

test("behind TLS the cookie is for TLS only", () =>
  withConsole(["--host", "dwh.example"], {}, async ({ origin, url }) => {
    const login = (headers) =>
      request(origin, "/api/v1/login", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ token: new URL(url).hash.replace("#token=", "") }),
      });
    const [cookie] = (await login({ host: "dwh.example", origin: "https://dwh.example" })).headers["set-cookie"];
    assert.match(cookie, /; HttpOnly; SameSite=Strict; Secure$/);
  }));

test("rows and time are limited", () =>
  withConsole(["--max-rows", "10", "--max-seconds", "1"], {}, async ({ url }) => {
    const ask = await signIn(url);
    const finish = async (sql) => {
      const { id } = JSON.parse((await ask("POST", "/runs", { sql, tab: "t" })).text);
      return JSON.parse((await ask("GET", `/runs/${id}?wait_ms=15000`)).text);
    };
    const few = await finish("SELECT * FROM staging_events");
    assert.deepEqual([few.state, few.results[0].row_count, few.results[0].truncated], ["done", 10, true]);
    const long = await finish("SELECT COUNT(*) FROM staging_events a, staging_events b, staging_events c WHERE a.ts + b.ts > c.ts");
    assert.equal(long.state, "cancelled");
    assert.match(long.error.detail, /limit of 1 s/);
  }));

test("users sign in with their passwords and have their privileges", async () => {
  warehouse.run("query", "CREATE USER ana PASSWORD 'Anas1Password'; GRANT SELECT ON users TO ana;");
  const env = { DWH_CLUSTER_DB_PASSWORD: "the owner's password" };
  await withConsole(["--password"], env, async ({ origin, url }) => {
    assert.ok(!url.includes("token"), url);
    const browser = await openBrowser(origin);
    const { page } = browser;
    await page.goto(url);
    await page.getByLabel("User").fill("ana");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("password authentication failed").waitFor();
    await screenshot(page, "password");
    await page.getByLabel("Password").fill("Anas1Password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".cm-content").waitFor();
    await run(page, "SELECT COUNT(*) AS n FROM users");
    await page.locator("#cell-0-0").waitFor();
    await run(page, "SELECT COUNT(*) FROM songs");
    await page.getByRole("alert").getByText("permission denied").waitFor();
    assert.deepEqual(browser.problems, []);
    await browser.close();
  });
});

test("a run of the pipeline is its own user's and the owner's", async () => {
  warehouse.run("query", "CREATE USER ben PASSWORD 'Bens1Password';");
  const env = { DWH_CLUSTER_DB_USER: "awsuser", DWH_CLUSTER_DB_PASSWORD: "the owner's password" };
  await withConsole(["--password", "--local-files", warehouse.folder], env, async ({ url }) => {
    const owner = await signIn(url, { user: "awsuser", password: "the owner's password" });
    const ben = await signIn(url, { user: "ben", password: "Bens1Password" });
    assert.equal((await owner("POST", "/etl", { full_refresh: true })).status, 202);
    assert.equal((await ben("GET", "/etl")).status, 403);
    assert.equal((await ben("DELETE", "/etl")).status, 403);
    assert.equal(JSON.parse((await owner("GET", "/etl")).text).run.state, "running");
    assert.equal((await owner("DELETE", "/etl")).status, 200);
    const ended = async (ask) => {
      for (;;) {
        const answer = await ask("GET", "/etl");
        const state = JSON.parse(answer.text).run?.state ?? answer.status;
        if (state !== "running" && state !== 403) return state;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    assert.equal(await ended(owner), "cancelled");
    assert.equal(JSON.parse((await ben("GET", "/etl")).text).run, null);
    // His own, which fails for want of privileges, both see.
    assert.equal((await ben("POST", "/etl", {})).status, 202);
    assert.equal(await ended(ben), "failed");
    assert.equal(await ended(owner), "failed");
  });
});

test("malicious names and values are shown as text", () =>
  withConsole([], {}, async ({ origin, url }) => {
    const browser = await openBrowser(origin);
    const { page } = browser;
    await page.goto(url);
    await page.locator(".cm-content").waitFor();
    const evil = "<img src=x onerror=\"\"alert('x')\"\">";
    await run(
      page,
      `CREATE TABLE "${evil}" ("<script>alert(1)</script>" VARCHAR(200), n INTEGER);\n` +
        `COMMENT ON TABLE "${evil}" IS '<b onmouseover=alert(2)>comment</b>';\n` +
        `INSERT INTO "${evil}" VALUES ('<svg onload=alert(3)>', 1), ('=HYPERLINK("http://evil.example")', 2), ('javascript:alert(4)', 3);`,
    );
    await page.getByText("INSERT 0 3").waitFor();
    const name = page.getByRole("button", { name: /^<img src=x/ }).first();
    await name.waitFor();
    await page.getByRole("button", { name: /^Preview <img/ }).click();
    await page.getByText("<svg onload=alert(3)>").waitFor();
    await page.getByText("<script>alert(1)</script>").first().waitFor();
    await page.locator(".result-bar").getByRole("button", { name: "Chart" }).click();
    await page.locator(".chart svg").first().waitFor();
    await screenshot(page, "malicious");
    await page.getByRole("link", { name: "Model" }).click();
    await page.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth > 400);
    await screenshot(page, "malicious-model");
    const svg = await page.evaluate(async () => (await fetch("/api/v1/diagrams/model.svg")).text());
    assert.ok(svg.includes("&lt;img src=x") && !svg.includes("<img"), "escaped in the drawing");
    assert.equal(await page.locator("img[onerror], svg[onload], [onmouseover]").count(), 0);
    assert.deepEqual(browser.problems, []);
    await browser.close();
  }));

test("with --https the page, its cookie and its scripts come by TLS only", () =>
  withConsole(["--https"], {}, async (server) => {
    assert.ok(server.url.startsWith("https://127.0.0.1:"));
    const browser = await openBrowser(server.origin, { ignoreHTTPSErrors: true });
    const { page } = browser;
    await page.goto(server.url);
    await run(page, "SELECT COUNT(*) FROM users");
    await page.locator("#cell-0-0").getByText("80", { exact: true }).waitFor();
    const [cookie] = await browser.context.cookies();
    assert.deepEqual([cookie.secure, cookie.httpOnly, cookie.sameSite], [true, true, "Strict"]);
    assert.deepEqual(browser.problems, []);
    await browser.close();
    assert.equal((await request(server.origin.replace("https:", "http:"), "/")).status, 400);
  }));
