/**
 * The system in containers, with Docker Compose: `deno task up`, `down` and `logs`.
 *
 * `up.ts` checks that Docker is there, completes `.env` (`passwords.ts`; on a terminal it asks for a Mailtrap account), and lets
 * Compose build the images, start the containers and wait until they are healthy; then it says where everything is (`summary.ts`).
 * `down.ts` and `logs.ts` are a line of Compose each.
 *
 * @module
 */
export { dockerProblem } from "./docker.ts";
