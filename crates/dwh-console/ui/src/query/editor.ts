// The SQL editor: CodeMirror with Redshift's words, the catalog's names, and errors at their place.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { keywordCompletionSource, PostgreSQL, schemaCompletionSource, SQLDialect, type SQLNamespace } from "@codemirror/lang-sql";
import { bracketMatching, defaultHighlightStyle, HighlightStyle, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Catalog, Language, Problem } from "../api";
import { quoteName, shortType } from "../format";

/** Words of Redshift that PostgreSQL does not have. */
const REDSHIFT_KEYWORDS =
  "distkey sortkey diststyle encode compound interleaved copy unload iam_role manifest maxerror jsonpaths " +
  "ignoreheader acceptinvchars acceptanydate timeformat dateformat compupdate statupdate qualify top minus " +
  "getdate sysdate identity vacuum analyze pivot unpivot approximate datashare model";
const REDSHIFT_TYPES = "super varbyte hllsketch geometry geography nvarchar bpchar timestamptz timetz";

export interface EditorHooks {
  onChange: (text: string) => void;
  onRun: () => void;
  onRunStatement: () => void;
}

/** What is run: a part of the text and where it begins. */
export interface Piece {
  sql: string;
  from: number;
}

const highlighting = HighlightStyle.define([
  { tag: tags.keyword, class: "sql-keyword" },
  { tag: [tags.string, tags.special(tags.string)], class: "sql-string" },
  { tag: [tags.number, tags.bool, tags.null], class: "sql-number" },
  { tag: tags.comment, class: "sql-comment" },
  { tag: tags.typeName, class: "sql-type" },
  { tag: [tags.standard(tags.name), tags.function(tags.variableName)], class: "sql-function" },
  { tag: tags.operator, class: "sql-operator" },
]);

export class SqlEditor {
  readonly view: EditorView;
  private readonly language = new Compartment();
  private states = new Map<string, EditorState>();
  private tab = "";
  private extensions: Extension;

  constructor(parent: HTMLElement, nonce: string, hooks: EditorHooks) {
    const run = (then: () => void) => () => {
      then();
      return true;
    };
    this.extensions = [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      syntaxHighlighting(highlighting),
      syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
      bracketMatching(),
      closeBrackets(),
      autocompletion({ icons: false, maxRenderedOptions: 80 }),
      highlightActiveLine(),
      highlightSelectionMatches(),
      EditorView.cspNonce.of(nonce),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "SQL editor. Control Enter runs, Tab leaves" }),
      placeholder("SELECT … Control + Enter runs it"),
      Prec.highest(
        keymap.of([
          { key: "Mod-Enter", run: run(hooks.onRun) },
          { key: "Shift-Mod-Enter", run: run(hooks.onRunStatement) },
        ]),
      ),
      keymap.of([
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...completionKeymap,
        ...lintKeymap,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) hooks.onChange(update.state.doc.toString());
      }),
      this.language.of(redshift(null, null)),
    ];
    this.view = new EditorView({ parent, state: this.newState("") });
  }

  private newState(text: string): EditorState {
    return EditorState.create({ doc: text, extensions: this.extensions });
  }

  /** Shows a tab; each has its own undo history. */
  show(tab: string, text: string): void {
    if (tab === this.tab) return;
    if (this.tab) this.states.set(this.tab, this.view.state);
    this.tab = tab;
    this.view.setState(this.states.get(tab) ?? this.newState(text));
    this.view.dispatch({ effects: this.language.reconfigure(this.words) });
  }

  forget(tab: string): void {
    this.states.delete(tab);
    if (this.tab === tab) this.tab = "";
  }

  private words: Extension = [];

  /** What is completed. */
  know(catalog: Catalog | null, language: Language | null): void {
    this.words = redshift(catalog, language);
    this.view.dispatch({ effects: this.language.reconfigure(this.words) });
  }

  insert(text: string): void {
    const { from, to } = this.view.state.selection.main;
    this.view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length } });
    this.view.focus();
  }

  replace(text: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /** The selection, or all. */
  chosen(): Piece {
    const { main } = this.view.state.selection;
    if (!main.empty) return { sql: this.view.state.sliceDoc(main.from, main.to), from: main.from };
    return { sql: this.view.state.doc.toString(), from: 0 };
  }

  /** The selection, or the statement that the cursor is in. */
  statement(): Piece {
    const { main } = this.view.state.selection;
    if (!main.empty) return this.chosen();
    const tree = syntaxTree(this.view.state);
    let best: Piece = this.chosen();
    for (let node = tree.topNode.firstChild; node; node = node.nextSibling) {
      if (node.name !== "Statement" || node.from > main.head) continue;
      best = { sql: this.view.state.sliceDoc(node.from, node.to), from: node.from };
    }
    return best;
  }

  /** Marks an error of a piece that has run. Positions count characters, the editor counts UTF-16 units. */
  mark(problem: Problem | null, piece: Piece): { line: number; column: number } | null {
    const { state } = this.view;
    if (!problem?.position) {
      this.view.dispatch(setDiagnostics(state, []));
      return null;
    }
    const before = Array.from(piece.sql).slice(0, problem.position - 1).join("").length;
    const from = Math.min(piece.from + before, state.doc.length);
    const word = /^("[^"]*"|'[^']*'|[\w$]+|.)/.exec(state.sliceDoc(from, from + 200))?.[0].length ?? 0;
    const to = Math.min(from + Math.max(1, word), state.doc.length);
    this.view.dispatch(
      setDiagnostics(state, [
        { from: Math.min(from, to), to, severity: "error", message: problem.message, source: problem.sqlstate },
      ]),
      { effects: EditorView.scrollIntoView(from, { y: "center" }) },
    );
    const line = state.doc.lineAt(from);
    return { line: line.number, column: from - line.from + 1 };
  }

  goTo(line: number, column: number): void {
    const from = this.view.state.doc.line(line).from + column - 1;
    this.view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    this.view.focus();
  }
}

