// What the browser keeps: editor tabs, history, theme. Nothing of it leaves the browser.

const PREFIX = "dwh-console:";

export function load<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function save(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A full or forbidden store: the page works without.
  }
}

export interface TabState {
  id: string;
  title: string;
  sql: string;
}

export interface HistoryEntry {
  sql: string;
  at: string;
  elapsed_ms: number;
  rows: number | null;
  state: "done" | "failed" | "cancelled";
  message?: string;
}

const MAX_HISTORY = 500;

export function remember(entry: HistoryEntry): HistoryEntry[] {
  const entries = [entry, ...load<HistoryEntry[]>("history", [])].slice(0, MAX_HISTORY);
  save("history", entries);
  return entries;
}

export type Theme = "system" | "light" | "dark";

export function applyTheme(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function isDark(): boolean {
  return document.documentElement.dataset.theme === "dark";
}
