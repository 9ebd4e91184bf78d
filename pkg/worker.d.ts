/**
 * The whole Worker: `export { default, RevocationLog, SessionFamily, MetricsSink } from 'edgeward/worker'`. Its configuration is the variable
 * `EDGEWARD`. `edgeward/objects` has the same classes for a Worker of their own, which answers no request.
 */
declare const worker: object;
export default worker;

/** A class of a Durable Object. Its methods are for the gateway alone. */
export interface ObjectClass {
  new (state: object, env: object): object;
}

export const RevocationLog: ObjectClass;
export const SessionFamily: ObjectClass;
export const MetricsSink: ObjectClass;
