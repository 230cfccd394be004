/**
 * The archive: a mail as it was received becomes a document of MongoDB, addressed by its content.
 *
 * {@linkcode toArchiveDocument} reads the mail; {@linkcode MongoArchive} stores the document, once however often the mail comes.
 *
 * @module
 */
export * from "./archive.ts";
export * from "./content_address.ts";
export * from "./document.ts";
export * from "./mail_headers.ts";
export * from "./mongo_archive.ts";
export * from "./traced_archive.ts";
