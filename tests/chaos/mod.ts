/**
 * The chaos suite: sends emails while processes are killed and connections break, then counts what became of each.
 *
 * `runChaos` starts the system (`system.ts`: several of each service, a proxy on each way) and what stands behind it
 * (`components.ts`: stand-ins in processes of their own, or real components, which `own/` starts and kills), plans the faults from
 * a seed (`schedule.ts`) and does them at their moments (`inject.ts`), while `load.ts` posts emails and a `Ledger` takes down what
 * was promised. When everything has healed, come to rest (`quiet.ts`) and stopped (`aftermath.ts`), `reconcile` holds the promises
 * against the archive and the dead letters, `findFailures` the failures against the traces, and `describeReport` tells the figures.
 * `main.ts` is the command; `promises.ts` lists what is held.
 *
 * @module
 */
export * from "./choose_backing.ts";
export * from "./components.ts";
export * from "./promises.ts";
export * from "./real_components.ts";
export * from "./report.ts";
export * from "./run.ts";
