/** What the browser keeps for the page. Where the person lets no site keep anything, the page does, until it ends. */

/** For all tabs and visits. */
export const kept = storageOf(() => localStorage);

/** Until this tab is closed. */
export const keptForTab = storageOf(() => sessionStorage);

/** @param {() => Storage} find @returns {Pick<Storage, "getItem" | "setItem">} */
function storageOf(find) {
  try {
    return find();
  } catch {
    const items = new Map();
    return {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, text) => void items.set(name, text),
    };
  }
}
