import { getLogger } from "@logtape/logtape";
import { failureReason } from "../http/failure.ts";
import { hasValidHost } from "../http/access.ts";
import { waitAtMost } from "../time/time_limit.ts";

/** Answers a request. */
export type RequestHandler = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;

interface HttpListenerOptions {
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** How long a stop waits for open requests; 0 cuts them off at once. @default 7000 */
  readonly finishTimeoutMs?: number;
}

export interface ListenOptions extends Pick<HttpListenerOptions, "hostname" | "port"> {
  /** The variable that sets the port, for the message when it is taken. */
  readonly variable: string;
}

const DEFAULT_FINISH_TIMEOUT_MS = 7_000;
/** How long a stop waits until an answer is sent. */
const LAST_BYTES_MS = 500;
/** When no connection can be accepted, the open ones are closed after this time. */
const MAKE_ROOM_TIMEOUT_MS = 1_000;
/** The pause before each attempt to listen again. */
const REOPEN_DELAY_MS = 250;

/**
 * An HTTP server that keeps listening whatever its callers do.
 *
 * `Deno.serve` ends when it cannot accept a connection, as when the process has no file descriptor left. Then all connections are
 * closed, since idle callers may hold all of them, and the server listens again. A request whose Host is missing or invalid gets
 * 400 (RFC 9112 section 3.2): its URL is unreadable.
 *
 * Disposing it stops listening, then finishes open requests. A connection with a half-sent request stays open until the process
 * ends.
 */
export class HttpListener implements AsyncDisposable {
  readonly addr: Deno.NetAddr;
  readonly #handler: RequestHandler;
  readonly #finishTimeoutMs: number;
  readonly #logger = getLogger(["http"]);
  readonly #stop = Promise.withResolvers<void>();
  #server: Deno.HttpServer<Deno.NetAddr>;
  /** Cuts all connections of the server, only before its `shutdown()`. */
  #cutting = new AbortController();
  #isStopping = false;
  #underWayCount = 0;
  #onAllAnswered: () => void = () => {};
  /** Whether it has answered a request since the last warning. */
  #isAnswering = true;

  /** Starts listening; throws if it cannot. */
  constructor(options: HttpListenerOptions, handler: RequestHandler) {
    this.#handler = handler;
    this.#finishTimeoutMs = options.finishTimeoutMs ?? DEFAULT_FINISH_TIMEOUT_MS;
    this.#server = this.#listen(options);
    this.addr = this.#server.addr;
    this.#goOnListening();
  }

  /** Whether it is stopping; incomplete request bodies are then cut off. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.#stop.resolve();
    if (this.#finishTimeoutMs === 0) {
      this.#cutting.abort();
      await waitAtMost(LAST_BYTES_MS, this.#server.finished.catch(() => {}));
      return;
    }
    const finished = this.#server.shutdown();
    await waitAtMost(this.#finishTimeoutMs, this.#allAnswered());
    await waitAtMost(LAST_BYTES_MS, finished);
  }

  #listen(
    { hostname, port }: Pick<HttpListenerOptions, "hostname" | "port">,
  ): Deno.HttpServer<Deno.NetAddr> {
    this.#cutting = new AbortController();
    return Deno.serve(
      { hostname, port, signal: this.#cutting.signal, onListen: () => {} },
      (request, info) => this.#answer(request, info),
    );
  }

  async #goOnListening(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#server.finished;
      } catch (error) {
        this.#warn(error);
        await waitAtMost(MAKE_ROOM_TIMEOUT_MS, this.#allAnswered());
        if (!this.#isStopping) this.#cutting.abort();
        await this.#reopen();
      }
    }
  }

  async #reopen(): Promise<void> {
    while (!await waitAtMost(REOPEN_DELAY_MS, this.#stop.promise)) {
      try {
        this.#server = this.#listen(this.addr);
        return;
      } catch (error) {
        this.#warn(error);
      }
    }
  }

  /** Warns once until a request is answered again: accepting may fail several times a second. */
  #warn(error: unknown): void {
    if (!this.#isAnswering) return;
    this.#isAnswering = false;
    this.#logger.warn(
      "Cannot accept connections on {hostname}:{port}: {reason}; closing the open ones and listening again",
      { ...this.addr, reason: failureReason(error) },
    );
  }

  #allAnswered(): Promise<void> {
    return this.#underWayCount === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#onAllAnswered = resolve);
  }

  async #answer(request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Promise<Response> {
    if (!hasValidHost(request)) return badHost();
    this.#underWayCount++;
    try {
      return await this.#handler(request, info);
    } finally {
      this.#isAnswering = true;
      if (--this.#underWayCount === 0) this.#onAllAnswered();
    }
  }
}

/** Serves HTTP, or ends the process with a message that says what to do. */
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

/** As RFC 9457 has it. */
function badHost(): Response {
  const problem = {
    type: "about:blank",
    status: 400,
    title: "Bad Host",
    detail: "Cannot answer: the Host header is missing or not valid; send the host and port",
  };
  return Response.json(problem, {
    status: 400,
    headers: { "Content-Type": "application/problem+json" },
  });
}
