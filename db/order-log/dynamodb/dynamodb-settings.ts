import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** How a table is reached. */
export interface DynamoDbSettings {
	readonly table: string;
	readonly region: string;
	/** Null: Amazon's own. */
	readonly endpoint: string | null;
	/** Null: the machine's role, or what else the AWS client finds. */
	readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

const CONNECT_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** Of the client itself, which waits longer from one to the next; throttled requests are among them. */
const ATTEMPTS = 4;

/** @param requestTimeoutMs for tests */
export function dynamoDbClient(
	settings: DynamoDbSettings,
	requestTimeoutMs = REQUEST_TIMEOUT_MS,
): DynamoDBClient {
	const { region, endpoint, credentials } = settings;
	return new DynamoDBClient({
		region,
		...(endpoint === null ? {} : { endpoint }),
		...(credentials === null ? {} : { credentials }),
		maxAttempts: ATTEMPTS,
		requestHandler: {
			connectionTimeout: CONNECT_TIMEOUT_MS,
			requestTimeout: requestTimeoutMs,
			// Of an answer that has begun and goes on no more, too.
			socketTimeout: requestTimeoutMs,
			throwOnRequestTimeout: true,
		},
	});
}
