/** A script in the mail would set this, if it ran. */
export const TRAP = "hostileMailRan";

const RUN = `top.${TRAP}=1;parent.${TRAP}=1;self.${TRAP}=1`;
const ELSEWHERE = "http://attacker.invalid";

/** Every known way to run or load something from the HTML of a mail. */
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
