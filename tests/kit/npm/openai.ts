/** The openai client, as a user brings it along. */
export { default } from "npm:openai@^7.57.0";
