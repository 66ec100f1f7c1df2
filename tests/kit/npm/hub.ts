/** The client of the Hub, as a user brings it along. */
export { listModels, whoAmI } from "npm:@huggingface/hub@^2.17.5";
