/** `GET /zipkin/config.json`: what Zipkin's own page reads at its start, with the values of a server without settings. */
export const PAGE_CONFIGURATION = {
  environment: "",
  queryLimit: 10,
  defaultLookback: 900_000,
  searchEnabled: true,
  logsUrl: null,
  supportUrl: null,
  archivePostUrl: null,
  archiveUrl: null,
  dependency: { enabled: true, lowErrorRate: 0.5, highErrorRate: 0.75 },
} as const;

/** `GET /info`: the Zipkin whose answers these are. */
export const SERVER_INFORMATION = { zipkin: { version: "3.6.1", commit: "stand-in" } } as const;
