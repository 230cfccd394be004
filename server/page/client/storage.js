/** What the browser keeps for the page. Where it keeps nothing, the page does, until it ends. */

/** For all tabs and visits. */
export const kept = storageOf(() => localStorage);

/** Until this tab is closed. */
export const keptForTab = storageOf(() => sessionStorage);

/** The person may forbid it, and it may be full. @param {() => Storage} find @returns {Pick<Storage, "getItem" | "setItem">} */
function storageOf(find) {
  /** What the browser did not keep. @type {Map<string, string>} */
  const items = new Map();
  return {
    getItem(name) {
      try {
        return items.get(name) ?? find().getItem(name);
      } catch {
        return null;
      }
    },
    setItem(name, text) {
      try {
        find().setItem(name, text);
        items.delete(name);
      } catch {
        items.set(name, text);
      }
    },
  };
}
