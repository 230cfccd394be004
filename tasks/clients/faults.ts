import { underBase } from "@playground/shared/configuration";
import {
  type Fault,
  faultSchema,
  type FaultSetting,
  UNKNOWN_FAULT,
} from "@playground/tasks/faults";
import { z } from "zod";
import { reasonOf } from "./message_server.ts";

/** The outcome of a request to the control API. */
export type FaultAnswer<Value> =
  | { readonly status: "ok"; readonly value: Value }
  /** No running stand-in has this fault. */
  | { readonly status: "unknown" }
  /** The setting does not fit the fault: a whole sentence. */
  | { readonly status: "refused"; readonly reason: string }
  /** The control API answered with an error. */
  | { readonly status: "failed"; readonly reason: string }
  /** There was no answer, or not one of the control API. */
  | { readonly status: "unreachable"; readonly reason: string };

const listSchema = z.object({ faults: z.array(faultSchema) }).transform(({ faults }) => faults);
const problemSchema = z.object({ title: z.string(), detail: z.string() });

const TIMEOUT_MS = 5_000;

/** Talks to the control API of the stand-ins. */
export class FaultsClient {
  readonly #url: URL;

  constructor(url: URL) {
    this.#url = url;
  }

  list(): Promise<FaultAnswer<readonly Fault[]>> {
    return this.#send("faults", { method: "GET" }, listSchema);
  }

  set(name: string, setting: FaultSetting): Promise<FaultAnswer<Fault>> {
    return this.#send(`faults/${encodeURIComponent(name)}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(setting),
    }, faultSchema);
  }

  clear(name: string): Promise<FaultAnswer<Fault>> {
    return this.#send(`faults/${encodeURIComponent(name)}`, { method: "DELETE" }, faultSchema);
  }

  clearAll(): Promise<FaultAnswer<readonly Fault[]>> {
    return this.#send("faults", { method: "DELETE" }, listSchema);
  }

  async #send<Value>(
    path: string,
    init: RequestInit,
    schema: z.ZodType<Value>,
  ): Promise<FaultAnswer<Value>> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(underBase(this.#url, path), { ...init, signal });
      if (response.status >= 500) {
        await response.body?.cancel();
        return { status: "failed", reason: `it answered ${response.status}` };
      }
      const body: unknown = await response.json();
      if (response.ok) return { status: "ok", value: schema.parse(body) };
      const { title, detail } = problemSchema.parse(body);
      if (response.status === 404 && title === UNKNOWN_FAULT) return { status: "unknown" };
      if (response.status === 422) return { status: "refused", reason: detail };
      return { status: "failed", reason: `it answered ${response.status}, ${title}` };
    } catch (error) {
      return { status: "unreachable", reason: reasonOf(error, "control API") };
    }
  }
}
