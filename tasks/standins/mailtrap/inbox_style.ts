/** The style sheet of the inbox page. */
export const INBOX_STYLE = `
:root { color-scheme: light dark; --muted: light-dark(#57606a, #9aa4ae); --line: light-dark(#d0d7de, #3a424b); }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
a { color: light-dark(#0757ae, #7cb7ff); }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; padding: 0.4rem 0.6rem; text-align: start; vertical-align: top; }
th { font-weight: 600; }
tr.unread td { font-weight: 600; }
pre { border: 1px solid var(--line); overflow-wrap: anywhere; padding: 0.8rem; white-space: pre-wrap; }
.muted { color: var(--muted); }
.number { text-align: end; white-space: nowrap; }
`;
