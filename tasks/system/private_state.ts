/**
 * Keeps the state for its owner alone, even where a folder or file existed with other permissions: it holds whole mails and
 * credentials.
 *
 * @module
 */

/** Makes a folder, if there is none, that only its owner may read. */
export function privateFolder(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  restrict(path, 0o700);
}

/** Makes an empty file, if there is none, that only its owner may read. */
export function privateFile(path: string): void {
  Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  restrict(path, 0o600);
}

function restrict(path: string, mode: number): void {
  // Windows has no modes.
  if (Deno.build.os === "windows") return;
  try {
    Deno.chmodSync(path, mode);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new Error(
      `Cannot keep the state in ${path}: it belongs to another user; choose another folder`,
      { cause: error },
    );
  }
}
