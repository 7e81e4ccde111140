// A plan's lines as a tree: Redshift's `->  XN …` with its detail lines, or plain indentation.

export interface PlanNode {
  title: string;
  detail: string;
  /** Lines that belong to the node: filters, conditions. */
  notes: string[];
  rows: number | null;
  children: PlanNode[];
}

export function parsePlan(lines: string[]): PlanNode[] {
  const used = lines.filter((line) => line.trim() !== "");
  const arrows = used.some((line) => line.includes("->"));
  const roots: PlanNode[] = [];
  const open: { indent: number; node: PlanNode }[] = [];
  for (const line of used) {
    const [, blanks, arrow, text] = /^(\s*)(->\s*)?(.*)$/.exec(line) ?? ["", "", "", line];
    const isNode = !arrows || arrow !== undefined || open.length === 0;
    if (!isNode) {
      open[open.length - 1].node.notes.push(text);
      continue;
    }
    const indent = blanks.length + (arrow?.length ?? 0);
    const node = nodeOf(text);
    while (open.length && open[open.length - 1].indent >= indent) open.pop();
    (open.length ? open[open.length - 1].node.children : roots).push(node);
    open.push({ indent, node });
  }
  return roots;
}

function nodeOf(text: string): PlanNode {
  const cost = /\s*\((cost=[^)]*)\)/.exec(text);
  const plain = cost ? text.replace(cost[0], "") : text;
  const [, title, rest] = /^([\w ]+?)(?:Exec)?(?::\s*| on )(.*)$/.exec(plain) ?? ["", plain.replace(/Exec$/, ""), ""];
  const rows = /rows=(\d+)/.exec(cost?.[1] ?? "");
  const detail = [plain.includes(" on ") && !plain.includes(":") ? `on ${rest}` : rest, cost?.[1]].filter(Boolean);
  return { title: spaced(title), detail: detail.join(" · "), notes: [], rows: rows ? Number(rows[1]) : null, children: [] };
}

/** HashJoin as Hash join. */
function spaced(title: string): string {
  if (title.includes(" ")) return title;
  const words = title.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
