import member from "./deno.json" with { type: "json" };

/** The version of all pieces; they are released together. */
export const VERSION: string = member.version;
