/** The kernel's tick of processor time (`getconf CLK_TCK`; the same on all Linux systems). */
const TICKS_PER_SECOND = 100;

/** The processor time of a process so far, all its threads and the kernel's work for it included. Linux only. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain anything; utime and stime are the 14th and 15th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface Work {
  /** Emails a second. */
  readonly rate: number;
  /** Processor time of an email. */
  readonly microseconds: number;
}

/** Measures a process during the work for this many emails. The work returns how long it took, in seconds. */
export async function meter(
  pid: number,
  count: number,
  work: () => Promise<number>,
): Promise<Work> {
  const before = await processorSeconds(pid);
  const seconds = await work();
  const usedSeconds = await processorSeconds(pid) - before;
  return { rate: count / seconds, microseconds: usedSeconds / count * 1e6 };
}

/**
 * The proportional memory of a process: shared memory, such as Deno's own code, is divided among the processes, so that the
 * memory of several can be added up.
 */
export async function proportionalBytes(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}
