import { equal } from "node:assert/strict";
import { reasonOf } from "./suite.ts";

Deno.test("reasonOf() tells what went wrong first, not what could not be tidied up thereafter", () => {
  const inner = new SuppressedError(new Error("cannot close"), new Error("cannot measure"));
  equal(reasonOf(new SuppressedError(new Error("cannot drop"), inner)), "cannot measure");
});
