import { generateKeyPairSync } from "node:crypto";
import * as v from "valibot";
import { keyAddresses, keyScopes } from "../../../edge/users/key-shape.ts";
import { createApiKey, revokeApiKey } from "../../../edge/users/keys.ts";
import type { KeyType } from "../../../schemas/ports/crypto.ts";
import type { ApiKey } from "../../../schemas/ports/users.ts";
import { action, anyTextFlag, flagsOf, keyIdFlag, textFlag, userIdFlag } from "./action.ts";
import { knownUser } from "./user-actions.ts";

/** Words by commas. */
const listFlag = v.pipe(
	textFlag,
	v.transform((text) => text.split(",")),
);

const keyCreate = action({
	name: "key create",
	usage:
		"--user ID --type hmac|ed25519|rsa --scopes read,trade [--public-key PEM] [--label L] [--ips A,B]",
	says: "an API key; without --public-key a pair is made and its private half shown once",
	flags: flagsOf({
		user: userIdFlag,
		type: v.picklist(["hmac", "ed25519", "rsa"], "must be hmac, ed25519 or rsa"),
		scopes: v.pipe(listFlag, keyScopes),
		"public-key": v.optional(textFlag),
		label: v.optional(anyTextFlag, ""),
		ips: v.optional(v.pipe(listFlag, keyAddresses)),
	}),
	async run(services, flags) {
		await knownUser(services, flags.user);
		const pair = flags["public-key"] === undefined ? newPair(flags.type) : null;
		const { key, secret } = await createApiKey(
			services.edge,
			{
				userId: flags.user,
				type: flags.type,
				label: flags.label,
				scopes: flags.scopes,
				ips: flags.ips ?? [],
				publicKey: flags["public-key"] ?? pair?.publicKey ?? null,
			},
			"operator",
		);
		return {
			...shown(key),
			...(secret === null ? {} : { secret }),
			...(pair === null ? {} : { privateKey: pair.privateKey }),
		};
	},
});

const keyList = action({
	name: "key list",
	usage: "--user ID",
	says: "a user's API keys, without their secrets",
	flags: flagsOf({ user: userIdFlag }),
	async run(services, { user }) {
		await knownUser(services, user);
		return (await services.edge.users.keysOf(user)).map(shown);
	},
});

const keyRevoke = action({
	name: "key revoke",
	usage: "--user ID --key ID",
	says: "from the answer on no order with this key is taken, and after five seconds nothing is read",
	flags: flagsOf({ user: userIdFlag, key: keyIdFlag }),
	async run(services, { user, key }) {
		return shown(await revokeApiKey(services.edge, user, key, "operator"));
	},
});

/** A fresh key pair in PEM; null for hmac, which has none. */
function newPair(type: KeyType): { publicKey: string; privateKey: string } | null {
	const encoding = {
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	} as const;
	if (type === "ed25519") return generateKeyPairSync("ed25519", encoding);
	if (type === "rsa") return generateKeyPairSync("rsa", { modulusLength: 2048, ...encoding });
	return null;
}

function shown(key: ApiKey) {
	const { keyId, userId, apiKey, type, label, scopes, ips, revoked } = key;
	return { keyId, userId, apiKey, type, label, scopes, ips, revoked };
}

export const keyActions = [keyCreate, keyList, keyRevoke];
