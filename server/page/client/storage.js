/** What the browser keeps for the page. Where it keeps nothing, the page does, until it ends. */

/** For all tabs and visits. */
export const kept = storageOf(() => localStorage);

/** Until this tab is closed. */
export const keptForTab = storageOf(() => sessionStorage);

/** @param {() => Storage} find @returns {Pick<Storage, "getItem" | "setItem">} */
function storageOf(find) {
  const items = new Map();
  /** The person may forbid it, and it may be full. @template Result @param {(storage: Storage) => Result} use */
  const attempt = (use) => {
    try {
      return use(find());
    } catch {
      return undefined;
    }
  };
  return {
    getItem: (name) => items.get(name) ?? attempt((storage) => storage.getItem(name)) ?? null,
    setItem(name, text) {
      items.set(name, text);
      attempt((storage) => storage.setItem(name, text));
    },
  };
}
