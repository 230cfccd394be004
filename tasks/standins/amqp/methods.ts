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

/** A table of headers or arguments (AMQP 0-9-1, section 4.2.5.5). */
export interface FieldTable {
  /** One entry. */
  readonly [name: string]: FieldValue | undefined;
}

/** The properties of a message that the broker reads or changes. The others pass through. */
export interface MessageProperties {
  /** The application's headers. */
  readonly headers?: FieldTable | undefined;
  /** 2 for a persistent message. */
  readonly deliveryMode?: number | undefined;
  /** Time to live in milliseconds, as a decimal number. */
  readonly expiration?: string | undefined;
  /** The user that published the message. */
  readonly userId?: string | undefined;
}

/** No fields at all. */
export type NoFields = Record<never, never>;

/** The methods that this broker understands, with their fields. */
export interface ClientMethods {
  /** The client's credentials. */
  ConnectionStartOk: { clientProperties: FieldTable; mechanism: string; response: Buffer };
  /** The limits that the client agrees to; the heartbeat is in seconds. */
  ConnectionTuneOk: { channelMax: number; frameMax: number; heartbeat: number };
  /** Chooses the virtual host. */
  ConnectionOpen: { virtualHost: string };
  /** Ends the connection. */
  ConnectionClose: { replyCode: number; replyText: string };
  /** Agrees to the end of the connection. */
  ConnectionCloseOk: NoFields;
  /** Opens a channel. */
  ChannelOpen: NoFields;
  /** Pauses or resumes deliveries. */
  ChannelFlow: { active: boolean };
  /** Ends a channel. */
  ChannelClose: { replyCode: number; replyText: string };
  /** Agrees to the end of a channel. */
  ChannelCloseOk: NoFields;
  /** Creates an exchange or checks that it exists. */
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
  /** Deletes an exchange. */
  ExchangeDelete: { exchange: string; ifUnused: boolean; nowait: boolean };
  /** Creates a queue or checks that it exists. */
  QueueDeclare: {
    queue: string;
    passive: boolean;
    durable: boolean;
    exclusive: boolean;
    autoDelete: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  /** Binds a queue to an exchange. */
  QueueBind: { queue: string; exchange: string; routingKey: string; nowait: boolean };
  /** Takes a binding away. */
  QueueUnbind: { queue: string; exchange: string; routingKey: string };
  /** Empties a queue. */
  QueuePurge: { queue: string; nowait: boolean };
  /** Deletes a queue. */
  QueueDelete: { queue: string; ifUnused: boolean; ifEmpty: boolean; nowait: boolean };
  /** Switches publisher confirms on. */
  ConfirmSelect: { nowait: boolean };
  /** Limits the unacknowledged messages of later consumers. */
  BasicQos: { prefetchSize: number; prefetchCount: number; global: boolean };
  /** Announces a message; its content follows. */
  BasicPublish: { exchange: string; routingKey: string; mandatory: boolean; immediate: boolean };
  /** Starts a consumer. */
  BasicConsume: {
    queue: string;
    consumerTag: string;
    noAck: boolean;
    exclusive: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  /** Ends a consumer. */
  BasicCancel: { consumerTag: string; nowait: boolean };
  /** Takes one message. */
  BasicGet: { queue: string; noAck: boolean };
  /** Settles messages as done. */
  BasicAck: { deliveryTag: number; multiple: boolean };
  /** Gives messages back, or up. */
  BasicNack: { deliveryTag: number; multiple: boolean; requeue: boolean };
  /** Gives one message back, or up. */
  BasicReject: { deliveryTag: number; requeue: boolean };
  /** Gives every unacknowledged message of the channel back. */
  BasicRecover: { requeue: boolean };
}

/** A method from the client. A name that is not in {@linkcode ClientMethods} is possible and must be refused. */
export type ClientMethod = {
  [Name in keyof ClientMethods]: {
    /** Class and method in one word, as the codec names them. */
    readonly name: Name;
    /** Class id in the upper and method id in the lower 16 bits. */
    readonly id: number;
    /** The arguments. */
    readonly fields: Readonly<ClientMethods[Name]>;
  };
}[keyof ClientMethods];

/** The methods that this broker sends, with their fields. */
export interface BrokerMethods {
  /** Greets the client. */
  ConnectionStart: {
    versionMajor: number;
    versionMinor: number;
    serverProperties: FieldTable;
    mechanisms: Buffer;
    locales: Buffer;
  };
  /** Proposes limits; the heartbeat is in seconds. */
  ConnectionTune: { channelMax: number; frameMax: number; heartbeat: number };
  /** The connection is open. */
  ConnectionOpenOk: NoFields;
  /** No messages are taken for now (RabbitMQ's extension). */
  ConnectionBlocked: { reason: string };
  /** Messages are taken again. */
  ConnectionUnblocked: NoFields;
  /** Ends the connection. */
  ConnectionClose: { replyCode: number; replyText: string; classId: number; methodId: number };
  /** Agrees to the end of the connection. */
  ConnectionCloseOk: NoFields;
  /** The channel is open. */
  ChannelOpenOk: NoFields;
  /** The flow is as asked. */
  ChannelFlowOk: { active: boolean };
  /** Ends a channel. */
  ChannelClose: { replyCode: number; replyText: string; classId: number; methodId: number };
  /** Agrees to the end of a channel. */
  ChannelCloseOk: NoFields;
  /** The exchange exists. */
  ExchangeDeclareOk: NoFields;
  /** The exchange is gone. */
  ExchangeDeleteOk: NoFields;
  /** The queue exists. */
  QueueDeclareOk: { queue: string; messageCount: number; consumerCount: number };
  /** The binding exists. */
  QueueBindOk: NoFields;
  /** The binding is gone. */
  QueueUnbindOk: NoFields;
  /** The queue is empty. */
  QueuePurgeOk: { messageCount: number };
  /** The queue is gone. */
  QueueDeleteOk: { messageCount: number };
  /** Confirms are on. */
  ConfirmSelectOk: NoFields;
  /** The limit is set. */
  BasicQosOk: NoFields;
  /** The consumer runs. */
  BasicConsumeOk: { consumerTag: string };
  /** The broker ended a consumer (RabbitMQ's consumer cancel notification). */
  BasicCancel: { consumerTag: string; nowait: boolean };
  /** The consumer has ended. */
  BasicCancelOk: { consumerTag: string };
  /** Gives a message back to its publisher. */
  BasicReturn: { replyCode: number; replyText: string; exchange: string; routingKey: string };
  /** Hands a message to a consumer. */
  BasicDeliver: {
    consumerTag: string;
    deliveryTag: number;
    redelivered: boolean;
    exchange: string;
    routingKey: string;
  };
  /** The message that was asked for. */
  BasicGetOk: {
    deliveryTag: number;
    redelivered: boolean;
    exchange: string;
    routingKey: string;
    messageCount: number;
  };
  /** There is no message. */
  BasicGetEmpty: NoFields;
  /** Confirms publishes. */
  BasicAck: { deliveryTag: number; multiple: boolean };
  /** Refuses publishes. */
  BasicNack: { deliveryTag: number; multiple: boolean; requeue: boolean };
  /** The messages are back in their queues. */
  BasicRecoverOk: NoFields;
}
