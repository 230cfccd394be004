/** The collector pages' own rules, besides the shared design. */
export const STYLE_SHEET = `
h1 small { color: var(--muted); font-weight: normal; font-size: var(--sm); }
main nav { display: flex; gap: var(--s4); }
.branch, .label { font-family: var(--mono); font-size: var(--sm); }
.error { color: var(--fail); }
.notice { padding: var(--s2) var(--s3); background: var(--wait-bg); color: var(--wait); border-radius: var(--r2); }
.row {
  display: grid; align-items: center; gap: var(--s3); min-height: 26px; padding: 0 var(--s2);
  font-size: var(--sm);
  grid-template-columns:
    minmax(10rem, 16rem) minmax(6rem, 10rem) 5rem 4rem minmax(8rem, 1fr) 4.5rem;
}
.head { color: var(--muted); border-bottom: 1px solid var(--line); font-size: var(--xs); }
summary.row { cursor: pointer; list-style: none; border-radius: var(--r1); }
summary.row::-webkit-details-marker { display: none; }
summary.row:hover, details[open] { background: var(--sunken); }
.label { white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.branch { color: var(--muted); line-height: 1; }
.service { overflow-wrap: anywhere; color: var(--muted); }
.bar { width: 100%; height: 1rem; display: block; overflow: visible; }
.own { fill: var(--c); }
.child { fill: var(--c); fill-opacity: 0.4; }
.wait { fill: none; stroke: var(--c); stroke-dasharray: 3; }
.idle { stroke: var(--muted); stroke-width: 2; stroke-dasharray: 2 4; }
.error :is(.own, .child) { stroke: var(--fail); stroke-width: 2; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 var(--s4); padding: var(--s2) var(--s6) var(--s4); font-size: var(--sm); }
dd { white-space: pre-wrap; font-family: var(--mono); color: var(--ink); }
@media (max-width: 60rem) {
  .row { grid-template-columns: minmax(8rem, 1fr) minmax(2.5rem, 2fr) 4rem; }
  .row > .optional { display: none; }
}
@media (max-width: 40rem) {
  dl { display: block; padding-inline: var(--s3); }
  dd { margin-bottom: var(--s1); }
}
`;
