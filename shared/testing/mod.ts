/**
 * What the tests of several pieces share. A bare `deno test` runs without any permission: tests that need sockets,
 * files or processes are then ignored, and their names say which command runs them.
 *
 * `startTestTracing` is tracing whose spans can be looked at; `waitFor` waits for a condition;
 * `TcpProxy` plays a network that fails; `deliveredMessage` and `fetchedMessage` make what a broker hands over; `runDeno` runs
 * a command.
 *
 * @module
 */
export * from "../deno_command.ts";
export * from "./amqp_message.ts";
export * from "./conditions.ts";
export * from "./spans.ts";
export * from "./tcp_proxy.ts";

/** How a test with permissions ends its name when it cannot run. */
const RUN_HINT = "(run: deno task test)";

const NEEDED: readonly Deno.PermissionDescriptor[] = [
  // The set allows this machine only.
  { name: "net", host: "127.0.0.1" },
  { name: "read" },
  { name: "write" },
  { name: "env" },
  { name: "run" },
];

/** True when this test run was started with the `test` permission set. */
export const hasTestPermissions: boolean = NEEDED.every((permission) =>
  Deno.permissions.querySync(permission).state === "granted"
);

/**
 * The names of tests that must not run beside others: those of a real component, which they share, and those that measure time or
 * memory. `deno task test` runs them one after the other, at the end.
 */
export const ALONE_NAMES: RegExp = /\((?:real\b[^)]*|alone)\)/;

/** Set by `deno task test` while several files of tests run at once. */
export const SIDE_BY_SIDE = "TESTS_SIDE_BY_SIDE";

const isSideBySide = hasTestPermissions && Deno.env.has(SIDE_BY_SIDE);

/** Options of {@linkcode integrationTest}. */
export interface IntegrationTestOptions {
  /** Why the test cannot run at all here; it is then ignored and its name says so. */
  readonly ignoredBecause?: string;
}

/** Registers a test that needs sockets, files or processes. */
export function integrationTest(
  name: string,
  run: (context: Deno.TestContext) => Promise<void>,
  options: IntegrationTestOptions = {},
): void {
  if (isSideBySide && ALONE_NAMES.test(name)) return;
  const hint = !hasTestPermissions
    ? ` ${RUN_HINT}`
    : options.ignoredBecause !== undefined
    ? ` (${options.ignoredBecause})`
    : "";
  Deno.test({ name: name + hint, ignore: hint !== "", fn: run });
}

/** A component under test: an embedded stand-in or the real thing. */
export interface ContractTarget<Component extends AsyncDisposable> {
  /** What the test names start with: `stand-in` or `real`. */
  readonly name: "stand-in" | "real";
  /** Set when the component cannot be had in this run; pass it to {@linkcode integrationTest}. */
  readonly ignoredBecause?: string;
  /** Starts the component, or connects to the one that runs already. */
  readonly start: () => Promise<Component>;
}

/** The two targets of a contract suite: the stand-in, and the real component whose URL a variable names. */
export function contractTargets<Component extends AsyncDisposable>(
  variable: "TEST_AMQP_URL" | "TEST_MONGODB_URL" | "TEST_ZIPKIN_URL",
  startStandIn: () => Promise<Component>,
  connectReal: (url: string) => Component,
): readonly ContractTarget<Component>[] {
  const url = hasTestPermissions ? Deno.env.get(variable) : undefined;
  return [
    { name: "stand-in", start: startStandIn },
    url === undefined
      ? {
        name: "real",
        ignoredBecause: `set ${variable} to run it`,
        start: () => Promise.reject(new Error(`Cannot start: ${variable} is not set`)),
      }
      : { name: "real", start: () => Promise.resolve(connectReal(url)) },
  ];
}
