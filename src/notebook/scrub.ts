/**
 * Scrub notebooks: clear their outputs and find tokens, byte for byte careful.
 *
 * @module
 */
export {};
