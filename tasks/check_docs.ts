/**
 * Part of `deno task check`: every exported symbol has a doc comment. `deno doc --lint` also reports types of npm packages as
 * "private", which nobody could mend, so that only its complaints about missing comments count here.
 *
 * @module
 */
const { stdout } = await new Deno.Command("git", {
  args: ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"],
}).output();
const files = new TextDecoder().decode(stdout).split("\n").filter((file) =>
  file !== "" && !file.endsWith("_test.ts")
);

const lint = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
  env: { NO_COLOR: "1" },
}).output();
const problems = new TextDecoder().decode(lint.stderr).split(/\n(?=error\[)/)
  .filter((problem) => problem.includes("error[missing-jsdoc]"));

for (const problem of problems) console.error(problem.trim());
if (problems.length > 0) {
  console.error(`Cannot pass: ${problems.length} exported symbols have no doc comment; write one`);
  Deno.exit(1);
}
console.log(`Checked the doc comments of ${files.length} files`);
