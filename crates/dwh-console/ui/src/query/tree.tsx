import { useMemo, useState } from "preact/hooks";
import type { Catalog, Problem, Relation, Schema } from "../api";
import { compact, count, quoteName, shortType } from "../format";
import { Icon } from "../icons";
import { ProblemBox } from "../parts";

/** Schemas, tables, columns; a tree of buttons, so that every key and reader works with it. */
export function SchemaTree(props: {
  catalog: Catalog | undefined;
  problem: Problem | undefined;
  onPreview: (schema: string, relation: Relation) => void;
  onInsert: (text: string) => void;
  onRefresh: () => void;
}) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const schemas = useMemo(() => found(props.catalog?.schemas ?? [], wanted), [props.catalog, wanted]);
  return (
    <>
      <div class="side-search">
        <label class="search">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Find tables and columns"
            aria-label="Find tables and columns"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <button type="button" class="icon-button" aria-label="Refresh the tree" title="Refresh" onClick={props.onRefresh}>
          <Icon name="refresh" />
        </button>
      </div>
      {props.problem && <ProblemBox problem={props.problem} />}
      <div class="tree">
        {schemas.length === 0 && props.catalog && <p class="quiet pad">Nothing is called “{search}”.</p>}
        {schemas.map((schema) => (
          <SchemaNode key={schema.name} schema={schema} searching={wanted !== ""} {...props} />
        ))}
      </div>
    </>
  );
}

/** Relations whose name or one of whose columns has the text in it. */
function found(schemas: Schema[], wanted: string): Schema[] {
  if (wanted === "") return schemas;
  const has = (text: string) => text.toLowerCase().includes(wanted);
  return schemas
    .map((schema) => ({
      ...schema,
      relations: schema.relations.filter((one) => has(one.name) || one.columns.some((column) => has(column.name))),
    }))
    .filter((schema) => schema.relations.length > 0);
}

type Actions = {
  onPreview: (schema: string, relation: Relation) => void;
  onInsert: (text: string) => void;
};

function SchemaNode(props: { schema: Schema; searching: boolean } & Actions) {
  const { schema, searching } = props;
  const [open, setOpen] = useState(!schema.system);
  const shown = searching || open;
  return (
    <section class="tree-schema">
      <h2>
        <button type="button" class="tree-line" aria-expanded={shown} onClick={() => setOpen(!open)}>
          <Icon name={shown ? "down" : "right"} />
          <span class="tree-name">{schema.name}</span>
          <span class="tree-count">{schema.relations.length}</span>
        </button>
      </h2>
      {shown && (
        <ul>
          {schema.relations.map((relation) => (
            <RelationNode key={relation.name} relation={relation} {...props} />
          ))}
          {schema.relations.length === 0 && <li class="quiet pad">No tables yet</li>}
        </ul>
      )}
    </section>
  );
}

function RelationNode({ schema, relation, onPreview, onInsert }: { schema: Schema; relation: Relation } & Actions) {
  const [open, setOpen] = useState(false);
  const isTable = relation.kind === "table";
  const foreign = new Map(
    relation.foreign_keys.flatMap((key) => key.columns.map((column, at) => [column, `${key.table}.${key.target_columns[at]}`])),
  );
  const name = schema.name === "public" || schema.name === "pg_catalog" ? quoteName(relation.name) : `${quoteName(schema.name)}.${quoteName(relation.name)}`;
  return (
    <li>
      <div class="tree-row">
        <button
          type="button"
          class="tree-line"
          aria-expanded={open}
          title={relation.comment ?? relation.name}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "down" : "right"} />
          <Icon name={isTable ? "table" : "view"} />
          <span class="tree-name">{relation.name}</span>
          {relation.row_count !== null && (
            <span class="tree-count" title={`${count(relation.row_count, "row")}${relation.size_mb === null ? "" : `, ${relation.size_mb} MB`}`}>
              {compact(relation.row_count)}
            </span>
          )}
        </button>
        <button
          type="button"
          class="icon-button tree-action"
          aria-label={`Preview ${relation.name}`}
          title="Preview: the first 100 rows"
          onClick={() => onPreview(schema.name, relation)}
        >
          <Icon name="play" />
        </button>
      </div>
      {open && (
        <div class="tree-detail">
          {isTable && !schema.system && (
            <dl class="facts">
              <div>
                <dt>Distribution</dt>
                <dd>{relation.distribution ?? "unknown"}</dd>
              </div>
              <div>
                <dt>Sort key</dt>
                <dd>{relation.sort_key.length ? `${relation.interleaved ? "interleaved " : ""}${relation.sort_key.join(", ")}` : "none"}</dd>
              </div>
              <div>
                <dt>Rows</dt>
                <dd>{relation.row_count === null ? "unknown" : compact(relation.row_count)}</dd>
              </div>
              <div>
                <dt>Size</dt>
                <dd>{relation.size_mb === null ? (relation.row_count === 0 ? "empty" : "unknown") : `${relation.size_mb} MB`}</dd>
              </div>
            </dl>
          )}
          {relation.comment && <p class="tree-comment">{relation.comment}</p>}
          <ul>
            {relation.columns.map((column) => (
              <li key={column.name}>
                <button
                  type="button"
                  class="tree-column"
                  title={`${column.comment ?? column.name}${column.not_null ? " (not null)" : ""}. Click to insert`}
                  onClick={() => onInsert(quoteName(column.name))}
                >
                  <span class="tree-name">{column.name}</span>
                  {relation.primary_key.includes(column.name) && <span class="key pk" title="Primary key">PK</span>}
                  {foreign.has(column.name) && <span class="key fk" title={`Foreign key to ${foreign.get(column.name)}`}>FK</span>}
                  {relation.distribution === `KEY(${column.name})` && <span class="key" title="Distribution key">DK</span>}
                  {relation.sort_key.includes(column.name) && <span class="key" title="Sort key">SK</span>}
                  <span class="tree-type">{shortType(column.type)}</span>
                </button>
              </li>
            ))}
          </ul>
          <button type="button" class="link" onClick={() => onInsert(name)}>
            Insert the name
          </button>
        </div>
      )}
    </li>
  );
}
