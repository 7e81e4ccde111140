// A table of any length: only the cells in view are in the document.
import { useEffect, useMemo, useState } from "preact/hooks";
import { isNumeric, shortType } from "../format";
import { useSize } from "../hooks";
import type { ResultData, Sort } from "./data";

const ROW = 28;
const HEAD = 44;
const FILTER = 34;
const NUMBER_COLUMN = 64;
const SAMPLE_ROWS = 200;
const OVERSCAN = 6;

type Cell = { row: number; column: number };

export function Grid(props: {
  data: ResultData;
  version: number;
  sort: Sort;
  filters: string[] | null;
  onSort: (sort: Sort) => void;
  onFilter: (filters: string[]) => void;
  onOpen: (cell: Cell) => void;
  onCopied: (text: string) => void;
}) {
  const { data, sort, filters } = props;
  const [ref, size] = useSize<HTMLDivElement>();
  const [scroll, setScroll] = useState({ top: 0, left: 0 });
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const [anchor, setAnchor] = useState<Cell>({ row: 0, column: 0 });
  const [resized, setResized] = useState<Record<number, number>>({});

  const hasSample = data.loaded > 0;
  const measured = useMemo(() => widths(data), [data, hasSample]);
  const columnWidths = measured.map((width, column) => resized[column] ?? width);
  const lefts = useMemo(() => {
    let left = NUMBER_COLUMN;
    return columnWidths.map((width) => (left += width) - width);
  }, [columnWidths.join()]);
  const width = lefts.length ? lefts[lefts.length - 1] + columnWidths[columnWidths.length - 1] : NUMBER_COLUMN;

  const head = HEAD + (filters ? FILTER : 0);
  const rows = data.shownCount;
  const first = Math.max(0, Math.floor(scroll.top / ROW) - OVERSCAN);
  const last = Math.min(rows, Math.ceil((scroll.top + size.height) / ROW) + OVERSCAN);
  const inView = data.columns.map((_, column) => column).filter((column) => {
    const left = lefts[column];
    return left + columnWidths[column] > scroll.left - 100 && left < scroll.left + size.width + 100;
  });

  // The active cell must exist when rows are filtered away.
  useEffect(() => {
    if (active.row >= rows && rows > 0) {
      setActive({ ...active, row: rows - 1 });
      setAnchor({ ...active, row: rows - 1 });
    }
  }, [rows]);

  const activeInView = active.row >= first && active.row < last && inView.includes(active.column);
  const range = {
    top: Math.min(active.row, anchor.row),
    bottom: Math.max(active.row, anchor.row),
    left: Math.min(active.column, anchor.column),
    right: Math.max(active.column, anchor.column),
  };

  const move = (cell: Cell, extend: boolean) => {
    const next = {
      row: Math.max(0, Math.min(rows - 1, cell.row)),
      column: Math.max(0, Math.min(data.columns.length - 1, cell.column)),
    };
    setActive(next);
    if (!extend) setAnchor(next);
    const view = ref.current;
    if (!view) return;
    const top = next.row * ROW;
    if (top < view.scrollTop) view.scrollTop = top;
    if (top + ROW + head > view.scrollTop + view.clientHeight) view.scrollTop = top + ROW + head - view.clientHeight;
    const left = lefts[next.column];
    if (left - NUMBER_COLUMN < view.scrollLeft) view.scrollLeft = left - NUMBER_COLUMN;
    const right = left + columnWidths[next.column];
    if (right > view.scrollLeft + view.clientWidth) view.scrollLeft = right - view.clientWidth;
  };

  const copy = async () => {
    const columns = data.columns.map((_, column) => column).slice(range.left, range.right + 1);
    const one = range.top === range.bottom && range.left === range.right;
    await navigator.clipboard.writeText(data.text(range.top, range.bottom + 1, columns, !one));
    const cells = (range.bottom - range.top + 1) * columns.length;
    props.onCopied(one ? "Cell copied" : `${cells.toLocaleString("en-US")} cells copied, with column names`);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).tagName === "INPUT") return;
    const page = Math.max(1, Math.floor((size.height - head) / ROW) - 1);
    const { row, column } = active;
    const ctrl = event.ctrlKey || event.metaKey;
    const to: Record<string, Cell> = {
      ArrowDown: { row: ctrl ? rows - 1 : row + 1, column },
      ArrowUp: { row: ctrl ? 0 : row - 1, column },
      ArrowRight: { row, column: ctrl ? data.columns.length - 1 : column + 1 },
      ArrowLeft: { row, column: ctrl ? 0 : column - 1 },
      PageDown: { row: row + page, column },
      PageUp: { row: row - page, column },
      Home: { row: ctrl ? 0 : row, column: 0 },
      End: { row: ctrl ? rows - 1 : row, column: data.columns.length - 1 },
    };
    if (to[event.key]) {
      move(to[event.key], event.shiftKey);
    } else if (ctrl && event.key === "c") {
      void copy();
    } else if (ctrl && event.key === "a") {
      setAnchor({ row: 0, column: 0 });
      setActive({ row: rows - 1, column: data.columns.length - 1 });
    } else if (event.key === "Enter") {
      props.onOpen(active);
    } else if (event.key === "s" && !ctrl) {
      props.onSort(nextSort(sort, column));
    } else {
      return;
    }
    event.preventDefault();
  };

  const startResize = (event: PointerEvent, column: number) => {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget as HTMLElement;
    const [start, before] = [event.clientX, columnWidths[column]];
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) =>
      setResized((all) => ({ ...all, [column]: Math.max(48, before + moved.clientX - start) }));
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };

  const selected = (row: number, column: number) =>
    row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;

  return (
    <div
      class="grid"
      ref={ref}
      role="grid"
      tabIndex={0}
      aria-label="Result rows. Arrow keys move, Enter opens a value, S sorts by the column, Control C copies"
      aria-rowcount={rows + 1}
      aria-colcount={data.columns.length + 1}
      aria-activedescendant={activeInView ? `cell-${active.row}-${active.column}` : undefined}
      onScroll={(event) => {
        const view = event.currentTarget as HTMLElement;
        setScroll({ top: view.scrollTop, left: view.scrollLeft });
      }}
      onKeyDown={onKeyDown}
    >
      <div class="grid-inner" style={{ width: `${width}px`, height: `${head + rows * ROW}px` }}>
        <div class="grid-head" role="row" aria-rowindex={1} style={{ height: `${head}px` }}>
          <div class="grid-corner" role="columnheader" aria-colindex={1} style={{ width: `${NUMBER_COLUMN}px` }}>
            <span class="visually-hidden">Row</span>
          </div>
          {inView.map((column) => {
            const { name, type } = data.columns[column];
            const direction = sort?.column === column ? (sort.descending ? "descending" : "ascending") : "none";
            return (
              <div
                key={column}
                class="grid-column"
                role="columnheader"
                aria-colindex={column + 2}
                aria-sort={direction}
                style={{ left: `${lefts[column]}px`, width: `${columnWidths[column]}px` }}
              >
                <button
                  type="button"
                  class="grid-sort"
                  tabIndex={-1}
                  title={`${name}: sort`}
                  onClick={() => props.onSort(nextSort(sort, column))}
                >
                  <span class="grid-name">{name}</span>
                  <span class="grid-type">{type ? shortType(type) : "text"}</span>
                  <span class="grid-arrow" aria-hidden="true">
                    {direction === "none" ? "" : sort?.descending ? "↓" : "↑"}
                  </span>
                </button>
                {filters && (
                  <input
                    class="grid-filter"
                    aria-label={`Filter ${name}`}
                    placeholder={isNumeric(type) ? "> 10" : "contains"}
                    value={filters[column] ?? ""}
                    onInput={(event) => {
                      const next = data.columns.map((_, index) => filters[index] ?? "");
                      next[column] = event.currentTarget.value;
                      props.onFilter(next);
                    }}
                  />
                )}
                <span class="grid-resize" onPointerDown={(event) => startResize(event, column)} />
              </div>
            );
          })}
        </div>
        {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
          const row = first + offset;
          return (
            <div
              key={row}
              class="grid-row"
              role="row"
              aria-rowindex={row + 2}
              data-odd={row % 2 === 1 ? "" : undefined}
              style={{ top: `${head + row * ROW}px`, width: `${width}px` }}
            >
              <div class="grid-number" role="rowheader" aria-colindex={1} style={{ width: `${NUMBER_COLUMN}px` }}>
                {row + 1}
              </div>
              {inView.map((column) => {
                const value = data.cell(row, column);
                const kind = value === undefined ? "waiting" : value === null ? "null" : isNumeric(data.columns[column].type) ? "number" : "";
                return (
                  <div
                    key={column}
                    id={`cell-${row}-${column}`}
                    class={`grid-cell ${kind}${selected(row, column) ? " selected" : ""}${active.row === row && active.column === column ? " active" : ""}`}
                    role="gridcell"
                    aria-colindex={column + 2}
                    aria-selected={selected(row, column)}
                    style={{ left: `${lefts[column]}px`, width: `${columnWidths[column]}px` }}
                    onPointerDown={(event) => {
                      if (event.button === 0) move({ row, column }, event.shiftKey);
                    }}
                    onPointerEnter={(event) => {
                      if (event.buttons === 1) setActive({ row, column });
                    }}
                    onDblClick={() => props.onOpen({ row, column })}
                  >
                    {value === undefined ? "…" : value === null ? "NULL" : value.length > 400 ? `${value.slice(0, 400)}…` : value}
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function nextSort(sort: Sort, column: number): Sort {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}

/** Wide enough for the label and the first values, within reason. */
function widths(data: ResultData): number[] {
  return data.columns.map(({ name, type }, column) => {
    let longest = Math.max(name.length + 2, shortType(type ?? "text").length);
    for (let row = 0; row < Math.min(SAMPLE_ROWS, data.loaded); row++) {
      longest = Math.max(longest, data.cells[column][row]?.length ?? 4);
    }
    return Math.max(72, Math.min(360, longest * 7.6 + 24));
  });
}
