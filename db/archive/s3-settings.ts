import { S3Client } from "@aws-sdk/client-s3";

/** How a bucket is reached. */
export interface S3Settings {
	readonly bucket: string;
	readonly region: string;
	/** Null: Amazon's own. */
	readonly endpoint: string | null;
	/** Null: the machine's role, or what else the AWS client finds. */
	readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

const CONNECT_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 20_000;
const ATTEMPTS = 3;

/** @param requestTimeoutMs for tests */
export function s3Client(settings: S3Settings, requestTimeoutMs = REQUEST_TIMEOUT_MS): S3Client {
	const { region, endpoint, credentials } = settings;
	return new S3Client({
		region,
		// A bucket's name is a host's name at Amazon, and a path elsewhere.
		...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
		...(credentials === null ? {} : { credentials }),
		maxAttempts: ATTEMPTS,
		// Objects have a checksum of their own, which is looked at whenever one is read.
		responseChecksumValidation: "WHEN_REQUIRED",
		requestHandler: {
			connectionTimeout: CONNECT_TIMEOUT_MS,
			requestTimeout: requestTimeoutMs,
			// Of an answer that has begun and goes on no more, too.
			socketTimeout: requestTimeoutMs,
			throwOnRequestTimeout: true,
		},
	});
}
