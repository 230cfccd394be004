import { join } from "node:path";
import { freePort } from "../../fixture/ports.ts";

export async function prepareNode(
  directory: string,
  erlangName: string,
  port: number,
  erlangNames: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  await Deno.mkdir(directory, { recursive: true });
  const configurationFile = join(directory, "rabbitmq.conf");
  const pluginsFile = join(directory, "enabled_plugins");
  const peers = erlangNames.length === 1 ? [] : [
    "cluster_formation.peer_discovery_backend = classic_config",
    ...erlangNames.map((name, index) =>
      `cluster_formation.classic_config.nodes.${index + 1} = ${name}`
    ),
  ];
  await Deno.writeTextFile(
    configurationFile,
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      "log.console = true",
      "log.console.level = warning",
      "vm_memory_high_watermark.relative = 0.2",
      "disk_free_limit.absolute = 50MB",
      ...peers,
      "",
    ].join("\n"),
  );
  await Deno.writeTextFile(pluginsFile, "[].\n");
  return {
    RABBITMQ_NODENAME: erlangName,
    RABBITMQ_CONFIG_FILE: configurationFile,
    RABBITMQ_ENABLED_PLUGINS_FILE: pluginsFile,
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_MNESIA_BASE: join(directory, "mnesia"),
    RABBITMQ_LOG_BASE: join(directory, "log"),
    RABBITMQ_PID_FILE: join(directory, "rabbit.pid"),
    RABBITMQ_DIST_PORT: String(freePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
  };
}
