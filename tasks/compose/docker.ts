import { ROOT } from "@playground/tasks/running-system";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";

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

/** The volumes of the containers that are left from an earlier start. */
export async function existingVolumes(project: string): Promise<readonly string[]> {
  const { stdout } = await docker([
    "volume",
    "ls",
    "--quiet",
    `--filter=label=com.docker.compose.project=${project}`,
  ]);
  return new TextDecoder().decode(stdout).split("\n").filter((name) => name !== "");
}

/** A container of a service that can say whether it is ready. */
export interface Replica {
  /** Which service. */
  readonly service: ServiceName;
  /** Which of its containers. */
  readonly index: string;
}

/** The containers of our services. */
export async function replicasOf(project: string): Promise<readonly Replica[]> {
  const { stdout } = await docker([
    "ps",
    `--filter=label=com.docker.compose.project=${project}`,
    "--filter=label=com.docker.compose.oneoff=False",
    `--format={{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.container-number"}}`,
  ]);
  return new TextDecoder().decode(stdout).trimEnd().split("\n").toSorted().flatMap((line) => {
    const [name, index = ""] = line.split(" ");
    return SERVICE_NAMES.filter((service) => service === name).map((service) => ({
      service,
      index,
    }));
  });
}

/** Why a replica cannot do its work; `undefined` where it can. */
export async function problemOfReplica(
  { service, index }: Replica,
  { envFile }: ComposeOptions,
): Promise<string | undefined> {
  const { success, stderr } = await docker([
    "compose",
    ...await envFileArguments(envFile),
    "exec",
    "-T",
    `--index=${index}`,
    service,
    "/service",
    "healthcheck",
    "--ready",
  ], ROOT);
  return success ? undefined : new TextDecoder().decode(stderr).trim();
}

/** How to run Compose. */
export interface ComposeOptions {
  /** The file of settings; it need not exist. */
  readonly envFile: string;
  /** Variables for `compose.yaml` beside those of the file. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs Docker Compose in the root of the project. It says on the terminal what it does. */
export async function runCompose(
  args: readonly string[],
  { envFile, environment = {} }: ComposeOptions,
): Promise<number> {
  const { code } = await new Deno.Command("docker", {
    args: ["compose", ...await envFileArguments(envFile), ...args],
    cwd: ROOT,
    env: { ...environment },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return code;
}

function docker(args: readonly string[], cwd?: string): Promise<Deno.CommandOutput> {
  return new Deno.Command("docker", {
    args: [...args],
    stdin: "null",
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
}

async function envFileArguments(path: string): Promise<readonly string[]> {
  try {
    return (await Deno.stat(path)).isFile ? [`--env-file=${path}`] : [];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
