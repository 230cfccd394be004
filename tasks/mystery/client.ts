import { underBase } from "@playground/shared/configuration";
import type { Difficulty } from "./cases.ts";
import type { MysteryView } from "./mystery.ts";

export class MysteryClient {
  readonly #url: URL;

  constructor(faultsUrl: URL) {
    this.#url = faultsUrl;
  }

  begin(seed: number, difficulty: Difficulty | undefined): Promise<MysteryView> {
    return this.#ask("POST", "mystery", { seed, difficulty });
  }

  hint(): Promise<MysteryView> {
    return this.#ask("PUT", "mystery/hint", {});
  }

  answer(hop: string, cause: string): Promise<MysteryView> {
    return this.#ask("PUT", "mystery/answer", { hop, cause });
  }

  giveUp(): Promise<MysteryView> {
    return this.#ask("DELETE", "mystery");
  }

  async #ask(method: string, path: string, body?: object): Promise<MysteryView> {
    const response = await fetch(underBase(this.#url, path), {
      method,
      signal: AbortSignal.timeout(5_000),
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (response.ok && answer.mystery !== null) return answer.mystery;
    throw new Error(answer.detail ?? "Cannot play: the mystery is gone; begin another one");
  }
}
