/** Light or dark. */
import { computed, effect, signal } from "@preact/signals";
import { kept } from "./storage.js";

const KEY = "theme";

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const system = signal(systemIsDark.matches);
systemIsDark.addEventListener("change", ({ matches }) => system.value = matches);

/** The chosen colours; `null`: the system's. */
const theme = signal(kept.getItem(KEY));
effect(() => {
  if (theme.value === null) return;
  document.documentElement.dataset.theme = theme.value;
  kept.setItem(KEY, theme.value);
});

/** Whether the page is dark; what paints pixels itself depends on it. */
export const isDark = computed(() => theme.value === null ? system.value : theme.value === "dark");

/** Switches between light and dark. */
export function toggleTheme() {
  theme.value = isDark.value ? "light" : "dark";
}
