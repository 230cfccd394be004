import { runAlone } from "../command.ts";
import { MONGODB_PORT, startMongodb } from "./mod.ts";

await runAlone({
  path: "tasks/standins/mongodb/main.ts",
  summary: "The embedded stand-in for MongoDB",
  usualPort: MONGODB_PORT,
  start: startMongodb,
});
