// Numbers, times and types as people read them.

const INTEGER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const DECIMAL = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const integer = (value: number) => INTEGER.format(value);
export const decimal = (value: number) => DECIMAL.format(value);
export const compact = (value: number) => (Math.abs(value) < 10_000 ? DECIMAL.format(value) : COMPACT.format(value));

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${integer(value)} ${value === 1 ? one : many}`;
}

/** The names of types that people write. */
export function shortType(type: string): string {
  return type
    .replace("character varying", "varchar")
    .replace("character", "char")
    .replace("timestamp without time zone", "timestamp")
    .replace("timestamp with time zone", "timestamptz")
    .replace("time without time zone", "time")
    .replace("binary varying", "varbyte")
    .replace("double precision", "double");
}

const NUMERIC = /^(smallint|integer|bigint|numeric|real|double)/;

export const isNumeric = (type: string | null) => type !== null && NUMERIC.test(type);
export const isTemporal = (type: string | null) => type !== null && /^(date|timestamp)/.test(type);

/** A name as SQL: in quotes unless it reads back bare. Names are folded to lower case. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Moments in UTC, as the warehouse has them; `2018-11-30 17:31:24.796`. */
export function parseMoment(text: string): Date {
  const iso = text.trim().replace(" ", "T");
  const zoned = /(Z|[+-]\d\d(:?\d\d)?)$/.test(iso.slice(10)) ? iso.replace(/([+-]\d\d)$/, "$1:00") : `${iso}${iso.length > 10 ? "" : "T00:00:00"}Z`;
  return new Date(zoned);
}
