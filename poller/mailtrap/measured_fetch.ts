import { measured, type Metrics } from "@playground/shared/metrics";

/** Measures how long an API takes to answer; the bodies of its answers come later. */
export function measuredFetch(fetcher: typeof fetch, metrics: Metrics, api: URL): typeof fetch {
  const durations = metrics.histogram("http.client.request.duration");
  const port = Number(api.port) || (api.protocol === "https:" ? 443 : 80);
  return (input, init) =>
    measured(durations, () => fetcher(input, init), ({ status }) => ({
      "http.request.method": init?.method ?? "GET",
      "http.response.status_code": status,
      "server.address": api.hostname,
      "server.port": port,
      ...(status >= 400 ? { "error.type": String(status) } : {}),
    }));
}
