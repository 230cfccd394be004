import { join } from "node:path";
import { privateFile, privateFolder } from "./private_state.ts";

const LOCK_FILE = "lock";

/** A lock that is held. Disposing it, or the end of the process however it comes, frees it. */
export type HeldLock = Disposable;

/** Whoever asks {@linkcode isRunning} holds the lock for a moment; one who starts tries again after it. */
const ATTEMPTS = 5;
const ATTEMPT_INTERVAL_MS = 20;

/**
 * Takes the lock of a development system. It is a lock of the operating system on a file, not the file itself, so that one that
 * was killed leaves nothing behind.
 */
export async function takeLock(stateDirectory: string): Promise<HeldLock | undefined> {
  privateFolder(stateDirectory);
  const path = join(stateDirectory, LOCK_FILE);
  privateFile(path);
  const file = await Deno.open(path, { write: true });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await file.tryLock(true)) return file;
    if (attempt < ATTEMPTS) await new Promise((done) => setTimeout(done, ATTEMPT_INTERVAL_MS));
  }
  file.close();
  return undefined;
}

/** Whether a development system holds the lock. Files that a killed one has left say nothing. */
export async function isRunning(stateDirectory: string): Promise<boolean> {
  try {
    using file = await Deno.open(join(stateDirectory, LOCK_FILE), { read: true });
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Forgets what the stand-ins have kept. */
export async function clearState(stateDirectory: string): Promise<void> {
  for await (const { name } of Deno.readDir(stateDirectory)) {
    if (name !== LOCK_FILE) await Deno.remove(join(stateDirectory, name), { recursive: true });
  }
}
