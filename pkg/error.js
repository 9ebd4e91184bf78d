/** What goes wrong here: `code` is stable, `errors` are the places of a configuration or of options. */
export class EdgewardError extends Error {
  constructor({ code, message, errors }) {
    super(message);
    this.name = 'EdgewardError';
    this.code = code;
    if (errors) this.errors = errors;
  }
}

export function optionsInvalid(path, message) {
  const text = path === '' ? message : `${path}: ${message}`;
  return new EdgewardError({ code: 'options_invalid', message: text, errors: [{ path, message }] });
}

/** The wasm throws texts, and nothing else unless it has a fault itself. */
export function thrown(error) {
  return typeof error === 'string' ? new EdgewardError(JSON.parse(error)) : error;
}
