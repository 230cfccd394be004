import { equal } from "node:assert/strict";
import { humanSize } from "./api_styles.ts";

for (
  const [bytes, text] of [
    [0, "0 Bytes"],
    [1, "1 Byte"],
    [1023, "1023 Bytes"],
    [1024, "1 KB"],
    [1234, "1.21 KB"],
    [12_345, "12.1 KB"],
    [1_234_567, "1.18 MB"],
    [30 * 1024 ** 2, "30 MB"],
  ] as const
) {
  Deno.test(`humanSize() writes ${bytes} bytes as ${text}`, () => {
    equal(humanSize(bytes), text);
  });
}
