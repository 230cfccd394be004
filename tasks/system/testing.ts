import type { PlaygroundUrls } from "./running_system.ts";

/** The addresses of a system that does not run. */
export const EXAMPLE_URLS: PlaygroundUrls = {
  messageServer: "http://127.0.0.1:8080",
  zipkin: "http://zipkin:9411",
  amqp: "amqp://me:sEcReT@rabbit-1,amqp://me:sEcReT@rabbit-2",
  mongodb: "mongodb://me:sEcReT@mongo/messages",
  mailtrapApi: "http://127.0.0.1:8025",
  smtp: "smtp://127.0.0.1:2525",
  emailer: "http://127.0.0.1:8081",
  faults: "http://127.0.0.1:8026",
};
