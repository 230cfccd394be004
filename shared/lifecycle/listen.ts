import { HttpListener, type RequestHandler } from "./http_listener.ts";

/** Where an HTTP server listens. */
export interface ListenOptions {
  /** The address. */
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** The variable that sets the port, for the message when it is taken. */
  readonly variable: string;
}

/** Serves HTTP, or ends the process with a sentence that says what to do. */
export function listenOrExit(
  { hostname, port, variable }: ListenOptions,
  handler: RequestHandler,
): HttpListener {
  try {
    return new HttpListener({ hostname, port }, handler);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(
      `Cannot listen on ${hostname}:${port}: ${error.message}; set ${variable} to a free port, or stop what uses it`,
    );
    Deno.exit(1);
  }
}
