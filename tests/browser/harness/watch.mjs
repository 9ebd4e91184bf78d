// What must not happen in a page while nobody looks: a request elsewhere, one that fails, a message of the console, an error.

const SAYS_IT = 'a policy was violated: ';

/**
 * Watches a context from before its first page. The first page's origin is the one that requests may go to.
 * `faults()` lists what happened that should not; `requests` what was asked for, as { url, method, text, headers, at }.
 */
export async function watch(context) {
  const seen = [];
  const expected = [];
  const allowed = new Set();
  const requests = [];
  let home;
  let accepts = false;

  const isHome = (url) => {
    const { origin, protocol } = new URL(url);
    if (protocol === 'data:' || protocol === 'blob:') return true;
    home ??= origin;
    return origin === home || allowed.has(origin);
  };
  context.on('request', (request) => {
    const url = request.url();
    requests.push({ url, method: request.method(), text: request.postData() ?? '', headers: request.headers(), at: performance.now() });
    if (!isHome(url)) seen.push(`a request left the page's origin: ${request.method()} ${url}`);
  });
  context.on('requestfailed', (request) => seen.push(`a request failed: ${request.url()} (${request.failure()?.errorText})`));
  context.on('response', (response) => {
    if (response.status() >= 400) seen.push(`a request was answered with ${response.status()}: ${response.url()}`);
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.push(`the console says ${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => seen.push(`an error: ${error.error().message}`));
  context.on('page', (page) => {
    page.on('websocket', (socket) => seen.push(`a WebSocket: ${socket.url()}`));
    page.on('crash', () => seen.push('the page crashed'));
    page.on('dialog', (dialog) => {
      seen.push(`a dialog: ${dialog.message()}`);
      (accepts ? dialog.accept() : dialog.dismiss()).catch(() => {});
    });
  });
  await context.addInitScript((prefix) => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber, columnNumber } = event;
      const element = event.composedPath()[0];
      console.error(`${prefix}${effectiveDirective} ${blockedURI} by ${sourceFile}:${lineNumber}:${columnNumber} at ${element?.outerHTML?.slice(0, 120)}`);
    });
  }, SAYS_IT);

  return {
    requests,
    /** From now on requests may go to this origin, too. */
    allow: (origin) => allowed.add(origin),
    /** From now on questions of the page are answered with yes. */
    acceptDialogs() { accepts = true; },
    /** Faults that match are what a test wants to see; that there is none is a fault then. */
    expect: (pattern) => expected.push(pattern),
    faults() {
      const left = seen.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
      const missing = expected.filter((pattern) => !seen.some((fault) => pattern.test(fault)));
      return [...left, ...missing.map((pattern) => `did not happen: ${pattern}`)];
    },
  };
}
