/** What a Worker's `fetch` is given besides. */
export interface ExecutionContextLike {
  waitUntil(promise: Promise<unknown>): void;
}

export interface Gate {
  /**
   * The gateway's refusal or own answer, or the answer of an origin: of `next`, which gets the request as an origin would, unless
   * the route names another. What `next` throws is thrown.
   */
  fetch(
    request: Request,
    env: object,
    context: ExecutionContextLike,
    next: (request: Request) => Response | Promise<Response>,
  ): Promise<Response>;
}

/**
 * The gateway in front of a Worker's own code, once in a Worker. `config` is the table `EDGEWARD`; an origin `next` stands in front
 * of its `origins`, which may be absent. A configuration with errors is told in the log, and answered with 503.
 */
export function createGate(config: object): Gate;

/** The gate as a whole Worker: `export { default } from 'edgeward/gate'`. Its configuration is the variable `EDGEWARD`. */
declare const worker: {
  fetch(request: Request, env: object, context: ExecutionContextLike): Promise<Response>;
  queue(batch: { readonly messages: readonly unknown[] }, env: object, context: ExecutionContextLike): Promise<void>;
};
export default worker;
