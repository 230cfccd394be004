/**
 * The panel that breaks something: shows what `/api/faults` offers. It is there only where that is.
 *
 * @module
 * @import { Api } from "./api.js"
 * @import { Answer, Fault, FaultParameter } from "./types.ts"
 */
import { json } from "./api.js";
import { arrange, element, part, setText } from "./dom.js";
import { formatCountdown } from "./format.js";
import { keepText } from "./ticker.js";

const REFRESH_MS = 3_000;

/** @type {readonly Fault[]} */
let faults = [];

/**
 * Makes the panel work, if the page has one.
 *
 * @param {Api} api Lists, sets and clears faults.
 */
export function startFaults(api) {
  if (document.getElementById("faults") === null) return;
  const form = part("fault-form", HTMLFormElement);
  const choice = part("fault", HTMLSelectElement);
  const probability = part("fault-probability", HTMLInputElement);
  const duration = part("fault-duration", HTMLSelectElement);

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   */
  const change = async (path, init) => {
    /** @type {Answer<unknown>} */
    const answer = await api.call(path, init);
    say(answer.ok ? "" : `✗ ${answer.problem.detail}`);
    await refresh();
  };

  /** @param {string} name */
  const clear = async (name) => {
    await change(`/api/faults/${encodeURIComponent(name)}`, json("DELETE", {}));
    // The button that had the focus is gone.
    choice.focus();
  };

  const refresh = async () => {
    /** @type {Answer<{ faults: readonly Fault[] }>} */
    const answer = await api.call("/api/faults");
    if (!answer.ok) {
      say(`✗ ${answer.problem.detail}`);
      return;
    }
    const isFirst = faults.length === 0;
    ({ faults } = answer.body);
    if (isFirst) {
      choice.replaceChildren(...optionsOf(faults));
      showChosen(choice.value);
    }
    showActive(clear);
  };

  choice.addEventListener("change", () => showChosen(choice.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = form.elements.namedItem("value");
    void change(
      `/api/faults/${encodeURIComponent(choice.value)}`,
      json("PUT", {
        ...(value instanceof HTMLInputElement || value instanceof HTMLSelectElement
          ? { value: value.value }
          : {}),
        probability: Number(probability.value) / 100,
        ...(duration.value === "" ? {} : { forMs: Number(duration.value) }),
      }),
    );
  });
  part("fault-clear-all", HTMLButtonElement).addEventListener(
    "click",
    () => void change("/api/faults", json("DELETE", {})),
  );
  const refreshForever = async () => {
    if (!document.hidden) await refresh();
    setTimeout(refreshForever, REFRESH_MS);
  };
  void refreshForever();
}

/** @param {readonly Fault[]} faults */
function optionsOf(faults) {
  const byPart = Map.groupBy(faults, (fault) => fault.part);
  return [...byPart].map(([name, ofPart]) =>
    element(
      "optgroup",
      { label: name },
      ...ofPart.map((fault) => element("option", { value: fault.name }, fault.name)),
    )
  );
}

/** @param {string} name */
function showChosen(name) {
  const fault = faults.find((fault) => fault.name === name);
  if (fault === undefined) return;
  const lesson = fault.lesson === null ? "" : ` (lesson ${fault.lesson})`;
  setText(part("fault-explanation", HTMLElement), `It ${fault.explanation}${lesson}`);
  const place = part("fault-parameter", HTMLElement);
  place.hidden = fault.parameter === null;
  place.replaceChildren(...(fault.parameter === null ? [] : parameterField(fault.parameter)));
}

/** @param {FaultParameter} parameter */
function parameterField(parameter) {
  const id = "fault-value";
  if (parameter.type === "choice") {
    const select = element(
      "select",
      { id, name: "value" },
      ...parameter.choices.map((choice) => element("option", {}, choice)),
    );
    select.value = parameter.default;
    return [element("label", { for: id }, "Value"), select];
  }
  const input = element("input", {
    id,
    name: "value",
    type: "number",
    min: String(parameter.minimum),
    max: String(parameter.maximum),
    value: String(parameter.default),
    required: "",
  });
  return [element("label", { for: id }, `Value (${parameter.unit})`), input];
}

/** @param {(name: string) => Promise<void>} clear */
function showActive(clear) {
  const list = part("active-faults", HTMLElement);
  const active = faults.filter((fault) => fault.active !== null);
  setText(
    part("fault-count", HTMLElement),
    active.length === 0 ? "none active" : `⚠ ${active.length} active`,
  );
  part("fault-clear-all", HTMLButtonElement).hidden = active.length === 0;
  arrange(
    list,
    active.map((fault) => {
      const id = `active-${fault.name}`;
      const item = document.getElementById(id) ?? activeItem(id, fault.name, clear);
      const text = item.querySelector("span");
      if (text !== null) keepText(text, (nowMs) => activeText(fault, nowMs));
      return item;
    }),
  );
}

/**
 * @param {string} id
 * @param {string} name
 * @param {(name: string) => Promise<void>} clear
 */
function activeItem(id, name, clear) {
  const button = element("button", { type: "button", "aria-label": `Clear ${name}` }, "Clear");
  button.addEventListener("click", () => void clear(name));
  return element("li", { id }, element("span"), button);
}

/**
 * @param {Fault} fault
 * @param {number} nowMs
 */
function activeText({ name, active }, nowMs) {
  if (active === null) return name;
  const { value, probability, hitCount, endsAt } = active;
  return [
    `⚠ ${name}${value === null ? "" : ` = ${value}`}`,
    ...(probability < 1 ? [`${Math.round(probability * 100)} %`] : []),
    `happened ${hitCount} ×`,
    ...(endsAt === null ? [] : [`ends in ${formatCountdown(Date.parse(endsAt) - nowMs)}`]),
  ].join(" · ");
}

/** @param {string} text */
function say(text) {
  setText(part("fault-status", HTMLElement), text);
}
