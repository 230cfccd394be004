import { Buffer } from "node:buffer";
import { AmqpError, notImplemented } from "./amqp_error.ts";
import { decodeProperties, encodeProperties } from "./codec.ts";
import type { Connection } from "./connection.ts";
import { Consumer } from "./consumer.ts";
import { Deliveries } from "./deliveries.ts";
import { FRAME_TYPE } from "./frames.ts";
import { IncomingContent, unexpectedFrame } from "./incoming_content.ts";
import type { Message } from "./message.ts";
import type { BrokerMethods, ClientMethod, ClientMethods } from "./methods.ts";
import { refusedOption } from "./refused_option.ts";
import type { Topology } from "./topology.ts";

/** One channel: runs the client's commands in order and keeps what belongs to the channel alone. */
export class Channel {
  readonly #number: number;
  readonly #connection: Connection;
  readonly #topology: Topology;
  readonly #consumers = new Map<string, Consumer>();
  readonly #deliveries = new Deliveries();
  readonly #ended = new AbortController();
  #content: IncomingContent | undefined;
  #isConfirming = false;
  #publishCount = 0;
  #prefetchCount = 0;

  constructor(number: number, connection: Connection, topology: Topology) {
    this.#number = number;
    this.#connection = connection;
    this.#topology = topology;
  }

  /** Whether the client does not read fast enough to be sent more now. */
  get isCongested(): boolean {
    return this.#connection.isCongested;
  }

  /** Runs a command: every method of the client passes here. */
  handleMethod(method: ClientMethod): void {
    if (this.#content !== undefined) throw unexpectedFrame("a content");
    const refused = refusedOption(method);
    if (refused !== undefined) throw notImplemented(refused);
    if (this.#topology.run(method, (name, fields) => this.#send(name, fields))) return;
    switch (method.name) {
      case "ConfirmSelect":
        this.#isConfirming = true;
        return this.#send("ConfirmSelectOk", {});
      case "BasicQos":
        return this.#limitPrefetch(method.fields);
      case "BasicPublish":
        return this.#expectContent(method.fields);
      case "BasicConsume":
        return this.#consume(method.fields);
      case "BasicCancel":
        return this.#cancel(method.fields);
      case "BasicGet":
        return this.#get(method.fields);
      case "BasicAck": {
        const { deliveryTag, multiple } = method.fields;
        return this.#deliveries.settle(deliveryTag, multiple, "acknowledge");
      }
      case "BasicNack": {
        const { deliveryTag, multiple, requeue } = method.fields;
        return this.#deliveries.settle(deliveryTag, multiple, requeue ? "giveBack" : "reject");
      }
      case "BasicReject": {
        const { deliveryTag, requeue } = method.fields;
        return this.#deliveries.settle(deliveryTag, false, requeue ? "giveBack" : "reject");
      }
      default:
        throw notImplemented(`method ${method.name}`);
    }
  }

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
    const deliveryTag = this.#deliveries.add({ queue: consumer.queue, message, consumer });
    const held = this.#connection.faults.holdUp("rabbitmq.slow-delivery", this.#ended.signal);
    if (held === undefined) return this.#sendDelivery(consumer, message, deliveryTag);
    held.then(() => {
      if (this.#ended.signal.aborted) return;
      if (this.#consumers.has(consumer.tag)) this.#sendDelivery(consumer, message, deliveryTag);
      else this.#deliveries.settle(deliveryTag, false, "giveBack");
    });
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
    this.#deliveries.giveBackAll();
  }

  #send<Name extends keyof BrokerMethods>(name: Name, fields: BrokerMethods[Name]): void {
    this.#connection.send(name, this.#number, fields);
  }

  #sendDelivery({ tag: consumerTag }: Consumer, message: Message, deliveryTag: number): void {
    const { exchange, routingKey, deliveryCount, body } = message;
    const redelivered = deliveryCount > 0;
    this.#send("BasicDeliver", { consumerTag, deliveryTag, redelivered, exchange, routingKey });
    const properties = redelivered ? withDeliveryCount(message) : message.properties;
    this.#connection.sendContent(this.#number, properties, body);
  }

  #limitPrefetch({ prefetchSize, prefetchCount }: ClientMethods["BasicQos"]): void {
    if (prefetchSize !== 0) throw new AmqpError(540, `prefetch_size!=0 (${prefetchSize})`);
    this.#prefetchCount = prefetchCount;
    this.#send("BasicQosOk", {});
  }

  #expectContent(fields: ClientMethods["BasicPublish"]): void {
    if (fields.immediate) throw new AmqpError(540, "immediate=true");
    if (this.#connection.faults.hit("rabbitmq.close-channel")) {
      throw new AmqpError(406, "the fault rabbitmq.close-channel is on");
    }
    this.#content = new IncomingContent(fields);
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
    if (this.#isConfirming) this.#confirm(isAccepted);
  }

  #confirm(isAccepted: boolean): void {
    const { faults } = this.#connection;
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
    const queue = this.#topology.queue(fields.queue);
    const tag = fields.consumerTag === "" ? generateTag() : fields.consumerTag;
    if (this.#consumers.has(tag)) {
      throw new AmqpError(530, `attempt to reuse consumer tag '${tag}'`);
    }
    const consumer = new Consumer(tag, queue, this, this.#prefetchCount);
    this.#consumers.set(tag, consumer);
    this.#send("BasicConsumeOk", { consumerTag: tag });
    queue.addConsumer(consumer);
  }

  #cancel({ consumerTag }: ClientMethods["BasicCancel"]): void {
    const consumer = this.#consumers.get(consumerTag);
    this.#consumers.delete(consumerTag);
    consumer?.queue.removeConsumer(consumer);
    this.#send("BasicCancelOk", { consumerTag });
  }

  #get(fields: ClientMethods["BasicGet"]): void {
    const queue = this.#topology.queue(fields.queue);
    const message = queue.take();
    if (message === undefined) return this.#send("BasicGetEmpty", {});
    const { exchange, routingKey, body, deliveryCount } = message;
    this.#send("BasicGetOk", {
      deliveryTag: this.#deliveries.add({ queue, message }),
      redelivered: deliveryCount > 0,
      exchange,
      routingKey,
      messageCount: queue.waitingCount,
    });
    // Unlike a delivery, the answer has the header the first time too (RabbitMQ 3.10).
    this.#connection.sendContent(this.#number, withDeliveryCount(message), body);
  }
}

function generateTag(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `amq.ctag-${Buffer.from(bytes).toString("base64url")}`;
}

function withDeliveryCount(message: Message): Buffer {
  const properties = decodeProperties(message.properties);
  const headers = { ...properties.headers, "x-delivery-count": message.deliveryCount };
  return encodeProperties({ ...properties, headers });
}
