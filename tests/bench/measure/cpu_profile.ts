/** What is read of a V8 profile (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile). */
export interface CpuProfile {
  /** The functions, each as often as there are ways to it. */
  readonly nodes: readonly ProfileNode[];
  /** The node that ran at each sample. */
  readonly samples: readonly number[];
  /** The time since the sample before, in microseconds. */
  readonly timeDeltas: readonly number[];
}

/** One function, called in one way. */
export interface ProfileNode {
  /** Its number. */
  readonly id: number;
  /** The function, and the module that it is in; both may be empty. */
  readonly callFrame: { readonly functionName: string; readonly url: string };
  /** What it calls. */
  readonly children?: readonly number[];
}

/** How the time is divided among the parts of a program. */
export interface PartTime {
  /** The part. */
  readonly part: string;
  /** Its share of the time in which something ran, from 0 to 1. */
  readonly share: number;
}

const IDLE = "(idle)";
const GARBAGE_COLLECTOR = "(garbage collector)";
const RUNTIME = "runtime";

/**
 * Divides the time of a profile among the parts of a program. A function counts for its own part, and for that of its caller if
 * it belongs to none, such as what is built into the language.
 */
export function timeByPart(
  profile: CpuProfile,
  partOf: (url: string) => string | undefined,
): readonly PartTime[] {
  const parts = partsOfNodes(profile, partOf);
  const microseconds = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const part = parts.get(id) ?? RUNTIME;
    if (part === IDLE) continue;
    const took = profile.timeDeltas[index] ?? 0;
    microseconds.set(part, (microseconds.get(part) ?? 0) + took);
    total += took;
  }
  return [...microseconds].map(([part, took]) => ({ part, share: took / total }))
    .toSorted((a, b) => b.share - a.share);
}

function partsOfNodes(
  { nodes }: CpuProfile,
  partOf: (url: string) => string | undefined,
): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<number, string>();
  const [root] = nodes;
  const waiting = root === undefined ? [] : [{ node: root, callerPart: RUNTIME }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node: { id, callFrame, children = [] }, callerPart } = next;
    const { functionName, url } = callFrame;
    const part = functionName === IDLE || functionName === GARBAGE_COLLECTOR
      ? functionName
      : partOf(url) ?? callerPart;
    parts.set(id, part);
    for (const child of children) {
      const node = byId.get(child);
      if (node !== undefined) waiting.push({ node, callerPart: part });
    }
  }
  return parts;
}
