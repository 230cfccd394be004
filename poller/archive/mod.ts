/**
 * The archive: a mail as it was received becomes a document of MongoDB, addressed by its content.
 *
 * {@linkcode toArchiveDocument} reads the mail; {@linkcode MongoArchive} stores the document, once however often the mail comes.
 * {@linkcode readArchive} shows a document to whom may see it, as {@linkcode toArchivedMail} makes it.
 *
 * @module
 */
export * from "./archive.ts";
export * from "./archived_mail.ts";
export * from "./document.ts";
export * from "./measured_archive.ts";
export * from "./mongo_archive.ts";
export * from "./read_archive.ts";
export * from "./traced_archive.ts";
