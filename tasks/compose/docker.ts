import { ROOT } from "@playground/tasks/running-system";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { fail } from "@playground/tasks/terminal";

/** Whether Docker can be used, or what to do about it. */
export type DockerState = { readonly ok: true } | { readonly ok: false; readonly problem: string };

/** What `docker` is asked, and what to do when it fails. */
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

/** Finds out whether Docker Compose can be used here. */
export async function checkDocker(): Promise<DockerState> {
  for (const { args, problem } of CHECKS) {
    try {
      const { success } = await docker(args);
      if (!success) return { ok: false, problem };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return {
        ok: false,
        problem:
          "there is no docker; install it (https://docs.docker.com/get-started/get-docker/), or use deno task dev, which needs none",
      };
    }
  }
  return { ok: true };
}

/** Ends the process where Docker Compose cannot be used. */
export async function requireDocker(purpose: string): Promise<void> {
  const state = await checkDocker();
  if (!state.ok) fail(`Cannot ${purpose}: ${state.problem}`);
}

export async function existingVolumes(project: string): Promise<readonly string[]> {
  return await listed(["volume", "ls", "--quiet", projectFilter(project)]);
}

/** A container of one of our services. */
export interface Replica {
  readonly service: ServiceName;
  readonly index: string;
}

export async function replicasOf(project: string): Promise<readonly Replica[]> {
  const lines = await listed([
    "ps",
    projectFilter(project),
    "--filter=label=com.docker.compose.oneoff=False",
    `--format={{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.container-number"}}`,
  ]);
  return lines.flatMap((line) => {
    const [name, index = ""] = line.split(" ");
    const service = SERVICE_NAMES.find((service) => service === name);
    return service === undefined ? [] : [{ service, index }];
  });
}

/** Why a replica cannot do its work; `undefined` where it can. */
export async function problemOfReplica(
  { service, index }: Replica,
  envFile: string,
): Promise<string | undefined> {
  const { success, stderr } = await docker([
    "compose",
    ...await envFileArguments(envFile),
    ...["exec", "-T", `--index=${index}`, service, "/service", "healthcheck", "--ready"],
  ]);
  return success ? undefined : new TextDecoder().decode(stderr).trim();
}

/** Runs Docker Compose, which says on the terminal what it does. The file of settings need not exist. */
export async function runCompose(
  args: readonly string[],
  envFile: string,
  env: Record<string, string> = {},
): Promise<number> {
  const { code } = await new Deno.Command("docker", {
    args: ["compose", ...await envFileArguments(envFile), ...args],
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

function projectFilter(project: string): string {
  return `--filter=label=com.docker.compose.project=${project}`;
}

function docker(args: readonly string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command("docker", { args: [...args], cwd: ROOT, stdin: "null" }).output();
}

async function envFileArguments(path: string): Promise<readonly string[]> {
  try {
    return (await Deno.stat(path)).isFile ? [`--env-file=${path}`] : [];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
