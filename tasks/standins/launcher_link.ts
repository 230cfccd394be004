import type { ServiceSettings } from "./faults/service_settings.ts";

/** The launcher may have to wait for mails in flight; nobody waits for a fault that long. */
const TIMEOUT_MS = 4_000;

/** Asks the launcher of the services, by a line, to run them with other settings. It answers with a line when they run. */
export class LauncherLink {
  readonly #write: (line: string) => void;
  readonly #waiting: (() => void)[] = [];

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  readonly apply = async (settings: ServiceSettings): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const timer = setTimeout(resolve, TIMEOUT_MS);
    this.#write(`SETTINGS ${JSON.stringify(settings)}`);
    await promise;
    clearTimeout(timer);
  };

  /** Takes what the launcher writes. */
  readonly read = (bytes: Uint8Array): void => {
    for (const byte of bytes) if (byte === 10) this.#waiting.shift()?.();
  };
}
