/**
 * What can go wrong, on purpose.
 *
 * {@linkcode FAULT_NAMES} lists it, {@linkcode definitionOf} says what each fault is. A person switches one on through the control
 * API (`control_api.ts`), which checks the setting and keeps it in {@linkcode Faults}. Wherever a fault could strike, a
 * stand-in asks there whether it does, at the place where the real component would fail. The services know nothing of this: the
 * message server passes `/api/faults` on to the control API unread. `faults.md` says what each fault looks like in a trace.
 *
 * @module
 */
export * from "./catalogue.ts";
export * from "./fault.ts";
export * from "./registry.ts";
