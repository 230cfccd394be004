/**
 * The message server that this page comes from.
 *
 * @module
 */
import { createApi } from "./api.js";
import { askToken } from "./token_dialog.js";

/** Its API, with the person's token. */
export const api = createApi(askToken);
