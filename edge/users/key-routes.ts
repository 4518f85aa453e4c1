import * as v from "valibot";
import type { ApiKey } from "../../schemas/ports/users.ts";
import { isStorable, NOT_STORABLE } from "../../schemas/storable-text.ts";
import { ApiError } from "../api-error.ts";
import { Attempts } from "./attempts.ts";
import { keyAddresses, keyScopes } from "./key-shape.ts";
import { createApiKey, revokeApiKey } from "./keys.ts";
import { typedCode } from "./second-factor.ts";
import { triedPassword } from "./sign-in.ts";
import { stepUp } from "./step-up.ts";
import { sessionRoute } from "./user-route.ts";

const keyResult = v.object({
	keyId: v.number(),
	apiKey: v.string(),
	type: v.string(),
	label: v.string(),
	scopes: v.array(v.string()),
	ips: v.array(v.string()),
	revoked: v.boolean(),
	createdAt: v.number(),
});

const newKey = v.object({
	password: triedPassword,
	code: v.optional(typedCode),
	type: v.picklist(["hmac", "ed25519", "rsa"], "must be hmac, ed25519 or rsa"),
	label: v.pipe(
		v.string("must be a text"),
		v.trim(),
		v.minLength(1, "must have 1 to 64 characters"),
		v.maxLength(64, "must have 1 to 64 characters"),
		v.check(isStorable, NOT_STORABLE),
	),
	scopes: keyScopes,
	ips: v.optional(keyAddresses, []),
	publicKey: v.optional(v.pipe(v.string("must be a text"), v.maxLength(4_096, "is too long"))),
});

export const listKeys = sessionRoute({
	method: "GET",
	path: "/auth/api-keys",
	summary: "The API keys of this account, revoked ones too.",
	input: null,
	result: v.array(keyResult),
	async respond({ services }, { userId }) {
		const keys = await services.users.keysOf(userId);
		return { status: 200, body: keys.map(shown) };
	},
});

export const addKey = sessionRoute({
	method: "POST",
	path: "/auth/api-keys",
	summary:
		"Make an API key, with the password, and a code where TOTP is in force. The secret of an HMAC key is shown in this answer and never again.",
	input: newKey,
	result: v.object({ ...keyResult.entries, secret: v.optional(v.string()) }),
	async respond(call, session) {
		const { services } = call;
		const { userId } = session;
		const { password, code, ...asked } = call.body;
		await new Attempts(services).ofNewKey(userId);
		const { user } = await stepUp(call, session, password, code);
		if (user.frozen) throw new ApiError(-1002, "This account is frozen.", 403);
		const most = services.settings.keysPerUser;
		const wanted = { ...asked, userId, publicKey: asked.publicKey ?? null, most };
		const { key, secret } = await createApiKey(services, wanted, `user:${userId}`);
		return { status: 201, body: secret === null ? shown(key) : { ...shown(key), secret } };
	},
});

export const dropKey = sessionRoute({
	method: "DELETE",
	path: "/auth/api-keys",
	summary: "Revoke an API key. Once this is answered, no order is taken with it.",
	input: v.object({
		keyId: v.pipe(
			v.string("must be given"),
			v.regex(/^\d{1,15}$/, "must be a number"),
			v.transform(Number),
		),
	}),
	result: keyResult,
	async respond({ services, keys, body }, { userId }) {
		await new Attempts(services).ofRevocation(userId);
		const key = await revokeApiKey(services, userId, body.keyId, `user:${userId}`);
		// Who revokes it and uses it once more finds it revoked, without a way through pub/sub between.
		keys.drop(key.apiKey);
		return { status: 200, body: shown(key) };
	},
});

/** All but the material. */
function shown(key: ApiKey): v.InferOutput<typeof keyResult> {
	return {
		keyId: key.keyId,
		apiKey: key.apiKey,
		type: key.type,
		label: key.label,
		scopes: [...key.scopes],
		ips: [...key.ips],
		revoked: key.revoked,
		createdAt: key.createdAtMs,
	};
}
