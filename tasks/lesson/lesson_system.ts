import { startTemporarySystem } from "@playground/tasks/system";
import { MessageServerClient } from "@playground/tasks/clients/message-server";
import type { PlaygroundUrls, RunningSystem } from "@playground/tasks/running-system";
import { FaultsClient } from "@playground/tasks/clients/faults";
import type { Lesson } from "./lesson.ts";

export interface LessonSystem {
  readonly urls: PlaygroundUrls;
  readonly client: Pick<MessageServerClient, "postEmail" | "readTrace">;
  readonly faults: FaultsClient;
}

export type Suitability = Awaited<ReturnType<typeof runningLessonSystem>>;

const systemAt = ({ urls, variables }: RunningSystem): LessonSystem => ({
  urls,
  client: new MessageServerClient(new URL(urls.messageServer), variables.API_TOKEN),
  faults: new FaultsClient(new URL(urls.faults ?? "")),
});

const unsuited = (reason: string) => ({ suits: false, reason } as const);

export async function runningLessonSystem(lesson: Lesson, running: RunningSystem | undefined) {
  if (running === undefined) return unsuited("the playground is not running");
  if (lesson.ownSystem !== undefined) return unsuited(lesson.ownSystem.because);
  if (running.urls.faults === undefined) return unsuited("deno task dev runs without stand-ins");
  if (running.urls.zipkin === "") return unsuited("deno task dev runs without a collector");
  const system = systemAt(running);
  const list = await system.faults.list();
  if (list.status !== "ok") return unsuited("the stand-ins of deno task dev do not answer");
  const there = new Set(list.value.map(({ name }) => name));
  const missing = lesson.faults.find(({ name }) => !there.has(name));
  if (missing !== undefined) return unsuited(`no stand-in of deno task dev has ${missing.name}`);
  const active = list.value.filter(({ active }) => active !== null);
  return { suits: true, system, active } as const;
}

export async function startLessonSystem(
  lesson: Lesson,
  signal: AbortSignal,
): Promise<LessonSystem & AsyncDisposable> {
  const { settings = {} } = lesson.ownSystem ?? {};
  const started = await startTemporarySystem({ settings, signal });
  return Object.assign(started, systemAt(started.system));
}
