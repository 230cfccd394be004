import process from "node:process";

/** The processor time of this thread, in milliseconds: unlike a clock, it does not go on while others use the machine. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
