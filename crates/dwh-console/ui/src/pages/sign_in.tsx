import { useState } from "preact/hooks";
import { api, type Problem } from "../api";
import { problemOf } from "../hooks";
import { ProblemBox } from "../parts";

/** Asks for user and password, or says where the link is. */
export function SignInPage(props: { asksForPassword: boolean; problem: Problem | null; onSignedIn: () => void }) {
  const [problem, setProblem] = useState(props.problem);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    try {
      if (props.asksForPassword) {
        await api.signIn(text("user"), text("password"));
      } else {
        await api.signInByToken(text("token").replace(/^.*#token=/, "").trim());
      }
      props.onSignedIn();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>
          <img src="/assets/icon.svg" alt="" width="32" height="32" /> dwh console
        </h1>
        {problem && <ProblemBox problem={problem} />}
        {props.asksForPassword ? (
          <>
            <p>Sign in with a user of the warehouse.</p>
            <label>
              User
              <input name="user" autocomplete="username" required autofocus />
            </label>
            <label>
              Password
              <input name="password" type="password" autocomplete="current-password" required />
            </label>
          </>
        ) : (
          <>
            <p>
              Open the link that <code>dwh console</code> printed when it started, or paste it here. It works once.
            </p>
            <label>
              Link or token
              <input name="token" autocomplete="off" required autofocus />
            </label>
          </>
        )}
        <button class="primary" type="submit" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}
