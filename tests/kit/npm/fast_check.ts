/** Makes up data for properties, and shrinks what breaks them. */
export { default } from "npm:fast-check@^4.10.2";
