/**
 * Posts emails and takes the times. In a process of its own: what receives the spans and log lines of the measured ones would delay
 * an answer's arrival, and only theirs.
 *
 * @module
 */
import { postEmails } from "../load/generator.ts";
import { serveCommands } from "./command_server.ts";

await serveCommands(postEmails);
