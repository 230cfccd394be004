/** Pictograms. Each party has its own, and so has each state: a colour never stands alone. */
import { html } from "htm/preact";

const PATHS = {
  "client": "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 21h8M12 17v4",
  "message-server":
    "M5 4h14a2 2 0 0 1 2 2v5H3V6a2 2 0 0 1 2-2zM3 13h18v5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM7 7.5h.01M7 16.5h.01M11 7.5h6M11 16.5h6",
  "rabbitmq": "M2.5 6h5v12h-5zM10 6h5v12h-5zM18 9l3.5 3-3.5 3",
  "emailer": "M21 3L10 14M21 3l-7 18-4-7-7-4z",
  "mailtrap": "M3 13l3-8h12l3 8v6H3zM3 13h5l1.5 3h5L16 13h5",
  "mail-poller": "M20 12a8 8 0 1 1-2.6-5.9M20 3v4h-4M12 8v4l3 2",
  "mongodb": "M20 5.5c0 3.7-16 3.7-16 0s16-3.7 16 0v13c0 4-16 4-16 0v-13M4 12c0 4 16 4 16 0",
  "done": "M21 12a9 9 0 1 1-18 0a9 9 0 1 1 18 0M8 12.5l3 3 5.5-6.5",
  "wait": "M21 12a9 9 0 1 1-18 0a9 9 0 1 1 18 0M12 7v5l3.5 2",
  "dead": "M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6",
  "no": "M21 12a9 9 0 1 1-18 0a9 9 0 1 1 18 0M6 18L18 6",
  "now": "M2.5 5h19v14h-19zM3 6l9 7 9-7",
  "x": "M6 6l12 12M18 6L6 18",
  "v": "M5 12.5l4.5 4.5L19 7",
  "o": "M18 12a6 6 0 1 1-12 0a6 6 0 1 1 12 0",
  "retry": "M4 12a8 8 0 0 1 14-5.3L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.3L4 15M4 20v-5h5",
  "copy": "M9 9h11v11H9zM15 5H4v10",
  "find": "M17.5 11a6.5 6.5 0 1 1-13 0a6.5 6.5 0 1 1 13 0M16 16l4.5 4.5",
  "theme": "M20.5 12a8.5 8.5 0 1 1-17 0a8.5 8.5 0 1 1 17 0M12 3.5v17M12 8h7M12 12h8M12 16h7",
  "screen": "M3 4h18v12H3zM12 16v5M8 21h8M10 7.5l4 2.5-4 2.5z",
  "play": "M7 4.5v15l12-7.5z",
  "pause": "M8 5v14M16 5v14",
  "break": "M13 2L6 13h5l-2 9 9-12h-6z",
  "out": "M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9",
  "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  "same": "M4 7h10M4 12h16M4 17h7",
  "save": "M12 4v11M7 11l5 5 5-5M4 20h16",
};

/** @typedef {keyof typeof PATHS} IconName */

/** In the colour and about the size of the text. @param {{ name: IconName, class?: string, [attribute: string]: unknown }} props */
export function Icon({ name, class: classes = "", ...attributes }) {
  return html`
    <svg class=${`icon ${classes}`} viewBox="0 0 24 24" aria-hidden="true" ...${attributes}>
      <path d=${PATHS[name]} />
    </svg>
  `;
}

/** A service's pictogram, or its first letter, on a tile of its colour. @param {{ service: string }} props */
export function Tile({ service }) {
  return html`
    <span class="tile" data-service=${service}>
      ${isIconName(service)
        ? html`<${Icon} name=${service} />`
        : html`<b aria-hidden="true">${/[\p{L}\p{N}]/u.exec(service)?.[0]}</b>`}
    </span>
  `;
}

/** @param {string} name @returns {name is IconName} */
export function isIconName(name) {
  return Object.hasOwn(PATHS, name);
}
