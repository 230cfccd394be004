/**
 * What can go wrong, on purpose.
 *
 * {@linkcode FAULT_NAMES} are all of them, {@linkcode definitionOf} says what each is. A person switches a fault on through the control API ({@linkcode startControlServer}), which checks
 * it and keeps it in {@linkcode Faults}. There the stand-ins ask, wherever a fault could strike, whether it does: one question
 * ({@linkcode Faults.hit}, or {@linkcode Faults.holdUp} where it takes time) at the place where the real component would fail.
 * The services know nothing of all this.
 *
 * `faults.md` beside this folder says what each one looks like in a trace.
 *
 * @module
 */
export * from "./catalogue.ts";
export { startControlServer } from "./control_api.ts";
export * from "./fault.ts";
export * from "./registry.ts";
