import { runAlone } from "../command.ts";
import { startZipkin, USUAL_PORT } from "./mod.ts";

await runAlone({
  path: "tasks/standins/zipkin/main.ts",
  summary: "A Zipkin collector with its query API and a page per trace.",
  usualPort: USUAL_PORT,
  start: startZipkin,
});
