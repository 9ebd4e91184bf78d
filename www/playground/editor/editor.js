// The editor of the configuration, in a shadow root: there CodeMirror's styles are adopted style
// sheets, which the page's policy allows without `unsafe-inline`.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { StreamLanguage, bracketMatching, indentOnInput } from '@codemirror/language';
import { json } from '@codemirror/legacy-modes/mode/javascript';
import { toml } from '@codemirror/legacy-modes/mode/toml';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';

import { load } from '../core.js';
import { looksLikeJson } from '../input/jsonc.js';
import { completionFrom } from './completion.js';
import { appearance } from './appearance.js';

const languageOf = (text) => StreamLanguage.define(looksLikeJson(text) ? json : toml);

/** Puts an editor in the place of what stands in `parent`. */
export async function mountEditor(parent, { text, selection, describedBy, onChange }) {
  const core = await load();
  const language = new Compartment();
  const host = document.createElement('div');
  host.className = 'editor-host';
  const root = host.attachShadow({ mode: 'open' });
  const state = EditorState.create({
    doc: text, selection: { anchor: Math.min(selection[0], text.length), head: Math.min(selection[1], text.length) },
    extensions: [
      language.of(languageOf(text)), history(), lineNumbers(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
      highlightActiveLine(), lintGutter(), autocompletion({ override: [completionFrom(core.schema())], icons: false }),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': 'Configuration', 'aria-description': describedBy, tabindex: '0' }),
      EditorView.updateListener.of((update) => { if (update.docChanged) onChange(update.state.doc.toString()); }),
      appearance,
    ],
  });
  const view = new EditorView({ state, parent: root, root });
  parent.replaceChildren(host);
  view.requestMeasure();
  return handle(view, language);
}

function handle(view, language) {
  return {
    focus: () => view.focus(),
    /** Takes a text that was not typed here. */
    show(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, effects: language.reconfigure(languageOf(text)) });
    },
    mark(problems) {
      view.dispatch(setDiagnostics(view.state, problems.map((problem) => diagnostic(view.state.doc, problem))));
    },
    goTo(line) {
      const { from } = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      view.focus();
    },
  };
}

function diagnostic(doc, { line, path, message, severity }) {
  const { from, to, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const start = from + text.search(/\S|$/);
  return { from: start, to: Math.max(start, to), severity, message: path ? `${path}: ${message}` : message };
}
