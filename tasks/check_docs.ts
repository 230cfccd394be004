/**
 * Part of `deno task check`: each symbol that a workspace member exports to the others has a doc comment. Of `deno doc --lint` only
 * that counts: it also reports types of npm packages as "private", which nobody could mend, and asks for a comment on each member,
 * whose name and type mostly say it.
 *
 * @module
 */
import root from "../deno.json" with { type: "json" };

const entryPoints: string[] = [];
for (const member of root.workspace) {
  const configuration = JSON.parse(await Deno.readTextFile(`${member}/deno.json`));
  const exported: Record<string, string> = configuration.exports ?? {};
  for (const path of Object.values(exported)) entryPoints.push(`${member}/${path}`);
}

const lint = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...entryPoints],
  env: { NO_COLOR: "1" },
}).output();
const problems = new TextDecoder().decode(lint.stderr).split(/\n(?=error\[)/)
  .filter((problem) => problem.includes("error[missing-jsdoc]"))
  .filter((problem) => /^ *\d+ \| export /m.test(problem));

for (const problem of problems) console.error(problem.trim());
if (problems.length > 0) {
  console.error(`Cannot pass: ${problems.length} exported symbols have no doc comment; write one`);
  Deno.exit(1);
}
console.log(`Checked the doc comments of ${entryPoints.length} entry points`);
