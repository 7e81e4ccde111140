import { render } from "preact";
import "./styles/base.css";
import "./styles/query.css";
import "./styles/pages.css";
import "./styles/narrow.css";
import { App } from "./app";
import { applyTheme, load, type Theme } from "./store";

applyTheme(load<Theme>("theme", "system"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  applyTheme(load<Theme>("theme", "system"));
  dispatchEvent(new Event("themechange"));
});
const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
