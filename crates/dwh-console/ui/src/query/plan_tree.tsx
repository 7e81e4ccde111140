import { useState } from "preact/hooks";
import { Icon } from "../icons";
import type { PlanNode } from "./plan";

/** The plan of an EXPLAIN; the step that runs first is innermost. */
export function PlanTree({ nodes }: { nodes: PlanNode[] }) {
  return (
    <div class="plan" tabIndex={0} role="region" aria-label="Plan, scrolls">
      <ul class="plan-tree">
        {nodes.map((node, index) => (
          <Node key={index} node={node} />
        ))}
      </ul>
    </div>
  );
}

function Node({ node }: { node: PlanNode }) {
  const [open, setOpen] = useState(true);
  return (
    <li>
      <div class="plan-node">
        {node.children.length > 0 ? (
          <button
            type="button"
            class="plan-toggle"
            aria-expanded={open}
            aria-label={`${node.title}: inputs`}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? "down" : "right"} />
          </button>
        ) : (
          <span class="plan-toggle" />
        )}
        <span class="plan-title">{node.title}</span>
        <span class="plan-detail" title={node.detail}>
          {node.detail}
        </span>
        {node.notes.map((note, index) => (
          <span key={index} class="plan-note">
            {note}
          </span>
        ))}
      </div>
      {open && node.children.length > 0 && (
        <ul>
          {node.children.map((child, index) => (
            <Node key={index} node={child} />
          ))}
        </ul>
      )}
    </li>
  );
}
