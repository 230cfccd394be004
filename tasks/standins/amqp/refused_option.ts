import type { ClientMethod } from "./methods.ts";

/** Names what a command asks for and only RabbitMQ has. */
export function refusedOption(method: ClientMethod): string | undefined {
  if ("nowait" in method.fields && method.fields.nowait) return "commands without an answer";
  switch (method.name) {
    case "ExchangeDeclare": {
      const { passive, internal, autoDelete, durable, arguments: table } = method.fields;
      if (passive) return undefined;
      if (internal) return "internal exchanges";
      if (autoDelete) return "auto-delete exchanges";
      if (!durable) return "transient exchanges";
      return firstArgument("exchange", table);
    }
    case "ExchangeDelete":
      return method.fields.ifUnused ? "exchange.delete with if-unused" : undefined;
    case "QueueDeclare": {
      const { passive, autoDelete, queue } = method.fields;
      if (autoDelete && !passive) return "auto-delete queues";
      return namelessQueue(queue);
    }
    case "QueueDelete": {
      const { queue, ifUnused, ifEmpty } = method.fields;
      if (ifUnused || ifEmpty) return "queue.delete with if-unused or if-empty";
      return namelessQueue(queue);
    }
    case "QueueBind":
    case "QueueUnbind":
    case "QueuePurge":
      return namelessQueue(method.fields.queue);
    case "BasicQos":
      return method.fields.global ? "prefetch limit for a whole channel (global=true)" : undefined;
    case "BasicConsume": {
      const { queue, noAck, exclusive, arguments: table } = method.fields;
      if (exclusive) return "exclusive consumers";
      return unacknowledged(noAck) ?? firstArgument("consumer", table) ?? namelessQueue(queue);
    }
    case "BasicGet":
      return unacknowledged(method.fields.noAck) ?? namelessQueue(method.fields.queue);
    default:
      return undefined;
  }
}

/** RabbitMQ makes up a name, and later takes the empty one for that of the queue declared last. */
function namelessQueue(name: string): string | undefined {
  return name === "" ? "queues without a name" : undefined;
}

function unacknowledged(noAck: boolean): string | undefined {
  return noAck ? "deliveries without acknowledgement (no-ack)" : undefined;
}

function firstArgument(kind: string, table: object): string | undefined {
  const [name] = Object.keys(table);
  return name === undefined ? undefined : `${kind} argument ${name}`;
}
