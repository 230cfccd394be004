/**
 * The chaos suite: sends emails while processes are killed and connections break, then counts what became of each.
 *
 * `runChaos` starts the system (`system.ts`: several of each service, stand-ins in processes of their own, a proxy on each way),
 * plans the faults from a seed (`schedule.ts`) and does them at their moments (`inject.ts`), while `load.ts` posts emails and a
 * `Ledger` takes down what was promised. When everything has healed and come to rest (`quiet.ts`), `reconcile` holds the promises
 * against the archive and the dead letters, and `describeReport` tells the figures. `main.ts` is the command.
 *
 * @module
 */
export * from "./real_components.ts";
export * from "./report.ts";
export * from "./run.ts";
