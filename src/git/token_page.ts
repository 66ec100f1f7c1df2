/**
 * Where a token is revoked and made anew.
 *
 * @module
 */

/** The Hub's page of access tokens. */
export const TOKEN_PAGE = "https://huggingface.co/settings/tokens";
