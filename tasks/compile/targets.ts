import { accessFlags, SERVICE_NAMES, SERVICES } from "@playground/tasks/system";

/** What can be compiled: the services, and the stand-in for those who have no Mailtrap account. */
export const TARGET_NAMES = [...SERVICE_NAMES, "mailtrap-stand-in"] as const;

/** One of {@linkcode TARGET_NAMES}. */
export type TargetName = typeof TARGET_NAMES[number];

/** What a binary may reach, for good. */
export interface BakedAccess {
  /** `HOST:PORT` of all that it listens on or connects to. @default everything */
  readonly net?: readonly string[] | undefined;
  /** Paths that a service may read, and that the stand-in may read and write. @default none; for the stand-in everything */
  readonly files?: readonly string[] | undefined;
}

export function entryPointOf(target: TargetName): string {
  return target === "mailtrap-stand-in"
    ? "tasks/standins/mailtrap/main.ts"
    : SERVICES[target].entryPoint;
}

/**
 * The permissions that a binary has: its own environment variables, and what is given. They cannot be widened when it is run.
 */
export function bakedFlags(target: TargetName, { net, files }: BakedAccess): readonly string[] {
  if (target !== "mailtrap-stand-in") {
    return accessFlags(target, { net: net ?? "any", files: files ?? [] });
  }
  const paths = files === undefined ? "" : `=${files.join(",")}`;
  return [
    "--no-prompt",
    net === undefined ? "--allow-net" : `--allow-net=${net.join(",")}`,
    `--allow-read${paths}`,
    `--allow-write${paths}`,
    "--ignore-env",
  ];
}
