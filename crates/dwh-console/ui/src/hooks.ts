import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiFailure, type Problem } from "./api";
import { isDark } from "./store";

export type Loaded<T> = { data?: T; problem?: Problem; loading: boolean };

export const problemOf = (error: unknown): Problem =>
  error instanceof ApiFailure ? error.problem : { message: "the console does not answer; is it still running?" };

/** Loads once, and again when told. */
export function useLoaded<T>(loader: () => Promise<T>, deps: unknown[] = []): [Loaded<T>, () => Promise<void>] {
  const [state, setState] = useState<Loaded<T>>({ loading: true });
  const turn = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    setState((before) => ({ ...before, loading: true }));
    let next: Loaded<T>;
    try {
      next = { data: await loader(), loading: false };
    } catch (error) {
      next = { problem: problemOf(error), loading: false };
    }
    // A later call has overtaken this one.
    if (mine === turn.current) setState(next);
  }, deps);
  useEffect(() => {
    void reload();
  }, [reload]);
  return [state, reload];
}

/** The size of an element, as it changes. */
export function useSize<E extends HTMLElement>(): [{ current: E | null }, { width: number; height: number }] {
  const ref = useRef<E>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

export function useDark(): boolean {
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const changed = () => setDark(isDark());
    addEventListener("themechange", changed);
    return () => removeEventListener("themechange", changed);
  }, []);
  return dark;
}
