import { stopRequested } from "@playground/shared/lifecycle";

/** Where else than for commands a process of the bench can be reached. */
export interface Offers {
  /** The base address of its HTTP server. */
  readonly url?: string;
  /** The port on which it speaks something else. */
  readonly port?: number;
}

/** What the process was told at its start. */
export function settingsOf<Settings>(): Settings {
  return JSON.parse(Deno.args[0] ?? "{}");
}

/** Takes the bench's commands until standard input ends. */
export async function serveCommands<Command>(
  handle: (command: Command) => unknown,
  { url = "", port = 0 }: Offers = {},
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      try {
        return Response.json(await handle(await request.json()) ?? null);
      } catch (error) {
        return new Response(String(error), { status: 500 });
      }
    },
  );
  const control = `http://127.0.0.1:${server.addr.port}`;
  console.log(`READY ${JSON.stringify({ control, url, port })}`);
  await stopRequested({ atStdinEof: true });
  Deno.exit(0);
}
