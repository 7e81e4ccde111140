import { useState } from "preact/hooks";
import type { SavedQuery } from "../api";
import { duration, integer } from "../format";
import { Icon } from "../icons";
import { Empty } from "../parts";
import type { HistoryEntry } from "../store";

/** Saved queries: the pipeline's, and those of this browser. */
export function SavedQueries(props: {
  pipeline: { name: string; queries: SavedQuery[] } | undefined;
  own: SavedQuery[];
  onOpen: (query: SavedQuery) => void;
  onRemove: (name: string) => void;
}) {
  return (
    <div class="saved">
      {props.own.length > 0 && (
        <section>
          <h2>Yours</h2>
          <ul>
            {props.own.map((query) => (
              <li key={query.name} class="tree-row">
                <button type="button" class="saved-query" onClick={() => props.onOpen(query)}>
                  {query.name}
                </button>
                <button type="button" class="icon-button tree-action" aria-label={`Remove ${query.name}`} onClick={() => props.onRemove(query.name)}>
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {props.pipeline && (
        <section>
          <h2>Pipeline {props.pipeline.name}</h2>
          <ul>
            {props.pipeline.queries.map((query) => (
              <li key={query.name}>
                <button type="button" class="saved-query" onClick={() => props.onOpen(query)}>
                  <span>{query.name.replaceAll("_", " ")}</span>
                  <span class="quiet">{query.question}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** What has run in this browser, the newest first. */
export function History(props: { entries: HistoryEntry[]; onOpen: (entry: HistoryEntry) => void; onClear: () => void }) {
  const [search, setSearch] = useState("");
  const wanted = search.toLowerCase();
  const entries = props.entries.filter((entry) => entry.sql.toLowerCase().includes(wanted)).slice(0, 200);
  if (props.entries.length === 0) return <Empty title="Nothing has run yet" />;
  return (
    <>
      <div class="side-search">
        <label class="search">
          <Icon name="search" />
          <input type="search" placeholder="Find in history" aria-label="Find in history" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <button type="button" class="link" onClick={props.onClear}>
          Clear
        </button>
      </div>
      <ul class="history">
        {entries.map((entry, index) => (
          <li key={`${entry.at}${index}`}>
            <button type="button" class="history-entry" onClick={() => props.onOpen(entry)}>
              <code>{entry.sql.replace(/\s+/g, " ").slice(0, 160)}</code>
              <span class="quiet">
                <span class={`state ${entry.state}`}>{entry.state}</span> {duration(entry.elapsed_ms)}
                {entry.rows !== null && ` · ${integer(entry.rows)} rows`} · {new Date(entry.at).toLocaleString()}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
