import type { Backing } from "./context.ts";
import { connect } from "amqplib";
import { MongoClient } from "mongodb";

/** What everything was measured on. */
export interface Machine {
  /** The processor's name. */
  readonly processor: string;
  /** How many cores it has. */
  readonly cores: number;
  /** The machine's memory, in GB. */
  readonly memoryGigabytes: number;
  /** Kernel and its version. */
  readonly system: string;
  /** Names and versions of what ran. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes this machine and what runs on it. */
export async function describeMachine(real: Backing | undefined): Promise<Machine> {
  const information = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    processor: /^model name\s*:\s*(.+)$/m.exec(information)?.[1] ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryGigabytes: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    versions: {
      Deno: Deno.version.deno,
      V8: Deno.version.v8,
      ...(real === undefined ? {} : {
        RabbitMQ: await brokerVersion(real.amqpUrl),
        Zipkin: await collectorVersion(real.zipkinUrl),
        ...await databaseVersion(real.mongodbUrl),
      }),
    },
  };
}

async function brokerVersion(url: string): Promise<string> {
  const connection = await connect(url);
  const { product, version } = connection.connection.serverProperties;
  await connection.close();
  return product === "RabbitMQ" ? version : `${version} (${product})`;
}

async function collectorVersion(url: string): Promise<string> {
  const response = await fetch(new URL("/info", url));
  const { zipkin }: { readonly zipkin?: { readonly version?: string } } = await response.json();
  return zipkin?.version ?? "unknown";
}

/** Servers that only speak MongoDB's protocol say which version of it, and some say who they are. */
async function databaseVersion(url: string): Promise<Readonly<Record<string, string>>> {
  const mongo = new MongoClient(url);
  try {
    const { version, modules } = await mongo.db("admin").command({ buildInfo: 1 });
    const name = Array.isArray(modules) && modules.length > 0 ? modules.join(", ") : "MongoDB wire";
    return { [name]: String(version) };
  } finally {
    await mongo.close();
  }
}