function redshift(catalog: Catalog | null, language: Language | null): Extension {
  const functions = language?.functions ?? [];
  const dialect = SQLDialect.define({
    ...PostgreSQL.spec,
    keywords: `${PostgreSQL.spec.keywords} ${REDSHIFT_KEYWORDS}`,
    types: `${PostgreSQL.spec.types} ${REDSHIFT_TYPES}`,
    builtin: functions.map((one) => one.name).join(" "),
    caseInsensitiveIdentifiers: true,
    doubleDollarQuotedStrings: false,
  });
  const schema: Record<string, SQLNamespace> = {};
  for (const { name, system, relations } of catalog?.schemas ?? []) {
    const children: Record<string, SQLNamespace> = {};
    for (const relation of relations) {
      const detail = relation.kind === "table" ? "table" : "view";
      children[relation.name] = {
        self: { label: relation.name, type: "class", detail, apply: quoteName(relation.name), info: relation.comment ?? undefined },
        children: relation.columns.map((column) => ({
          label: column.name,
          type: "property",
          detail: shortType(column.type),
          apply: quoteName(column.name),
          info: column.comment ?? undefined,
        })),
      };
    }
    schema[name] = { self: { label: name, type: "namespace", detail: system ? "system" : "schema" }, children };
  }
  const options: Completion[] = functions.map((one) => ({
    label: one.name.toUpperCase(),
    type: "function",
    detail: one.chapter.toLowerCase(),
    info: one.example,
    boost: -1,
    apply: `${one.name.toUpperCase()}(`,
  }));
  const words = (context: CompletionContext) => wordsAt(context, catalog, options);
  // What is a word of the grammar and a function is offered once, as the function.
  const isFunction = new Set(options.map((option) => option.label));
  const allKeywords = keywordCompletionSource(dialect, true);
  const keywords = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const found = await allKeywords(context);
    return found && { ...found, options: found.options.filter((option) => !isFunction.has(option.label)) };
  };
  return [
    dialect.language,
    dialect.language.data.of({ autocomplete: schemaCompletionSource({ dialect, schema, defaultSchema: "public" }) }),
    dialect.language.data.of({ autocomplete: keywords }),
    dialect.language.data.of({ autocomplete: words }),
  ];
}

/** Functions, and the columns of the tables that the statement names, which need no prefix. */
function wordsAt(context: CompletionContext, catalog: Catalog | null, functions: Completion[]): CompletionResult | null {
  const word = context.matchBefore(/[\w$]+/);
  if (!word || word.from === word.to) return context.explicit ? { from: context.pos, options: functions } : null;
  if (context.state.sliceDoc(word.from - 1, word.from) === ".") return null;
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  if (/String|Comment/.test(node.name)) return null;
  let statement = node;
  while (statement.parent && statement.name !== "Statement") statement = statement.parent;
  const text = context.state.sliceDoc(statement.from, statement.to).toLowerCase();
  const named = new Set(text.match(/[a-z_][a-z0-9_]*/g));
  const columns: Completion[] = [];
  const seen = new Set<string>();
  for (const { relations } of catalog?.schemas ?? []) {
    for (const relation of relations) {
      if (!named.has(relation.name)) continue;
      for (const column of relation.columns) {
        if (seen.has(column.name)) continue;
        seen.add(column.name);
        columns.push({
          label: column.name,
          type: "property",
          detail: `${relation.name} · ${shortType(column.type)}`,
          apply: quoteName(column.name),
          boost: 2,
        });
      }
    }
  }
  return { from: word.from, options: [...columns, ...functions], validFor: /^[\w$]*$/ };
}
