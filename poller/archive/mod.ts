/**
 * The archive: a mail as it was received becomes a document of MongoDB, addressed by its content.
 *
 * {@linkcode toArchiveDocument} reads the mail; {@linkcode MongoArchive} stores the document once, however often the mail
 * arrives. {@linkcode readArchive} shows a document to authorized callers, in the form of {@linkcode toArchivedMail}.
 *
 * @module
 */
export type { Archive, StoreOutcome } from "./archive.ts";
export * from "./document.ts";
export { COLLECTION, type DatabaseServer, MongoArchive } from "./mongo_archive.ts";
export { readArchive } from "./read_archive.ts";
export { tracedArchive } from "./traced_archive.ts";
