import { useState } from "preact/hooks";
import { BASE } from "../api";
import { useDark } from "../hooks";
import { Icon } from "../icons";
import { Segments } from "../parts";

type Picture = "model" | "architecture";

/** The pictures of `dwh diagram`: of the live catalog, and of what runs where. */
export function ModelPage() {
  const [picture, setPicture] = useState<Picture>("model");
  const [version, setVersion] = useState(0);
  const [copied, setCopied] = useState("");
  const dark = useDark();
  const url = (format: string) => `${BASE}/diagrams/${picture}.${format}`;
  const formats = picture === "model" ? ["mmd", "dbml"] : ["mmd"];
  const names: Record<string, string> = { mmd: "Mermaid", dbml: "DBML" };
  return (
    <div class="page">
      <div class="page-head">
        <h1>{picture === "model" ? "Data model" : "Architecture"}</h1>
        <Segments
          label="Picture"
          value={picture}
          options={[
            ["model", "Data model"],
            ["architecture", "Architecture"],
          ]}
          onChange={setPicture}
        />
        <span class="grow" />
        <span class="quiet" role="status">
          {copied}
        </span>
        {formats.map((format) => (
          <button
            key={format}
            type="button"
            class="button"
            onClick={async () => {
              const text = await (await fetch(url(format))).text();
              await navigator.clipboard.writeText(text);
              setCopied(`${names[format]} text copied`);
            }}
          >
            <Icon name="copy" /> {names[format]}
          </button>
        ))}
        <a class="button" href={url("svg")} download={`${picture}.svg`}>
          <Icon name="download" /> SVG
        </a>
        <button type="button" class="button" onClick={() => setVersion(version + 1)}>
          <Icon name="refresh" /> Refresh
        </button>
      </div>
      <div class="picture" tabIndex={0} role="region" aria-label="Picture, scrolls">
        <img
          src={`${url("svg")}?theme=${dark ? "dark" : "light"}#${version}`}
          key={`${picture}${dark}${version}`}
          alt={
            picture === "model"
              ? "Tables with their columns and keys; lines lead from foreign keys to the tables they refer to"
              : "Sources, the warehouse with staging and star schema, and the ways in for clients"
          }
        />
      </div>
    </div>
  );
}
