/** What the kernel counts as one tick of processor time (`getconf CLK_TCK`; the same on all Linux systems). */
const TICKS_PER_SECOND = 100;

/**
 * The processor time that a process has used so far, all its threads and the kernel's work for it included.
 *
 * @throws {Deno.errors.NotFound} If there is no such process, or no Linux.
 */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain anything; utime and stime are the 14th and 15th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Notes the processor time that a process uses for some work. */
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

/** The memory that a process holds now. */
export async function residentBytes(pid: number): Promise<number> {
  return await statusBytes(pid, "VmRSS");
}

/** The most memory that a process has held so far. */
export async function peakResidentBytes(pid: number): Promise<number> {
  return await statusBytes(pid, "VmHWM");
}

/**
 * A process's part of the memory that it holds: what it shares with others, such as Deno's own code, is divided among them. Only
 * so may the memory of several processes be added up.
 */
export async function proportionalBytes(pid: number): Promise<number> {
  const rollup = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return kilobytes(rollup, "Pss");
}

async function statusBytes(pid: number, field: string): Promise<number> {
  return kilobytes(await Deno.readTextFile(`/proc/${pid}/status`), field);
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
}
