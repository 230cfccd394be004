import { Option } from "@commander-js/extra-typings";
import { ROOT } from "@playground/tasks/running-system";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { fail } from "@playground/tasks/terminal";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const OF_PROJECT = "--filter=label=com.docker.compose.project=tracing-playground";

const CHECKS = [
  {
    args: ["compose", "version"],
    problem:
      "Docker has no compose plugin; install docker-compose-plugin (https://docs.docker.com/compose/install/)",
  },
  {
    args: ["version", "--format={{.Server.Version}}"],
    problem:
      "the Docker engine does not answer; start it (Docker Desktop, or systemctl start docker)",
  },
] as const;

/** Why Docker Compose cannot be used here, and what to do; `undefined` where it can. */
export async function dockerProblem(): Promise<string | undefined> {
  try {
    for (const { args, problem } of CHECKS) {
      if (!(await docker(args)).success) return problem;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "there is no docker; install it (https://docs.docker.com/get-started/get-docker/), or use deno task dev, which needs none";
  }
}

export async function requireDocker(purpose: string): Promise<void> {
  const problem = await dockerProblem();
  if (problem !== undefined) fail(`Cannot ${purpose}: ${problem}`);
}

export function envFileOption(description = "the settings") {
  return new Option("--env-file <file>", description)
    .argParser((text) => resolve(text))
    .default(join(ROOT, ".env"), ".env");
}

export async function existingVolumes(): Promise<readonly string[]> {
  return await listed(["volume", "ls", "--quiet", OF_PROJECT]);
}

export async function problemsOfReplicas(envFile: string): Promise<readonly string[]> {
  const replicas = await listed([
    "ps",
    OF_PROJECT,
    "--filter=label=com.docker.compose.oneoff=False",
    `--format={{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.container-number"}}`,
  ]);
  const problems = await Promise.all(replicas.map(async (replica) => {
    const [service = "", index] = replica.split(" ");
    if (!SERVICE_NAMES.some((name) => name === service)) return [];
    const { success, stderr } = await docker([
      "compose",
      ...envFileArguments(envFile),
      ...["exec", "-T", `--index=${index}`, service, "/service", "healthcheck", "--ready"],
    ]);
    return success ? [] : [new TextDecoder().decode(stderr).trim()];
  }));
  return problems.flat();
}

/** Runs Docker Compose, which reports to the terminal. The file of settings need not exist. */
export async function runCompose(
  args: readonly string[],
  envFile: string,
  env: Record<string, string> = {},
): Promise<number> {
  const { code } = await new Deno.Command("docker", {
    args: ["compose", ...envFileArguments(envFile), ...args],
    cwd: ROOT,
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return code;
}

async function listed(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await docker(args);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

function docker(args: readonly string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command("docker", { args: [...args], cwd: ROOT, stdin: "null" }).output();
}

function envFileArguments(path: string): readonly string[] {
  return existsSync(path) ? [`--env-file=${path}`] : [];
}
