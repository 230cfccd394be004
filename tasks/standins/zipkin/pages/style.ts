export const STYLE_SHEET = `
:root {
  color-scheme: light dark;
  --muted: light-dark(#57606a, #9da7b3);
  --line: light-dark(#d0d7de, #30363d);
  --hover: light-dark(#f6f8fa, #161b22);
  --work: light-dark(#0969da, #58a6ff);
  --error: light-dark(#cf222e, #ff7b72);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem 1.5rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0.5rem 0; font-size: 1.4rem; }
h1 small { color: var(--muted); font-weight: normal; }
nav, .muted { color: var(--muted); }
nav a { margin-right: 1rem; }
code, .branch, .number { font-family: ui-monospace, monospace; }
.number { text-align: right; white-space: nowrap; }
.error { color: var(--error); }
.notice { border-left: 4px solid var(--work); padding: 0.25rem 0.75rem; }
.table { width: 100%; border-collapse: collapse; }
.table th { text-align: left; color: var(--muted); font-weight: normal; }
.table th.number { text-align: right; }
.table td, .table th { border-bottom: 1px solid var(--line); padding: 0.3rem 0.6rem; }
.row {
  display: grid; align-items: center; gap: 0.75rem; padding: 0 0.5rem;
  grid-template-columns:
    minmax(10rem, 22rem) minmax(6rem, 12rem) 6rem 5rem minmax(8rem, 1fr) 5rem;
}
.head { color: var(--muted); border-bottom: 1px solid var(--line); }
summary.row { cursor: pointer; list-style: none; }
summary.row::-webkit-details-marker { display: none; }
summary.row:hover, details[open] { background: var(--hover); }
.label { white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.branch { color: var(--muted); line-height: 1; }
.service { overflow-wrap: anywhere; }
.bar { width: 100%; height: 1.1rem; display: block; overflow: visible; }
.own { fill: var(--work); }
.child { fill: var(--work); fill-opacity: 0.4; }
.wait { fill: none; stroke: var(--work); stroke-dasharray: 3; }
.idle { stroke: var(--muted); stroke-width: 2; stroke-dasharray: 2 4; }
.error .own, .error .child { fill: var(--error); }
.error .wait { stroke: var(--error); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0; padding: 0.5rem 2rem 1rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; font-family: ui-monospace, monospace; }
@media (max-width: 60rem) {
  .row { grid-template-columns: minmax(8rem, 16rem) 1fr 5rem; }
  .row > .optional { display: none; }
}
`;
