import { join } from "node:path";
import { failureReason } from "@playground/shared/http";
import { sleep } from "@playground/shared/time";

const LOCK_FILE = "lock";

/** {@linkcode isRunning} holds the lock for a moment; a start tries again after it. */
const ATTEMPTS = 5;
const ATTEMPT_INTERVAL_MS = 20;

/** Takes the lock of a development system until it is disposed. The operating system frees the lock of a killed process. */
export async function takeLock(stateDirectory: string): Promise<Disposable | undefined> {
  privateFolder(stateDirectory);
  const path = join(stateDirectory, LOCK_FILE);
  privateFile(path);
  const file = await Deno.open(path, { write: true });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await file.tryLock(true)) return file;
    if (attempt < ATTEMPTS) await sleep(ATTEMPT_INTERVAL_MS);
  }
  file.close();
  return undefined;
}

/** Whether a development system holds the lock. */
export async function isRunning(stateDirectory: string): Promise<boolean> {
  try {
    using file = await Deno.open(join(stateDirectory, LOCK_FILE), { read: true });
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes what the stand-ins have kept. */
export async function clearState(stateDirectory: string): Promise<void> {
  for await (const { name } of Deno.readDir(stateDirectory)) {
    if (name !== LOCK_FILE) await Deno.remove(join(stateDirectory, name), { recursive: true });
  }
}

/** Makes a folder, if there is none, that only its owner may read: the state has whole mails and credentials. */
export function privateFolder(path: string): void {
  restrict(path, 0o700, () => Deno.mkdirSync(path, { recursive: true, mode: 0o700 }));
}

/** Makes an empty file, if there is none, that only its owner may read. */
export function privateFile(path: string): void {
  restrict(path, 0o600, () => {
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  });
}

function restrict(path: string, mode: number, make: () => void): void {
  try {
    make();
    // Windows has no modes.
    if (Deno.build.os !== "windows") Deno.chmodSync(path, mode);
  } catch (error) {
    const reason = error instanceof Deno.errors.PermissionDenied
      ? "it or its folder belongs to another user"
      : failureReason(error);
    throw new Error(
      `Cannot keep the state in ${path}: ${reason}; choose another folder with --state`,
      { cause: error },
    );
  }
}
