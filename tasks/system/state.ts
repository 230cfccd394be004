import { join } from "node:path";

const LOCK_FILE = "lock";

/** A lock that is held. Disposing it, or the end of the process however it comes, frees it. */
export type HeldLock = Disposable;

/**
 * Takes the lock of a development system. It is a lock of the operating system on a file, not the file itself, so that one that
 * was killed leaves nothing behind.
 */
export async function takeLock(stateDirectory: string): Promise<HeldLock | undefined> {
  // Whole mails are in there: its owner alone may read them.
  await Deno.mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const file = await Deno.open(join(stateDirectory, LOCK_FILE), { write: true, create: true });
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}

/** Forgets what the stand-ins have kept. */
export async function clearState(stateDirectory: string): Promise<void> {
  for await (const { name } of Deno.readDir(stateDirectory)) {
    if (name !== LOCK_FILE) await Deno.remove(join(stateDirectory, name), { recursive: true });
  }
}
