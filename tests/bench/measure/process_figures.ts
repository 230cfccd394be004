import type { Side } from "./samples.ts";

/** What the kernel counts as one tick of processor time (`getconf CLK_TCK`; the same on all Linux systems). */
const TICKS_PER_SECOND = 100;

/** The processor time of a process so far, all its threads and the kernel's work for it included. Linux only. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain anything; utime and stime are the 14th and 15th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Adds to `microseconds` what each of `count` emails took of the processor. */
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

/** A side of which it is metered as well what each email takes of a process's processor time, but for what prepares a round. */
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
 * A process's part of the memory that it holds: what it shares with others, such as Deno's own code, is divided among them. Only
 * so may the memory of several processes be added up.
 */
export async function proportionalBytes(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}
