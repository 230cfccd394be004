import { underBase } from "@playground/shared/configuration";
import type { Difficulty } from "./cases.ts";
import type { MysteryView } from "./mystery.ts";

export type MysteryClient = ReturnType<typeof mysteryClient>;

export function mysteryClient(faultsUrl: URL) {
  const ask = async (method: string, path: string, body?: object): Promise<MysteryView> => {
    const response = await fetch(underBase(faultsUrl, path), {
      method,
      signal: AbortSignal.timeout(5_000),
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (response.ok && answer.mystery !== null) return answer.mystery;
    throw new Error(answer.detail ?? "Cannot play: the mystery is gone; begin another one");
  };
  return {
    begin: (seed: number, difficulty: Difficulty | undefined) =>
      ask("POST", "mystery", { seed, difficulty }),
    hint: () => ask("PUT", "mystery/hint", {}),
    answer: (hop: string, cause: string) => ask("PUT", "mystery/answer", { hop, cause }),
    giveUp: () => ask("DELETE", "mystery"),
  };
}
