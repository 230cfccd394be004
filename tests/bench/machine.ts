import { connect } from "amqplib";
import { MongoClient } from "mongodb";
import type { RealComponents } from "../fixture/real_components.ts";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
}

export async function describeMachine(real: RealComponents | undefined): Promise<Machine> {
  const information = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    processor: /^model name\s*:\s*(.+)$/m.exec(information)?.[1] ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryGigabytes: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    versions: {
      Deno: Deno.version.deno,
      V8: Deno.version.v8,
      ...(real === undefined ? {} : await componentVersions(real)),
    },
  };
}

async function componentVersions({ amqpUrl, zipkinUrl, mongodbUrl }: RealComponents) {
  const broker = await connect(amqpUrl);
  const { product, version } = broker.connection.serverProperties;
  await broker.close();
  const info = await fetch(new URL("/info", zipkinUrl));
  const { zipkin }: { readonly zipkin?: { readonly version?: string } } = await info.json();
  await using mongo = new MongoClient(mongodbUrl);
  const build = await mongo.db("admin").command({ buildInfo: 1 });
  // Servers that only speak MongoDB's protocol say which version of it, and some say who they are.
  const isNamed = Array.isArray(build.modules) && build.modules.length > 0;
  return {
    RabbitMQ: product === "RabbitMQ" ? version : `${version} (${product})`,
    Zipkin: zipkin?.version ?? "unknown",
    [isNamed ? build.modules.join(", ") : "MongoDB wire"]: String(build.version),
  };
}
