/** The schema of SARIF 2.1.0. */
import schema from "npm:@microsoft/jest-sarif@1.0.0-beta.0/lib/schemas/sarif-2.1.0-rtm.5.json" with {
  type: "json",
};

export default schema;
