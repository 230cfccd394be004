/** Holds those up who pass through it, while it is closed. */
export class Gate {
  #opening: PromiseWithResolvers<void> | undefined;

  /** Closes it. */
  close(): void {
    this.#opening ??= Promise.withResolvers<void>();
  }

  /** Opens it for all. */
  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Waits until it is open. */
  async pass(): Promise<void> {
    await this.#opening?.promise;
  }
}
