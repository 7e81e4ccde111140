// Small parts that several pages are made of.
import type { ComponentChildren } from "preact";
import type { Problem } from "./api";
import { Icon } from "./icons";

export function ProblemBox({ problem, children }: { problem: Problem; children?: ComponentChildren }) {
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <div>
        <p class="problem-message">
          {problem.message}
          {problem.sqlstate && <code class="sqlstate">{problem.sqlstate}</code>}
        </p>
        {problem.detail && <p>{problem.detail}</p>}
        {problem.hint && <p class="hint">{problem.hint}</p>}
        {children}
      </div>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Buttons of which one is chosen. */
export function Segments<T extends string>(props: {
  label: string;
  value: T;
  options: [T, string][];
  onChange: (value: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button
          key={value}
          type="button"
          class="segment"
          aria-pressed={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/** Rows as a plain table, for small results. */
export function PlainTable(props: {
  caption: string;
  head: { label: string; numeric?: boolean }[];
  rows: ComponentChildren[][];
}) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={props.caption}>
      <table class="plain">
        <caption class="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            {props.head.map((cell) => (
              <th key={cell.label} scope="col" class={cell.numeric ? "numeric" : ""}>
                {cell.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} class={props.head[column]?.numeric ? "numeric" : ""}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
