import { connect } from "amqplib";
import { MongoClient } from "mongodb";
import type { RealComponents } from "../fixture/real_components.ts";

export async function describeMachine(real: RealComponents | undefined): Promise<string> {
  const information = await Deno.readTextFile("/proc/cpuinfo");
  const versions = [
    `Deno ${Deno.version.deno}`,
    `V8 ${Deno.version.v8}`,
    ...(real === undefined ? [] : await componentVersions(real)),
  ];
  return [
    /^model name\s*:\s*(.+)$/m.exec(information)?.[1] ?? Deno.build.arch,
    `${navigator.hardwareConcurrency} cores`,
    `${Math.round(Deno.systemMemoryInfo().total / 2 ** 30)} GB`,
    `${Deno.build.os} ${Deno.osRelease()}; ${versions.join(", ")}`,
  ].join(", ");
}

async function componentVersions(
  { amqpUrl, zipkinUrl, mongodbUrl }: RealComponents,
): Promise<readonly string[]> {
  const broker = await connect(amqpUrl);
  const { product, version } = broker.connection.serverProperties;
  await broker.close();
  const info = await fetch(new URL("/info", zipkinUrl));
  const { zipkin }: { readonly zipkin?: { readonly version?: string } } = await info.json();
  await using mongo = new MongoClient(mongodbUrl);
  const build = await mongo.db("admin").command({ buildInfo: 1 });
  // A server that only speaks MongoDB's protocol reports MongoDB's version, and sometimes its own name.
  const isNamed = Array.isArray(build.modules) && build.modules.length > 0;
  return [
    `${product} ${version}`,
    `Zipkin ${zipkin?.version ?? "unknown"}`,
    `${isNamed ? build.modules.join(", ") : "MongoDB wire"} ${build.version}`,
  ];
}
