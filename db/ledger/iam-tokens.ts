import { Signer } from "@aws-sdk/rds-signer";

/** What a token lets in: this user at this address, nobody else and nowhere else. */
export interface TokenSubject {
	/** As it is connected to: Aurora's writer endpoint. */
	readonly host: string;
	readonly port: number;
	/** Has `rds_iam` in the database, and its connecting role `rds-db:connect` in IAM. */
	readonly user: string;
	readonly region: string;
}

/**
 * Tokens of AWS' IAM, which Aurora takes as passwords. One is a URL without its scheme, signed on this
 * machine; nothing is asked but the keys it is signed with, which are found as AWS' clients find them
 * (environment, then the machine's role) and kept until shortly before they end. A token is good for a
 * connect within 15 minutes and no longer than its keys; a connection outlives it. So one is to be made
 * at every connect, and never to be kept or shown.
 *
 * Source: "IAM database authentication", Amazon Aurora User Guide; README of @aws-sdk/rds-signer.
 *
 * @returns makes a token; rejects when there are no keys
 */
export function iamTokens({ host, port, user, region }: TokenSubject): () => Promise<string> {
	const signer = new Signer({ hostname: host, port, username: user, region });
	return () => signer.getAuthToken();
}
