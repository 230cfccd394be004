import { createTransport } from "nodemailer";
import { type DevSystem, report } from "./dev_system.ts";

/** A script in the mail would set this, if it ran. */
export const TRAP = "hostileMailRan";

const RUN = `top.${TRAP}=1;parent.${TRAP}=1;self.${TRAP}=1`;
const ELSEWHERE = "http://attacker.invalid";

/** Each way that we know to run something or to load something from the HTML of a mail. */
export const HOSTILE_HTML = `
<html><head>
<base href="${ELSEWHERE}/"><meta http-equiv="refresh" content="0;url=${ELSEWHERE}/refresh">
<link rel="stylesheet" href="${ELSEWHERE}/style.css"><title><img src=x onerror="${RUN}"></title>
<style>@import url(${ELSEWHERE}/import.css); body { background: url(${ELSEWHERE}/style.png); position: fixed }</style>
<script>${RUN}</script><script src="${ELSEWHERE}/script.js"></script>
</head><body onload="${RUN}" background="${ELSEWHERE}/body.png">
<p id="visible">Visible text</p>
<img src="x" onerror="${RUN}"><img src="${ELSEWHERE}/pixel.png" alt="pixel"><img srcset="${ELSEWHERE}/set.png 1x">
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${RUN}'/>">
<img id="embedded" src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==">
<svg onload="${RUN}"><script>${RUN}</script><image href="${ELSEWHERE}/svg.png"/><foreignObject><iframe src="${ELSEWHERE}/foreign"></iframe></foreignObject>
<animate onbegin="${RUN}" attributeName="x" dur="1s"/></svg>
<iframe src="${ELSEWHERE}/frame"></iframe><iframe srcdoc="<script>${RUN}</script>"></iframe>
<iframe src="data:text/html,<script>${RUN}</script>"></iframe><iframe src="javascript:${RUN}"></iframe>
<object data="${ELSEWHERE}/object"></object><embed src="${ELSEWHERE}/embed">
<video src="${ELSEWHERE}/video" poster="${ELSEWHERE}/poster.png" autoplay onerror="${RUN}"></video>
<audio src="${ELSEWHERE}/audio" autoplay></audio>
<a id="link" href="javascript:${RUN}" ping="${ELSEWHERE}/ping">a link</a>
<a href="data:text/html,<script>${RUN}</script>" target="_top">another</a>
<form action="${ELSEWHERE}/form" id="form"><input name="a" autofocus onfocus="${RUN}"><button formaction="javascript:${RUN}">go</button></form>
<div style="background: url(${ELSEWHERE}/inline.png); position: fixed; inset: 0" onclick="${RUN}" onmouseover="${RUN}">over everything</div>
<details open ontoggle="${RUN}"><summary>more</summary></details>
<template><script>${RUN}</script></template><noscript><p title="</noscript><img src=x onerror=${RUN}>"></noscript>
<table background="${ELSEWHERE}/table.png"><tr><td colspan="2">a cell</td></tr></table>
<math><mtext><table><mglyph><style><img src=x onerror="${RUN}"></style></mglyph></table></mtext></math>
</body></html>`;

/**
 * Hands a mail to the stand-in of Mailtrap, as any stranger could. It carries a trace, and the collector gets the span of its
 * delivery: the page shows no mail that only claims to be an email.
 */
export async function sendStrangersMail(
  system: DevSystem,
  mail: { readonly subject: string; readonly displayName: string; readonly html: string },
): Promise<string> {
  const { variables } = system;
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const transport = createTransport({
    host: variables.SMTP_HOST,
    port: Number(variables.SMTP_PORT),
    auth: { user: variables.MAILTRAP_USER, pass: variables.MAILTRAP_PASSWORD },
    tls: { ca: variables.SMTP_CA },
  });
  await transport.sendMail({
    from: { name: mail.displayName, address: "stranger@example.com" },
    to: "bob@example.com",
    subject: mail.subject,
    html: mail.html,
    headers: {
      "X-B3-TraceId": traceId,
      "X-B3-SpanId": traceId.slice(0, 16),
      "X-B3-Sampled": "1",
    },
  });
  transport.close();
  await report(system, [{
    traceId,
    id: traceId.slice(0, 16),
    name: "emailer",
    timestamp: Date.now() * 1_000,
    duration: 1_000,
    localEndpoint: { serviceName: "emailer" },
    tags: { outcome: "delivered" },
  }]);
  return traceId;
}
