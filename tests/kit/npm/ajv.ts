/** Checks JSON against a schema. */
export { Ajv } from "npm:ajv@^8.20.0";
