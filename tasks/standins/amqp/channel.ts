import { Buffer } from "node:buffer";
import { type Tampering, traceTampering } from "../trace_headers.ts";
import { AmqpError, notImplemented } from "./amqp_error.ts";
import { FRAME_TYPE, withHeaders } from "./codec.ts";
import type { Connection } from "./connection.ts";
import { IncomingContent, unexpectedFrame } from "./incoming_content.ts";
import type { Message, Publication } from "./message.ts";
import type { BrokerMethods, ClientMethod, ClientMethods } from "./methods.ts";
import type { Queue } from "./queue.ts";
import type { Topology } from "./topology.ts";

export interface Consumer {
  readonly tag: string;
  readonly queue: Queue;
  readonly prefetchCount: number;
  readonly deliver: (message: Message) => void;
  readonly queueDeleted: () => void;
  unackedCount: number;
}

interface Delivery {
  readonly queue: Queue;
  readonly message: Message;
  /** The consumer that got it, unless the client asked for it. */
  readonly consumer?: Consumer;
}

/** The end of a delivery: done, dead, or back in its queue. */
type Settlement = "acknowledge" | "reject" | "giveBack";

/** One channel: runs the client's commands in order and keeps the channel's own state. */
export class Channel {
  readonly #number: number;
  readonly #connection: Connection;
  readonly #topology: Topology;
  readonly #consumers = new Map<string, Consumer>();
  /** By delivery tag, in the order of the tags, since tags only grow. */
  readonly #unsettled = new Map<number, Delivery>();
  readonly #ended = new AbortController();
  #lastTag = 0;
  #content: IncomingContent | undefined;
  #isConfirming = false;
  #publishCount = 0;
  #prefetchCount = 0;

  constructor(number: number, connection: Connection, topology: Topology) {
    this.#number = number;
    this.#connection = connection;
    this.#topology = topology;
  }

  handleMethod(method: ClientMethod): void {
    if (this.#content !== undefined) throw unexpectedFrame("a content");
    refuseOptions(method);
    const topology = this.#topology;
    switch (method.name) {
      case "ExchangeDeclare":
        topology.exchanges.declare(method.fields);
        return this.#send("ExchangeDeclareOk", {});
      case "ExchangeDelete":
        topology.exchanges.delete(method.fields.exchange);
        return this.#send("ExchangeDeleteOk", {});
      case "QueueDeclare": {
        const { name: queue, waitingCount, consumerCount } = topology.declareQueue(method.fields);
        return this.#send("QueueDeclareOk", { queue, messageCount: waitingCount, consumerCount });
      }
      case "QueueBind":
        topology.queue(method.fields.queue);
        topology.exchanges.bind(method.fields);
        return this.#send("QueueBindOk", {});
      case "QueueUnbind":
        topology.queue(method.fields.queue);
        topology.exchanges.unbind(method.fields);
        return this.#send("QueueUnbindOk", {});
      case "QueuePurge": {
        const messageCount = topology.queue(method.fields.queue).purge();
        return this.#send("QueuePurgeOk", { messageCount });
      }
      case "QueueDelete": {
        const messageCount = topology.deleteQueue(method.fields.queue);
        return this.#send("QueueDeleteOk", { messageCount });
      }
      case "ConfirmSelect":
        this.#isConfirming = true;
        return this.#send("ConfirmSelectOk", {});
      case "BasicQos":
        this.#prefetchCount = method.fields.prefetchCount;
        return this.#send("BasicQosOk", {});
      case "BasicPublish":
        if (this.#connection.faults.hit("rabbitmq.close-channel")) {
          throw new AmqpError(406, "the fault rabbitmq.close-channel is on");
        }
        this.#content = new IncomingContent(method.fields);
        return;
      case "BasicConsume":
        return this.#consume(method.fields);
      case "BasicCancel":
        return this.#cancel(method.fields);
      case "BasicGet":
        return this.#get(method.fields);
      case "BasicAck":
        return this.#settle(method.fields, "acknowledge");
      case "BasicNack":
        return this.#settle(method.fields, method.fields.requeue ? "giveBack" : "reject");
      case "BasicReject": {
        const { deliveryTag, requeue } = method.fields;
        return this.#settle({ deliveryTag, multiple: false }, requeue ? "giveBack" : "reject");
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
    const publication = content.toPublication();
    if (publication === undefined) return;
    this.#content = undefined;
    this.#publish(publication, content.method.mandatory);
  }

  cancelConsumers(): void {
    this.#ended.abort();
    const consumers = [...this.#consumers.values()];
    this.#consumers.clear();
    for (const consumer of consumers) consumer.queue.removeConsumer(consumer);
  }

  returnUnacked(): void {
    const deliveries = [...this.#unsettled.values()];
    this.#unsettled.clear();
    for (const [queue, messages] of byQueue(deliveries)) queue.giveBack(messages, false);
  }

  #send<Name extends keyof BrokerMethods>(name: Name, fields: BrokerMethods[Name]): void {
    this.#connection.send(name, this.#number, fields);
  }

  #publish(sent: Publication, isMandatory: boolean): void {
    const { faults } = this.#connection;
    const publication = tamperedWith(sent, faults.hit("rabbitmq.trace-headers"));
    const { exchange, routingKey, properties, body } = publication;
    const { isRouted, isAccepted } = faults.hit("rabbitmq.nack")
      ? { isRouted: true, isAccepted: false }
      : faults.hit("rabbitmq.return")
      ? { isRouted: false, isAccepted: true }
      : this.#topology.publish(publication);
    if (!isRouted && isMandatory) {
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
    const tag = fields.consumerTag === "" ? `amq.ctag-${crypto.randomUUID()}` : fields.consumerTag;
    if (this.#consumers.has(tag)) {
      throw new AmqpError(530, `attempt to reuse consumer tag '${tag}'`);
    }
    const consumer: Consumer = {
      tag,
      queue,
      prefetchCount: this.#prefetchCount || Infinity,
      deliver: (message) => this.#deliver(consumer, message),
      queueDeleted: () => this.#consumerCancelled(tag),
      unackedCount: 0,
    };
    this.#consumers.set(tag, consumer);
    this.#send("BasicConsumeOk", { consumerTag: tag });
    queue.addConsumer(consumer);
  }

  #deliver(consumer: Consumer, message: Message): void {
    consumer.unackedCount++;
    const deliveryTag = this.#addDelivery({ queue: consumer.queue, message, consumer });
    const held = this.#connection.faults.holdUp("rabbitmq.slow-delivery", this.#ended.signal);
    if (held === undefined) return this.#sendDelivery(consumer, message, deliveryTag);
    held.then(() => {
      if (this.#ended.signal.aborted) return;
      if (this.#consumers.has(consumer.tag)) this.#sendDelivery(consumer, message, deliveryTag);
      else this.#settle({ deliveryTag, multiple: false }, "giveBack");
    });
  }

  #sendDelivery({ tag: consumerTag }: Consumer, message: Message, deliveryTag: number): void {
    const { exchange, routingKey, deliveryCount, body } = message;
    const redelivered = deliveryCount > 0;
    this.#send("BasicDeliver", { consumerTag, deliveryTag, redelivered, exchange, routingKey });
    const properties = redelivered ? withDeliveryCount(message) : message.properties;
    this.#connection.sendContent(this.#number, properties, body);
  }

  #consumerCancelled(consumerTag: string): void {
    this.#consumers.delete(consumerTag);
    const { isNotifiedOfCancels, faults } = this.#connection;
    if (!isNotifiedOfCancels || faults.hit("rabbitmq.no-cancel")) return;
    this.#send("BasicCancel", { consumerTag, nowait: true });
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
      deliveryTag: this.#addDelivery({ queue, message }),
      redelivered: deliveryCount > 0,
      exchange,
      routingKey,
      messageCount: queue.waitingCount,
    });
    // Unlike a delivery, the answer has the header the first time too (RabbitMQ 3.10).
    this.#connection.sendContent(this.#number, withDeliveryCount(message), body);
  }

  #addDelivery(delivery: Delivery): number {
    this.#unsettled.set(++this.#lastTag, delivery);
    return this.#lastTag;
  }

