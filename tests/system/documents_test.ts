/**
 * The documents and the files that a repository's host reads: what they name exists.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { integrationTest, runProgram } from "@playground/shared/testing";
import { ROOT } from "@playground/tasks/running-system";
import { parse } from "yaml";
import { z } from "zod";

/** A link to another file, or to a heading. */
const LINK =
  /(?:\]\(|(?:src|srcset)=")(?<path>(?!https?:|mailto:)[^)"#\s]*)(?:#(?<heading>[^)"\s]*))?[)"]/g;

/** The anchors that the host makes of the headings. */
function anchorsIn(markdown: string): readonly string[] {
  return Array.from(
    markdown.matchAll(/^#+ (.*)$/gm),
    ([, heading = ""]) => heading.toLowerCase().replace(/[^\p{L}\d _-]/gu, "").replaceAll(" ", "-"),
  );
}

integrationTest("every link of every document leads somewhere", async () => {
  const { stdout } = await runProgram("git", ["ls-files", "*.md"]);
  const documents = stdout.trim().split("\n");
  ok(documents.includes("README.md"));
  const broken: string[] = [];
  for (const document of documents) {
    const markdown = await Deno.readTextFile(join(ROOT, document));
    for (const { groups: { path = "", heading } = {} } of markdown.matchAll(LINK)) {
      const target = path === "" ? document : normalize(join(dirname(document), path));
      const isThere = await Deno.stat(join(ROOT, target)).then(() => true, () => false);
      const anchors = !isThere || heading === undefined
        ? []
        : anchorsIn(await Deno.readTextFile(join(ROOT, target)));
      if (!isThere || (heading !== undefined && !anchors.includes(heading))) {
        broken.push(`${document}: ${path}${heading === undefined ? "" : `#${heading}`}`);
      }
    }
  }
  deepEqual(broken, []);
});

const devContainer = z.object({
  image: z.string(),
  forwardPorts: z.array(z.number()),
  portsAttributes: z.record(z.string(), z.object({ label: z.string() })),
});

integrationTest("the development container has the Deno of CI, and labels its ports", async () => {
  const json = JSON.parse(await Deno.readTextFile(join(ROOT, ".devcontainer/devcontainer.json")));
  const { image, forwardPorts, portsAttributes } = devContainer.parse(json);
  const installer = await Deno.readTextFile(join(ROOT, ".ci/install.sh"));
  const version = /^DENO_VERSION=(?<version>.+)$/m.exec(installer)?.groups?.version;
  equal(image, `denoland/deno:debian-${version}`);
  deepEqual(Object.keys(portsAttributes).map(Number), forwardPorts.toSorted((a, b) => a - b));
});

/** GitHub's schema of issue forms, as far as ours go. */
const issueForm = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  body: z.array(z.strictObject({
    type: z.enum(["input", "textarea"]),
    id: z.string().regex(/^[a-z-]+$/),
    attributes: z.strictObject({
      label: z.string().min(1),
      description: z.string().optional(),
      render: z.string().optional(),
    }),
    validations: z.strictObject({ required: z.boolean() }).optional(),
  })).min(1),
});

for (const name of ["bug", "idea"]) {
  integrationTest(`the issue form ${name} is one that GitHub accepts`, async () => {
    const path = join(ROOT, `.github/ISSUE_TEMPLATE/${name}.yml`);
    const { body } = issueForm.parse(parse(await Deno.readTextFile(path)));
    equal(new Set(body.map(({ id }) => id)).size, body.length);
  });
}
