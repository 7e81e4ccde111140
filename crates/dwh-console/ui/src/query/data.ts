// A result in the browser: an array a column, fetched page by page; order and filter as an index.
import { api, type Cell, type Column } from "../api";
import { isNumeric } from "../format";

const PAGE_ROWS = 20_000;

export type Sort = { column: number; descending: boolean } | null;

export class ResultData {
  readonly cells: Cell[][];
  loaded = 0;
  /** Rows shown, as indexes; null shows all in the order of the result. */
  private index: Uint32Array | null = null;
  private stopped = false;

  constructor(
    readonly run: string,
    readonly result: number,
    readonly columns: Column[],
    readonly rowCount: number,
    private readonly onChange: () => void,
  ) {
    this.cells = columns.map(() => []);
  }

  get complete(): boolean {
    return this.loaded >= this.rowCount;
  }

  /** Rows that are shown. */
  get shownCount(): number {
    return this.index ? this.index.length : this.rowCount;
  }

  /** A value shown; undefined where it is not there yet. */
  cell(row: number, column: number): Cell | undefined {
    const source = this.index ? this.index[row] : row;
    return this.cells[column][source];
  }

  async load(): Promise<void> {
    while (!this.complete && !this.stopped) {
      const limit = this.loaded === 0 ? 1000 : PAGE_ROWS;
      const page = await api.rows(this.run, this.result, this.loaded, limit);
      if (this.stopped) return;
      const count = page.columns[0]?.length ?? 0;
      if (count === 0) return;
      page.columns.forEach((values, column) => {
        const into = this.cells[column];
        for (const value of values) into.push(value);
      });
      this.loaded += count;
      this.onChange();
    }
  }

  stop(): void {
    this.stopped = true;
  }

  /** Orders and filters the rows that are loaded. */
  arrange(sort: Sort, filters: string[]): void {
    const tests = filters.flatMap((text, column) => {
      const test = this.test(text, column);
      return test ? [{ column, test }] : [];
    });
    if (!sort && tests.length === 0) {
      this.index = null;
      return;
    }
    const kept = new Uint32Array(this.loaded);
    let count = 0;
    for (let row = 0; row < this.loaded; row++) {
      if (tests.every(({ column, test }) => test(this.cells[column][row]))) kept[count++] = row;
    }
    const index = kept.slice(0, count);
    if (sort) this.sort(index, sort);
    this.index = index;
  }

  private sort(index: Uint32Array, { column, descending }: { column: number; descending: boolean }): void {
    const values = this.cells[column];
    const sign = descending ? -1 : 1;
    const by = isNumeric(this.columns[column].type) ? this.numbers(values) : null;
    index.sort((a, b) => {
      const [left, right] = [values[a], values[b]];
      // NULL sorts last, as in Redshift; equal rows keep their order.
      if (left === null || right === null) return (left === null ? 1 : 0) - (right === null ? 1 : 0) || a - b;
      const order = by ? by[a] - by[b] : left < right ? -1 : left > right ? 1 : 0;
      return sign * order || a - b;
    });
  }

  private numbers(values: Cell[]): Float64Array {
    return Float64Array.from(values, (value) => (value === null ? NaN : Number(value)));
  }

  /** Texts contain what is written; numbers take =, <, >, <= and >= as well; `null` finds NULL. */
  private test(text: string, column: number): ((value: Cell) => boolean) | null {
    const wanted = text.trim();
    if (wanted === "") return null;
    const [, sign, operand] = /^(<=|>=|<>|!=|<|>|=)?\s*(.*)$/.exec(wanted) ?? [];
    if (operand.toLowerCase() === "null") {
      const negated = sign === "<>" || sign === "!=";
      return (value) => (value === null) !== negated;
    }
    if (sign) {
      const number = isNumeric(this.columns[column].type);
      const compare = (value: string) =>
        number ? Number(value) - Number(operand) : value < operand ? -1 : value > operand ? 1 : 0;
      const holds: Record<string, (order: number) => boolean> = {
        "<": (order) => order < 0,
        ">": (order) => order > 0,
        "<=": (order) => order <= 0,
        ">=": (order) => order >= 0,
        "=": (order) => order === 0,
        "<>": (order) => order !== 0,
        "!=": (order) => order !== 0,
      };
      return (value) => value !== null && holds[sign](compare(value));
    }
    const part = wanted.toLowerCase();
    return (value) => value !== null && value.toLowerCase().includes(part);
  }

  /** Shown rows as tab-separated text for the clipboard. */
  text(from: number, until: number, columns: number[], withHead: boolean): string {
    const clean = (value: Cell | undefined) => (value ?? "").replace(/[\t\r\n]+/g, " ");
    const lines = withHead ? [columns.map((column) => clean(this.columns[column].name)).join("\t")] : [];
    for (let row = from; row < until; row++) {
      lines.push(columns.map((column) => clean(this.cell(row, column))).join("\t"));
    }
    return lines.join("\n");
  }
}
