import type { Buffer } from "node:buffer";
import type { Faults } from "../faults/registry.ts";
import { AmqpError, notImplemented } from "./amqp_error.ts";
import { decodeProperties, encodeProperties } from "./codec.ts";
import { Consumer, type ConsumerChannel } from "./consumer.ts";
import { generateName } from "./declarations.ts";
import { Deliveries } from "./deliveries.ts";
import { FRAME_TYPE } from "./frames.ts";
import { IncomingContent, unexpectedFrame } from "./incoming_content.ts";
import type { Message } from "./message.ts";
import type { BrokerMethods, ClientMethod, ClientMethods } from "./methods.ts";
import { TopologyCommands } from "./topology_commands.ts";
import type { Topology } from "./topology.ts";

/** What a channel needs of its connection. It is also the owner of the exclusive queues. */
export interface ChannelConnection {
  readonly user: string;
  /** Whether the client does not read fast enough to be sent more now. */
  readonly isCongested: boolean;
  /** Whether the client understands a `basic.cancel` from the broker. */
  readonly isNotifiedOfCancels: boolean;
  readonly faults: Faults;
  /** Sends a method, after the commit. */
  send<Name extends keyof BrokerMethods>(
    name: Name,
    channel: number,
    fields: BrokerMethods[Name],
  ): void;
  /** Sends the content that belongs to the method sent last. */
  sendContent(channel: number, properties: Uint8Array, body: Uint8Array): void;
}

/** One channel: runs the client's commands in order and keeps what belongs to the channel alone. */
export class Channel implements ConsumerChannel {
  readonly #number: number;
  readonly #connection: ChannelConnection;
  readonly #topology: Topology;
  readonly #topologyCommands: TopologyCommands;
  readonly #consumers = new Map<string, Consumer>();
  readonly #deliveries = new Deliveries();
  readonly #ended = new AbortController();
  #content: IncomingContent | undefined;
  #isConfirming = false;
  #publishCount = 0;
  #prefetchCount = 0;

