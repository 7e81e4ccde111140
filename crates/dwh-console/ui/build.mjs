// Bundles src/ into ../assets, which the binary carries, and lists the files in ../assets/files.rs.
// The same sources and packages give the same bytes.
import { build } from "esbuild";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../assets");
for (const name of readdirSync(assets)) rmSync(join(assets, name));

await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  outdir: assets,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  legalComments: "eof",
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
writeFileSync(join(assets, "index.html"), readFileSync(join(here, "src/index.html")));
writeFileSync(join(assets, "icon.svg"), readFileSync(join(here, "src/icon.svg")));

const types = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};
const files = readdirSync(assets).filter((name) => !name.endsWith(".rs")).sort();
const line = (name) => `    ("${name}", "${types[name.split(".").pop()]}", include_bytes!("${name}")),\n`;
writeFileSync(
  join(assets, "files.rs"),
  `// Written by ui/build.mjs.

/// Name, media type and bytes of each file.
const FILES: &[(&str, &str, &[u8])] = &[
${files.map(line).join("")}];
`,
);
