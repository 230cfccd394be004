/** What Deno downloads to make bundles and binaries, by a word of its address. */
const DOWNLOADS = [
  { word: "denort", name: "Deno's base binary" },
  { word: "esbuild", name: "the bundler esbuild" },
] as const;

/** Finds in what Deno said, a dozen lines, what it could not download and from where. */
export function missingDownload(output: string): string | undefined {
  const url = /error sending request for url \((?<url>[^)\s]+)\)/.exec(output)?.groups?.url;
  if (url === undefined) return undefined;
  const name = DOWNLOADS.find(({ word }) => url.includes(word))?.name ?? "a package";
  return `${name} could not be downloaded from ${url}`;
}
