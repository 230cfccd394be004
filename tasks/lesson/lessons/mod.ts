import type { Lesson } from "../lesson.ts";
import { ARCHIVING } from "./archiving.ts";
import { BROKEN_TRACING } from "./broken_tracing.ts";
import { CONTEXT } from "./context.ts";
import { JOURNEY } from "./journey.ts";
import { PUBLISHING } from "./publishing.ts";
import { SENDING } from "./sending.ts";
import { TRACING } from "./tracing.ts";

export const LESSONS: readonly Lesson[] = [
  ...JOURNEY,
  ...SENDING,
  ...PUBLISHING,
  ...ARCHIVING,
  ...TRACING,
  ...BROKEN_TRACING,
  ...CONTEXT,
];
