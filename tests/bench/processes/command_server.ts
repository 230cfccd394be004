import { stopRequested } from "@playground/shared/lifecycle";

export interface Addresses {
  readonly control: string;
  /** The base address of its app; empty if it has none. */
  readonly url: string;
}

export function settingsOf<Settings>(): Settings {
  return JSON.parse(Deno.args[0] ?? "{}");
}

/** Takes the bench's commands until standard input ends, and serves an app if there is one. */
export async function serveCommands<Command>(
  handle: (command: Command) => unknown,
  app?: Deno.ServeHandler,
): Promise<void> {
  const control = serve(async (request) => {
    try {
      return Response.json(await handle(await request.json()) ?? null);
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  });
  const addresses: Addresses = { control, url: app === undefined ? "" : serve(app) };
  console.log(`READY ${JSON.stringify(addresses)}`);
  await stopRequested({ atStdinEof: true });
  Deno.exit(0);
}

function serve(handle: Deno.ServeHandler): string {
  const { addr } = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  return `http://127.0.0.1:${addr.port}`;
}
