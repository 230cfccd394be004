/** A terminal sends Ctrl-C to a task runner and to its child, and the runner may pass it on: the child gets it twice. */
const ECHO_MS = 500;

/** Makes a signal listener that calls `action`, but not at an echo of the signal that has just come. */
export function atNextSignal(
  action: () => void,
  now: () => number = () => performance.now(),
): () => void {
  const firstAt = now();
  return () => {
    if (now() - firstAt >= ECHO_MS) action();
  };
}
