/**
 * Real components that belong to a run, so that they can be killed: programs that are installed on this machine, on free ports of
 * loopback, with state in a temporary folder.
 *
 * {@linkcode findRabbitmq} and {@linkcode findDatabase} look for the programs; {@linkcode startOwnRabbitmq} starts one node or a
 * cluster, {@linkcode startOwnDatabase} a server of MongoDB's protocol.
 *
 * @module
 */
export * from "./database.ts";
export * from "./rabbitmq.ts";