  /** Settles the deliveries that an acknowledgement covers (AMQP 0-9-1, section 1.8.3.13). */
  #settle({ deliveryTag, multiple }: BrokerMethods["BasicAck"], settlement: Settlement): void {
    const isAll = multiple && deliveryTag === 0;
    if (!isAll && !this.#unsettled.has(deliveryTag)) {
      throw new AmqpError(406, `unknown delivery tag ${deliveryTag}`);
    }
    const deliveries: Delivery[] = [];
    for (const tag of multiple ? this.#unsettled.keys() : [deliveryTag]) {
      if (!isAll && tag > deliveryTag) break;
      const delivery = this.#unsettled.get(tag);
      if (delivery !== undefined) deliveries.push(delivery);
      this.#unsettled.delete(tag);
    }
    for (const [queue, messages] of byQueue(deliveries)) {
      if (settlement === "giveBack") {
        queue.giveBack(messages, true);
      } else {
        for (const message of messages) queue[settlement](message);
        queue.deliverWaiting();
      }
    }
  }
}

/** All consumers are updated first, so that the queue knows who has room for the next messages. */
function byQueue(deliveries: readonly Delivery[]): ReadonlyMap<Queue, readonly Message[]> {
  for (const { consumer } of deliveries) if (consumer !== undefined) consumer.unackedCount--;
  const groups = Map.groupBy(deliveries, ({ queue }) => queue);
  return new Map([...groups].map(([queue, group]) => [queue, group.map(({ message }) => message)]));
}

function withDeliveryCount({ properties, deliveryCount }: Message): Buffer {
  return withHeaders(properties, (headers) => ({ ...headers, "x-delivery-count": deliveryCount }));
}

function tamperedWith(publication: Publication, how: Tampering | undefined): Publication {
  if (how === undefined) return publication;
  const tamper = traceTampering(how);
  const properties = withHeaders(publication.properties, (headers) => {
    const entries = Object.entries(headers).map(([name, value]) => [name, tamper(name, value)]);
    // The codec leaves out what is undefined.
    return Object.fromEntries(entries);
  });
  return { ...publication, properties };
}

const REFUSED_FIELDS: ReadonlySet<string> = new Set(
  "autoDelete global ifEmpty ifUnused immediate internal noAck nowait prefetchSize".split(" "),
);

/** @throws {AmqpError} 540 for an option that only RabbitMQ has. */
function refuseOptions({ name, fields }: ClientMethod): void {
  // RabbitMQ generates a name; an empty name later means the queue declared last.
  if ("queue" in fields && fields.queue === "") throw notImplemented("queues without a name");
  for (const field in fields) {
    if (REFUSED_FIELDS.has(field) && Reflect.get(fields, field)) {
      throw notImplemented(`option ${field} of ${name}`);
    }
  }
  if (name === "QueueDeclare" || !("arguments" in fields)) return;
  if ("exclusive" in fields && fields.exclusive) throw notImplemented("exclusive consumers");
  const [argument] = Object.keys(fields.arguments);
  if (argument !== undefined) throw notImplemented(`argument ${argument} of ${name}`);
}
