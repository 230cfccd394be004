/**
 * Posts emails and measures the answers. It is a process of its own: receiving the spans and log lines of a measured process would
 * delay the arrival of that process's answers only.
 *
 * @module
 */
import { postEmails } from "../load/generator.ts";
import { serveCommands } from "./command_server.ts";

await serveCommands(postEmails);
