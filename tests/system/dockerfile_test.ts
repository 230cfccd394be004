/**
 * The Dockerfile of our images, held against what compose.yaml, CI and the workspace expect of it.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { VERSION } from "@playground/shared/version";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { readEnvFile, ROOT } from "@playground/tasks/running-system";
import { containerOf, readComposeFile } from "../fixture/compose_file.ts";
import { argumentsOf, readDockerfile } from "../fixture/dockerfile.ts";

integrationTest("the Dockerfile knows every argument that compose.yaml gives it", async () => {
  const { services } = await readComposeFile();
  for (const name of [...SERVICE_NAMES, "mailtrap"]) {
    const { build } = containerOf({ services }, name);
    ok(build);
    const { stages } = await readDockerfile(build.dockerfile);
    const known = argumentsOf(stages.flatMap(({ instructions }) => instructions));
    deepEqual(Object.keys(build.args).filter((argument) => !(argument in known)), []);
    equal(known.VERSION, VERSION);
  }
});

integrationTest("the Dockerfile ends in an image without a shell, a root or a secret", async () => {
  const { globalArguments, stages } = await readDockerfile("tasks/compile/Dockerfile");
  equal(stages[0]?.base, "denoland/deno:${DENO_VERSION}");
  match(globalArguments.DENO_VERSION ?? "", /^\d+\.\d+\.\d+$/);
  const last = stages.at(-1);
  ok(last);
  equal(last.base, "gcr.io/distroless/cc-debian13:nonroot");
  const valuesOf = (name: string) =>
    last.instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);
  deepEqual(valuesOf("USER"), ["nonroot:nonroot"]);
  deepEqual(valuesOf("ENTRYPOINT"), ['["/service"]']);
  deepEqual(valuesOf("RUN"), []);
  ok(valuesOf("COPY").some((value) => value === "--from=compile /out/service /service"));
  for (const label of ["title", "version", "revision", "licenses"]) {
    ok(valuesOf("LABEL").some((value) => value.includes(`org.opencontainers.image.${label}=`)));
  }
  const all = stages.flatMap(({ instructions }) => instructions);
  deepEqual(
    Object.keys(argumentsOf(all)).filter((name) => /PASS|TOKEN|SECRET/.test(name)),
    [],
  );
});

integrationTest("the Dockerfile and CI use one version of Deno and of Zipkin", async () => {
  const versions = await readEnvFile(join(ROOT, ".ci", "install.sh"));
  const { globalArguments } = await readDockerfile("tasks/compile/Dockerfile");
  equal(globalArguments.DENO_VERSION, versions.DENO_VERSION);
  const { image } = containerOf(await readComposeFile(), "zipkin");
  equal(image, `openzipkin/zipkin:${versions.ZIPKIN_VERSION}`);
});

integrationTest("the builder is sent every member of the workspace, and no settings", async () => {
  const text = await Deno.readTextFile(join(ROOT, "tasks/compile/Dockerfile.dockerignore"));
  const patterns = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  equal(patterns[0], "*");
  equal(patterns.at(-1), "**/.env*");
  const { workspace } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  for (const member of workspace) {
    const folder = member.replace("./", "");
    ok(
      patterns.includes(`!${folder}`) || patterns.includes(`!${folder}/deno.json`),
      `${folder} is not sent`,
    );
  }
});
