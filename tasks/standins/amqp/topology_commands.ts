import { AmqpError, notImplemented } from "./amqp_error.ts";
import type { BrokerMethods, ClientMethod, ClientMethods } from "./methods.ts";
import type { Queue } from "./queue.ts";
import type { Topology } from "./topology.ts";

export type Reply = <Name extends keyof BrokerMethods>(
  name: Name,
  fields: BrokerMethods[Name],
) => void;

/** The commands of a channel that declare, bind and delete exchanges and queues. */
export class TopologyCommands {
  readonly #topology: Topology;
  readonly #connection: object;
  readonly #reply: Reply;
  /** An empty queue name means this one (AMQP 0-9-1, section 1.7.2.1). */
  #lastQueueName: string | undefined;

  constructor(topology: Topology, connection: object, reply: Reply) {
    this.#topology = topology;
    this.#connection = connection;
    this.#reply = reply;
  }

  /** Runs a command. */
  handle(method: ClientMethod): boolean {
    switch (method.name) {
      case "ExchangeDeclare":
        this.#declareExchange(method.fields);
        return true;
      case "ExchangeDelete":
        this.#topology.exchanges.delete(method.fields.exchange, method.fields.ifUnused);
        if (!method.fields.nowait) this.#reply("ExchangeDeleteOk", {});
        return true;
      case "QueueDeclare":
        this.#declareQueue(method.fields);
        return true;
      case "QueueBind": {
        const { exchange, routingKey, nowait } = method.fields;
        this.#topology.exchanges.bind(this.#boundQueue(method.fields.queue), exchange, routingKey);
        if (!nowait) this.#reply("QueueBindOk", {});
        return true;
      }
      case "QueueUnbind": {
        const { queue, exchange, routingKey } = method.fields;
        this.#topology.exchanges.unbind(this.#boundQueue(queue), exchange, routingKey);
        this.#reply("QueueUnbindOk", {});
        return true;
      }
      case "QueuePurge": {
        const messageCount = this.queue(method.fields.queue).purge();
        if (!method.fields.nowait) this.#reply("QueuePurgeOk", { messageCount });
        return true;
      }
      case "QueueDelete":
        this.#deleteQueue(method.fields);
        return true;
      default:
        return false;
    }
  }

  /** Finds the queue that a command names. */
  queue(name: string): Queue {
    return this.#topology.queue(this.#resolve(name), this.#connection);
  }

  #resolve(name: string): string {
    if (name !== "") return name;
    if (this.#lastQueueName === undefined) throw new AmqpError(404, "no previously declared queue");
    return this.#lastQueueName;
  }

  #boundQueue(name: string): { readonly name: string; readonly isStored: boolean } {
    const queue = this.queue(name);
    return { name: queue.options.name, isStored: queue.storeId !== undefined };
  }

  #declareExchange(fields: ClientMethods["ExchangeDeclare"]): void {
    const { exchange, type, passive, durable, autoDelete, internal } = fields;
    if (passive) {
      this.#topology.exchanges.get(exchange);
    } else {
      if (internal) throw notImplemented("internal exchanges");
      if (fields.arguments["alternate-exchange"] !== undefined) {
        throw notImplemented("alternate exchanges");
      }
      if (autoDelete) throw notImplemented("auto-delete exchanges");
      this.#topology.exchanges.declare(exchange, type, durable);
    }
    if (!fields.nowait) this.#reply("ExchangeDeclareOk", {});
  }

  #declareQueue(fields: ClientMethods["QueueDeclare"]): void {
    if (fields.autoDelete && !fields.passive) throw notImplemented("auto-delete queues");
    const queue = fields.passive ? this.queue(fields.queue) : this.#topology.declareQueue({
      name: fields.queue,
      isDurable: fields.durable,
      owner: fields.exclusive ? this.#connection : undefined,
      arguments: fields.arguments,
    }, this.#connection);
    const { name } = queue.options;
    this.#lastQueueName = name;
    if (fields.nowait) return;
    const messageCount = queue.waitingCount;
    const consumerCount = queue.consumers.length;
    this.#reply("QueueDeclareOk", { queue: name, messageCount, consumerCount });
  }

  #deleteQueue(fields: ClientMethods["QueueDelete"]): void {
    const name = this.#resolve(fields.queue);
    const messageCount = this.#topology.hasQueue(name)
      ? this.#deleteExisting(this.queue(name), fields)
      : 0;
    if (!fields.nowait) this.#reply("QueueDeleteOk", { messageCount });
  }

  #deleteExisting(queue: Queue, fields: ClientMethods["QueueDelete"]): number {
    const { waitingCount, consumers, options: { name } } = queue;
    if (fields.ifUnused && consumers.length > 0) {
      throw new AmqpError(406, `queue '${name}' in vhost '/' in use`);
    }
    if (fields.ifEmpty && waitingCount > 0) {
      throw new AmqpError(406, `queue '${name}' in vhost '/' not empty`);
    }
    this.#topology.deleteQueue(queue);
    return waitingCount;
  }
}
