/**
 * What can go wrong, on purpose.
 *
 * {@linkcode FAULT_NAMES} lists the faults, {@linkcode definitionOf} describes each. A person switches one on through the control
 * API (`control_api.ts`), which checks the setting and keeps it in {@linkcode Faults}. A stand-in asks whether a fault strikes at
 * the place where the real component would fail. The services know nothing of this: the message server passes `/api/faults` on to
 * the control API unread. `faults.md` says what each fault looks like in a trace.
 *
 * @module
 */
export * from "./catalogue.ts";
export * from "./fault.ts";
export * from "./registry.ts";
export * from "./section.ts";
