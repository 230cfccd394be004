import type { MiddlewareHandler } from "@hono/hono";
import type { Faults } from "../faults/registry.ts";

/** Lets requests to the collector fail, or take long. */
export function failing(faults: Faults, closing: AbortSignal): MiddlewareHandler {
  return async function failing(context, next) {
    const hanging = faults.holdUp("zipkin.hang", closing);
    if (hanging !== undefined) {
      await hanging;
      // Whoever asked has long hung up.
      return context.text("The fault zipkin.hang was on", 503);
    }
    await faults.holdUp("zipkin.delay", closing);
    const status = faults.hit("zipkin.reply");
    if (status === undefined) return await next();
    return new Response("The fault zipkin.reply is on", { status: Number(status) });
  };
}
