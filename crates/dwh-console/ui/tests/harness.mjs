// Starts a console on a warehouse of its own and a browser that may go nowhere else.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const DWH = process.env.DWH_BIN ?? "dwh";
/** Where screenshots are kept; none without. */
const SCREENSHOTS = process.env.DWH_CONSOLE_SCREENSHOTS;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A folder that is removed at the end, with the demo's data and, unless told otherwise, its warehouse. */
export function demo({ load = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "dwh-console-"));
  const run = (...args) => {
    const done = spawnSync(DWH, ["--quiet", ...args], { cwd: folder, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`dwh ${args.join(" ")}: ${done.stderr}`);
    return done.stdout;
  };
  run("generate", "data", "--events", "20000", "--songs", "300", "--users", "80", "--days", "20", "--seed", "7");
  run("init", "--data", "data");
  if (load) run("etl");
  return { folder, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A certificate for localhost, which nobody trusts, and its key, in a folder. */
export function makeCertificate(folder) {
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
  const made = spawnSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", ...names],
    { cwd: folder, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  return { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
}

/** S3 on loopback with a folder's files in a bucket, until `stop`. `ask` sets how it behaves. */
export async function startS3(bucket, folder) {
  const python = process.env.DWH_TEST_PYTHON ?? "python3";
  const script = fileURLToPath(new URL("../../../../tests/aws/stand_in.py", import.meta.url));
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the stand-in for S3 ended with ${code}: is moto[server] installed for ${python}?`)));
  });
  const ask = (what, body) =>
    request(url, `/_stand_in/${what}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  await ask("bucket", { name: bucket, folder });
  return {
    ask,
    environment: {
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "a-secret-that-nobody-may-read",
      AWS_REGION: "us-west-2",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.stdin.end();
      }),
  };
}

/** `dwh console` in a folder, until `stop`. */
export async function startConsole(folder, args = [], env = {}) {
  const { line, ...started } = await start(folder, ["console", "--listen", "127.0.0.1:0", ...args], env);
  return { url: line, origin: new URL(line).origin, ...started };
}

/** `dwh serve` on the warehouse of a folder, until `stop`. */
export async function startServer(folder, args = [], env = {}) {
  const { line, ...started } = await start(folder, ["serve", "--listen", "127.0.0.1:0", "--no-http", ...args], env);
  return { port: /-p (\d+)/.exec(line)[1], ...started };
}

/** A program that goes on, and the first line that it says. */
async function start(folder, args, env) {
  const child = spawn(DWH, ["--quiet", ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += data));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`dwh ${args[0]} ended with ${code}: ${stderr}`)));
  });
  return {
    line,
    stderr: () => stderr,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      }),
  };
}

/** A browser with an empty profile. `problems` collects what no page may do. */
export async function openBrowser(origin, options = {}) {
  const profile = mkdtempSync(join(tmpdir(), "dwh-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
    viewport: { width: 1360, height: 860 },
    permissions: ["clipboard-read", "clipboard-write"],
    acceptDownloads: true,
    ...options,
  });
  const problems = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15_000);
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) problems.push(`a request left the page: ${request.url()}`);
  });
  page.on("console", (message) => {
    // A refused request is logged by the browser; the tests look at what the page says. Text that is put in by
    // the driver comes with an inline style of the browser's own, which the policy refuses as it should.
    const expected = /Failed to load resource|Applying inline style violates/;
    if (message.type() === "error" && !expected.test(message.text())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    if (dialog.type() === "prompt") return;
    problems.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    context,
    problems,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

export async function screenshot(page, name) {
  if (!SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** Writes a text into the editor and runs it with the key. */
export async function run(page, sql) {
  await setEditor(page, sql);
  await page.keyboard.press("Control+Enter");
}

export async function setEditor(page, sql) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(sql);
  await page.keyboard.press("Escape");
}

/** A request with any headers, as no browser would send it. */
export function request(origin, path, { method = "GET", headers = {}, body } = {}) {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = http.request({ hostname, port, path, method, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() });
      });
    });
    sent.on("error", reject);
    if (body !== undefined) sent.write(body);
    sent.end();
  });
}

/** Signs in without a browser, with the link's token or with user and password; answers requests as the page's script would. */
export async function signIn(url, credentials) {
  const { origin, hash } = new URL(url);
  const own = { origin, "content-type": "application/json" };
  const body = JSON.stringify(credentials ?? { token: hash.replace("#token=", "") });
  const answer = await request(origin, "/api/v1/login", { method: "POST", headers: own, body });
  if (answer.status !== 200) throw new Error(answer.text);
  const cookie = answer.headers["set-cookie"][0].split(";")[0];
  return (method, path, content) =>
    request(origin, `/api/v1${path}`, {
      method,
      headers: { ...own, cookie },
      body: content === undefined ? undefined : JSON.stringify(content),
    });
}
