/**
 * Where the operator's listener of a running exchange is found: a file of its data folder that only who may
 * run the exchange can read. It is there while the operator can be heard.
 */
export const ENDPOINT_FILE = "operator.json";

/** What stands in it. */
export interface OperatorEndpoint {
	readonly url: string;
	readonly token: string;
}
