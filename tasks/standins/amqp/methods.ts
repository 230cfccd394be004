import type { Buffer } from "node:buffer";

/** A value in a table of headers or arguments. Timestamps and decimals keep their type in a wrapper with the key `!`. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | Buffer
  | readonly FieldValue[]
  | FieldTable;

export interface FieldTable {
  readonly [name: string]: FieldValue | undefined;
}

/** The properties of a message that the broker reads or changes. The others pass through. */
export interface MessageProperties {
  readonly headers?: FieldTable | undefined;
  readonly expiration?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly userId?: string | undefined;
}

export type NoFields = Record<never, never>;

/** The methods that this broker understands, with their fields. */
export interface ClientMethods {
  ConnectionStartOk: { clientProperties: FieldTable; mechanism: string; response: Buffer };
  /** The limits that the client agrees to; the heartbeat is in seconds. */
  ConnectionTuneOk: { channelMax: number; frameMax: number; heartbeat: number };
  ConnectionOpen: { virtualHost: string };
  ConnectionClose: { replyCode: number; replyText: string };
  ConnectionCloseOk: NoFields;
  ConnectionUpdateSecret: NoFields;
  ChannelOpen: NoFields;
  ChannelClose: { replyCode: number; replyText: string };
  ChannelCloseOk: NoFields;
  ExchangeDeclare: {
    exchange: string;
    type: string;
    passive: boolean;
    durable: boolean;
    autoDelete: boolean;
    internal: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  ExchangeDelete: { exchange: string; ifUnused: boolean; nowait: boolean };
  QueueDeclare: {
    queue: string;
    passive: boolean;
    durable: boolean;
    exclusive: boolean;
    autoDelete: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  QueueBind: { queue: string; exchange: string; routingKey: string; nowait: boolean };
  QueueUnbind: { queue: string; exchange: string; routingKey: string };
  QueuePurge: { queue: string; nowait: boolean };
  QueueDelete: { queue: string; ifUnused: boolean; ifEmpty: boolean; nowait: boolean };
  ConfirmSelect: { nowait: boolean };
  BasicQos: { prefetchSize: number; prefetchCount: number; global: boolean };
  BasicPublish: { exchange: string; routingKey: string; mandatory: boolean; immediate: boolean };
  BasicConsume: {
    queue: string;
    consumerTag: string;
    noAck: boolean;
    exclusive: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  BasicCancel: { consumerTag: string; nowait: boolean };
  BasicGet: { queue: string; noAck: boolean };
  BasicAck: { deliveryTag: number; multiple: boolean };
  BasicNack: { deliveryTag: number; multiple: boolean; requeue: boolean };
  BasicReject: { deliveryTag: number; requeue: boolean };
}

/** A method from the client. A name that is not in {@linkcode ClientMethods} is possible and must be refused. */
export type ClientMethod = {
  [Name in keyof ClientMethods]: {
    /** Class and method in one word, as the codec names them. */
    readonly name: Name;
    /** Class id in the upper and method id in the lower 16 bits. */
    readonly id: number;
    readonly fields: Readonly<ClientMethods[Name]>;
  };
}[keyof ClientMethods];

/** The methods that this broker sends, with their fields. */
export interface BrokerMethods {
  ConnectionStart: {
    versionMajor: number;
    versionMinor: number;
    serverProperties: FieldTable;
    mechanisms: Buffer;
    locales: Buffer;
  };
  /** Proposes limits; the heartbeat is in seconds. */
  ConnectionTune: { channelMax: number; frameMax: number; heartbeat: number };
  ConnectionOpenOk: NoFields;
  /** No messages are taken for now (RabbitMQ's extension). */
  ConnectionBlocked: { reason: string };
  ConnectionUnblocked: NoFields;
  ConnectionClose: { replyCode: number; replyText: string; classId: number; methodId: number };
  ConnectionCloseOk: NoFields;
  ChannelOpenOk: NoFields;
  ChannelClose: { replyCode: number; replyText: string; classId: number; methodId: number };
  ChannelCloseOk: NoFields;
  ExchangeDeclareOk: NoFields;
  ExchangeDeleteOk: NoFields;
  QueueDeclareOk: { queue: string; messageCount: number; consumerCount: number };
  QueueBindOk: NoFields;
  QueueUnbindOk: NoFields;
  QueuePurgeOk: { messageCount: number };
  QueueDeleteOk: { messageCount: number };
  ConfirmSelectOk: NoFields;
  BasicQosOk: NoFields;
  BasicConsumeOk: { consumerTag: string };
  /** The broker ended a consumer (RabbitMQ's consumer cancel notification). */
  BasicCancel: { consumerTag: string; nowait: boolean };
  BasicCancelOk: { consumerTag: string };
  BasicReturn: { replyCode: number; replyText: string; exchange: string; routingKey: string };
  BasicDeliver: {
    consumerTag: string;
    deliveryTag: number;
    redelivered: boolean;
    exchange: string;
    routingKey: string;
  };
  BasicGetOk: {
    deliveryTag: number;
    redelivered: boolean;
    exchange: string;
    routingKey: string;
    messageCount: number;
  };
  BasicGetEmpty: NoFields;
  BasicAck: { deliveryTag: number; multiple: boolean };
  BasicNack: { deliveryTag: number; multiple: boolean; requeue: boolean };
}