  constructor(number: number, connection: ChannelConnection, topology: Topology) {
    this.#number = number;
    this.#connection = connection;
    this.#topology = topology;
    this.#topologyCommands = new TopologyCommands(
      topology,
      connection,
      (name, fields) => this.#send(name, fields),
    );
  }

  get isCongested(): boolean {
    return this.#connection.isCongested;
  }

  /** Runs a command: every method of the client passes here. */
  handleMethod(method: ClientMethod): void {
    if (this.#content !== undefined) throw unexpectedFrame("a content");
    if (this.#topologyCommands.handle(method)) return;
    switch (method.name) {
      case "ConfirmSelect":
        this.#isConfirming = true;
        if (!method.fields.nowait) this.#send("ConfirmSelectOk", {});
        return;
      case "BasicQos":
        return this.#limitPrefetch(method.fields);
      case "BasicPublish":
        if (method.fields.immediate) throw new AmqpError(540, "immediate=true");
        if (this.#connection.faults.hit("rabbitmq.close-channel")) {
          throw new AmqpError(406, "the fault rabbitmq.close-channel is on");
        }
        this.#content = new IncomingContent(method.fields, this.#connection.user);
        return;
      case "BasicConsume":
        return this.#consume(method.fields);
      case "BasicCancel":
        return this.#cancel(method.fields);
      case "BasicGet":
        return this.#get(method.fields);
      case "BasicAck":
        return this.#deliveries.settle(
          method.fields.deliveryTag,
          method.fields.multiple,
          "acknowledge",
        );
      case "BasicNack": {
        const { deliveryTag, multiple, requeue } = method.fields;
        return this.#deliveries.settle(deliveryTag, multiple, requeue ? "giveBack" : "reject");
      }
      case "BasicReject":
        return this.#deliveries.settle(
          method.fields.deliveryTag,
          false,
          method.fields.requeue ? "giveBack" : "reject",
        );
      case "BasicRecover":
        if (!method.fields.requeue) throw notImplemented("basic.recover with requeue=false");
        this.#deliveries.giveBackAll(true);
        return this.#send("BasicRecoverOk", {});
      default:
        throw notImplemented(`method ${method.name}`);
    }
  }

  /** Takes a header or body frame of a message that is being published. */
  handleContent(type: number, payload: Buffer): void {
    const content = this.#content;
    if (content === undefined) throw unexpectedFrame("a method");
    if (type === FRAME_TYPE.header) content.addHeader(payload);
    else content.addBody(payload);
    if (!content.isComplete) return;
    this.#content = undefined;
    this.#publish(content);
  }

  /** Sends a message to a consumer: every delivery passes here. */
  deliver(consumer: Consumer, message: Message): void {
    const { queue, isAutoAcknowledging } = consumer;
    const deliveryTag = isAutoAcknowledging
      ? this.#deliveries.nextTag()
      : this.#deliveries.add({ queue, message, consumer });
    // What is not acknowledged can go back; the other would be lost with its channel.
    const held = isAutoAcknowledging
      ? undefined
      : this.#connection.faults.holdUp("rabbitmq.slow-delivery", this.#ended.signal);
    if (held === undefined) return this.#sendDelivery(consumer, message, deliveryTag);
    held.then(() => {
      if (this.#ended.signal.aborted) return;
      if (this.#consumers.has(consumer.tag)) this.#sendDelivery(consumer, message, deliveryTag);
      else this.#deliveries.settle(deliveryTag, false, "giveBack");
    });
  }

  #sendDelivery(consumer: Consumer, message: Message, deliveryTag: number): void {
    const { queue, tag: consumerTag } = consumer;
    const { exchange, routingKey, deliveryCount, body } = message;
    const redelivered = deliveryCount > 0;
    this.#send("BasicDeliver", { consumerTag, deliveryTag, redelivered, exchange, routingKey });
    const isCounted = queue.settings.isQuorum && redelivered;
    const properties = isCounted ? withDeliveryCount(message) : message.properties;
    this.#connection.sendContent(this.#number, properties, body);
  }

  /** Tells the client that the queue of a consumer is gone. */
  consumerCancelled({ tag }: Consumer): void {
    this.#consumers.delete(tag);
    const { isNotifiedOfCancels, faults } = this.#connection;
    if (!isNotifiedOfCancels || faults.hit("rabbitmq.no-cancel")) return;
    this.#send("BasicCancel", { consumerTag: tag, nowait: true });
  }

  /** Hands out what waited while the client did not read. */
  resumeDeliveries(): void {
    for (const { queue } of [...this.#consumers.values()]) queue.deliverWaiting();
  }

  /** Ends the consumers: the first step of the channel's end. */
  cancelConsumers(): void {
    this.#ended.abort();
    const consumers = [...this.#consumers.values()];
    this.#consumers.clear();
    for (const consumer of consumers) consumer.queue.removeConsumer(consumer);
  }

  /** Gives back what is not acknowledged: the last step of the channel's end. */
  returnUnacked(): void {
    this.#deliveries.giveBackAll(false);
  }

  #send<Name extends keyof BrokerMethods>(name: Name, fields: BrokerMethods[Name]): void {
    this.#connection.send(name, this.#number, fields);
  }

  #limitPrefetch(fields: ClientMethods["BasicQos"]): void {
    if (fields.prefetchSize !== 0) {
      throw new AmqpError(540, `prefetch_size!=0 (${fields.prefetchSize})`);
    }
    if (fields.global) throw notImplemented("prefetch limit for a whole channel (global=true)");
    this.#prefetchCount = fields.prefetchCount;
    this.#send("BasicQosOk", {});
  }

  #publish(content: IncomingContent): void {
    const publication = content.toPublication();
    const { exchange, routingKey, properties, body } = publication;
    const { faults } = this.#connection;
    const { isRouted, isAccepted } = faults.hit("rabbitmq.nack")
      ? { isRouted: true, isAccepted: false }
      : faults.hit("rabbitmq.return")
      ? { isRouted: false, isAccepted: true }
      : this.#topology.publish(publication);
    if (!isRouted && content.method.mandatory) {
      this.#send("BasicReturn", { replyCode: 312, replyText: "NO_ROUTE", exchange, routingKey });
      this.#connection.sendContent(this.#number, properties, body);
    }
    if (!this.#isConfirming) return;
    const deliveryTag = ++this.#publishCount;
    if (faults.hit("rabbitmq.no-confirm")) return;
    const confirm = () =>
      isAccepted
        ? this.#send("BasicAck", { deliveryTag, multiple: false })
        : this.#send("BasicNack", { deliveryTag, multiple: false, requeue: false });
    const held = faults.holdUp("rabbitmq.slow-confirm", this.#ended.signal);
    if (held === undefined) return confirm();
    held.then(() => {
      if (!this.#ended.signal.aborted) confirm();
    });
  }

  #consume(fields: ClientMethods["BasicConsume"]): void {
    if (fields.arguments["x-priority"] !== undefined) throw notImplemented("consumer priorities");
    const queue = this.#topologyCommands.queue(fields.queue);
    const { name } = queue.options;
    const tag = fields.consumerTag === "" ? generateName("amq.ctag-") : fields.consumerTag;
    if (this.#consumers.has(tag)) {
      throw new AmqpError(530, `attempt to reuse consumer tag '${tag}'`);
    }
    const others = queue.consumers;
    if (others.some(({ isExclusive }) => isExclusive) || (fields.exclusive && others.length > 0)) {
      throw new AmqpError(403, `queue '${name}' in vhost '/' in exclusive use`);
    }
    const consumer = new Consumer(queue, this, {
      tag,
      prefetchCount: this.#prefetchCount,
      isExclusive: fields.exclusive,
      isAutoAcknowledging: fields.noAck,
    });
    this.#consumers.set(tag, consumer);
    if (!fields.nowait) this.#send("BasicConsumeOk", { consumerTag: tag });
    queue.addConsumer(consumer);
  }

  #cancel({ consumerTag, nowait }: ClientMethods["BasicCancel"]): void {
    const consumer = this.#consumers.get(consumerTag);
    this.#consumers.delete(consumerTag);
    consumer?.queue.removeConsumer(consumer);
    if (!nowait) this.#send("BasicCancelOk", { consumerTag });
  }

  #get(fields: ClientMethods["BasicGet"]): void {
    const queue = this.#topologyCommands.queue(fields.queue);
    const message = queue.take(fields.noAck);
    if (message === undefined) return this.#send("BasicGetEmpty", {});
    const deliveryTag = fields.noAck
      ? this.#deliveries.nextTag()
      : this.#deliveries.add({ queue, message });
    const { exchange, routingKey, body, deliveryCount } = message;
    this.#send("BasicGetOk", {
      deliveryTag,
      redelivered: deliveryCount > 0,
      exchange,
      routingKey,
      messageCount: queue.waitingCount,
    });
    // Unlike a delivery, the answer of a quorum queue has the header the first time too (RabbitMQ 3.10).
    const properties = queue.settings.isQuorum ? withDeliveryCount(message) : message.properties;
    this.#connection.sendContent(this.#number, properties, body);
  }
}

function withDeliveryCount(message: Message): Buffer {
  const properties = decodeProperties(message.properties);
  const headers = { ...properties.headers, "x-delivery-count": message.deliveryCount };
  return encodeProperties({ ...properties, headers });
}
