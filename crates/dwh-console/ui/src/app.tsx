import { useCallback, useEffect, useState } from "preact/hooks";
import { api, onSignedOut, type Problem, type Status } from "./api";
import { problemOf } from "./hooks";
import { Icon } from "./icons";
import { DashboardPage } from "./pages/dashboard";
import { LoadsPage } from "./pages/loads";
import { ModelPage } from "./pages/model";
import { SignInPage } from "./pages/sign_in";
import { ProblemBox } from "./parts";
import { QueryPage } from "./query/page";
import { applyTheme, load, save, type Theme } from "./store";

type Page = "query" | "dashboard" | "loads" | "model";

const NAMES: Record<Page, string> = { query: "Query", dashboard: "Dashboard", loads: "Loads", model: "Model" };

function pageOfAddress(): Page {
  const name = location.hash.replace(/^#\//, "");
  return name in NAMES ? (name as Page) : "query";
}

/** The one-time token of the link, taken out of the address at once. */
function takeToken(): string | null {
  const token = /^#token=(\w+)$/.exec(location.hash)?.[1] ?? null;
  if (token) history.replaceState(null, "", "/");
  return token;
}

export function App() {
  const [status, setStatus] = useState<Status | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const begin = useCallback(async (token: string | null) => {
    try {
      if (token) {
        await api.signInByToken(token).catch((error) => setProblem(problemOf(error)));
      }
      setStatus(await api.status());
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, []);

  useEffect(() => {
    onSignedOut(() => setStatus((before) => before && { ...before, signed_in: false }));
    void begin(takeToken());
  }, []);

  if (!status) return problem ? <ProblemBox problem={problem} /> : <p class="starting">Starting …</p>;
  if (!status.signed_in) {
    return (
      <SignInPage
        asksForPassword={status.asks_for_password}
        problem={problem}
        onSignedIn={() => {
          setProblem(null);
          void begin(null);
        }}
      />
    );
  }
  return <Console status={status} onSignOut={() => setStatus({ ...status, signed_in: false })} />;
}

function Console({ status, onSignOut }: { status: Status; onSignOut: () => void }) {
  const [page, setPage] = useState<Page>(pageOfAddress);
  // A page stays once it has been shown: its results, filters and scroll positions with it.
  const [shown, setShown] = useState<Set<Page>>(new Set([page]));
  useEffect(() => {
    const moved = () => {
      const next = pageOfAddress();
      setPage(next);
      setShown((before) => new Set(before).add(next));
    };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  useEffect(() => {
    document.title = `${NAMES[page]} · dwh console`;
  }, [page]);

  const pages = (Object.keys(NAMES) as Page[]).filter((name) => name !== "dashboard" || status.has_dashboard);
  const { warehouse } = status;
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById("content")?.focus();
      }}>
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="#/query" aria-label="dwh console, query page">
          <img src="/assets/icon.svg" alt="" width="24" height="24" />
          <span>dwh</span>
        </a>
        <nav aria-label="Pages">
          {pages.map((name) => (
            <a key={name} href={`#/${name}`} aria-current={name === page ? "page" : undefined}>
              {NAMES[name]}
            </a>
          ))}
        </nav>
        <div class="top-end">
          {status.read_only && (
            <span class="chip">
              <Icon name="lock" /> Read only
            </span>
          )}
          <span class="chip" title={warehouse.location}>
            <span class={`dot ${warehouse.target}`} aria-hidden="true" />
            <span class="chip-text">
              {warehouse.target === "embedded" ? "Embedded" : "Redshift"} · {warehouse.database} · {warehouse.user}
            </span>
          </span>
          <ThemeButton />
          <button
            type="button"
            class="icon-button"
            aria-label="Sign out"
            title="Sign out"
            onClick={() => void api.signOut().finally(onSignOut)}
          >
            <Icon name="out" />
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {shown.has("query") && (
          <Shown on={page === "query"}>
            <QueryPage status={status} />
          </Shown>
        )}
        {shown.has("dashboard") && (
          <Shown on={page === "dashboard"}>
            <DashboardPage />
          </Shown>
        )}
        {shown.has("loads") && (
          <Shown on={page === "loads"}>
            <LoadsPage status={status} visible={page === "loads"} />
          </Shown>
        )}
        {shown.has("model") && (
          <Shown on={page === "model"}>
            <ModelPage />
          </Shown>
        )}
      </main>
    </div>
  );
}

function Shown({ on, children }: { on: boolean; children: preact.ComponentChildren }) {
  return (
    <div class="page-holder" hidden={!on}>
      {children}
    </div>
  );
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON: Record<Theme, string> = { system: "auto", light: "sun", dark: "moon" };

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(() => load<Theme>("theme", "system"));
  const label = `Theme: ${theme}. Change to ${NEXT[theme]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => {
        const next = NEXT[theme];
        save("theme", next);
        applyTheme(next);
        setTheme(next);
        dispatchEvent(new Event("themechange"));
      }}
    >
      <Icon name={THEME_ICON[theme]} />
    </button>
  );
}
