import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { startZipkin } from "./mod.ts";
import { startZipkinProxy } from "./proxy.ts";

integrationTest(
  "startZipkinProxy() passes spans on, and takes none from another site",
  async () => {
    using faults = new Faults();
    await using zipkin = await startZipkin({ port: 0 });
    await using proxy = await startZipkinProxy({ zipkinUrl: new URL(zipkin.url), faults });
    const post = async (headers: Readonly<Record<string, string>> = {}, url = proxy.url) => {
      const response = await fetch(`${url}/api/v2/spans`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(EMAIL_TRACE),
      });
      await response.body?.cancel();
      return response.status;
    };
    const count = async () => (await (await fetch(`${proxy.url}/api/v2/traces`)).json()).length;

    equal(await post({ "sec-fetch-site": "cross-site" }), 403);
    equal(faults.set("spans.lose").ok, true);
    equal(await post(), 202);
    equal(await count(), 0);
    faults.clear("spans.lose");
    equal(await post(), 202);
    deepEqual(
      await (await fetch(`${proxy.url}/api/v2/trace/${EMAIL_TRACE[0]?.traceId}`)).json(),
      await (await fetch(`${zipkin.url}/api/v2/trace/${EMAIL_TRACE[0]?.traceId}`)).json(),
    );
  },
);
