import type { Side } from "./samples.ts";

/** The kernel's tick of processor time (`getconf CLK_TCK`; the same on all Linux systems). */
const TICKS_PER_SECOND = 100;

/** The processor time of a process so far, all its threads and the kernel's work for it included. Linux only. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain anything; utime and stime are the 14th and 15th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Adds the processor time of each of `count` emails to `microseconds`. */
export async function meterProcessor<Result>(
  pid: number,
  count: number,
  microseconds: number[],
  work: () => Promise<Result>,
): Promise<Result> {
  const before = await processorSeconds(pid);
  const result = await work();
  microseconds.push((await processorSeconds(pid) - before) / count * 1e6);
  return result;
}

export function meteredSide<const Name extends string>(
  name: Name,
  pid: number,
  count: number,
  prepare: () => Promise<unknown>,
  work: () => Promise<number>,
): Side<Name> & { readonly microseconds: readonly number[] } {
  const microseconds: number[] = [];
  return {
    name,
    microseconds,
    run: async () => {
      await prepare();
      return await meterProcessor(pid, count, microseconds, work);
    },
  };
}

/**
 * A process's part of the memory that it holds: shared memory, such as Deno's own code, is divided among the processes, so that
 * the memory of several can be added up.
 */
export async function proportionalBytes(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}
