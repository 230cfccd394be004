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

type NoFields = Record<never, never>;

/** Why a channel or a connection ends, and the method that was the cause, if one was. */
export type Closing = { replyCode: number; replyText: string; classId: number; methodId: number };

/** Limits that are proposed or agreed to; the heartbeat is in seconds. */
type Limits = { channelMax: number; frameMax: number; heartbeat: number };

/** Which deliveries, or published messages, are settled. */
type Acknowledgement = { deliveryTag: number; multiple: boolean };

type Address = { exchange: string; routingKey: string };

type Delivered = Address & { deliveryTag: number; redelivered: boolean };

/** The methods that this broker understands, with the fields that it understands. */
export interface ClientMethods {
  ConnectionStartOk: { clientProperties: FieldTable; mechanism: string; response: Buffer };
  ConnectionTuneOk: Limits;
  ConnectionOpen: { virtualHost: string };
  ConnectionClose: Closing;
  ConnectionCloseOk: NoFields;
  ChannelOpen: NoFields;
  ChannelClose: Closing;
  ChannelCloseOk: NoFields;
  ExchangeDeclare: {
    exchange: string;
    type: string;
    passive: boolean;
    durable: boolean;
    arguments: FieldTable;
  };
  ExchangeDelete: { exchange: string };
  QueueDeclare: {
    queue: string;
    passive: boolean;
    durable: boolean;
    exclusive: boolean;
    arguments: FieldTable;
  };
  QueueBind: Address & { queue: string; arguments: FieldTable };
  QueueUnbind: Address & { queue: string; arguments: FieldTable };
  QueuePurge: { queue: string };
  QueueDelete: { queue: string };
  ConfirmSelect: NoFields;
  BasicQos: { prefetchCount: number };
  BasicPublish: Address & { mandatory: boolean };
  BasicConsume: { queue: string; consumerTag: string; exclusive: boolean; arguments: FieldTable };
  BasicCancel: { consumerTag: string };
  BasicGet: { queue: string };
  BasicAck: Acknowledgement;
  BasicNack: Acknowledgement & { requeue: boolean };
  BasicReject: { deliveryTag: number; requeue: boolean };
}

/** A method from the client. A name outside {@linkcode ClientMethods} is possible and must be refused. */
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
  ConnectionTune: Limits;
  ConnectionOpenOk: NoFields;
  /** Publishing is blocked (RabbitMQ's extension). */
  ConnectionBlocked: { reason: string };
  ConnectionUnblocked: NoFields;
  ConnectionClose: Closing;
  ConnectionCloseOk: NoFields;
  ChannelOpenOk: NoFields;
  ChannelClose: Closing;
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
  BasicReturn: Address & { replyCode: number; replyText: string };
  BasicDeliver: Delivered & { consumerTag: string };
  BasicGetOk: Delivered & { messageCount: number };
  BasicGetEmpty: NoFields;
  BasicAck: Acknowledgement;
  BasicNack: Acknowledgement & { requeue: boolean };
}
