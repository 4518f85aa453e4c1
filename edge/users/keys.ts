import { keyChanges } from "../../schemas/key-changes.ts";
import { listenKeyClosed } from "../../schemas/listen-key-closed.ts";
import type { AuditEntry } from "../../schemas/ports/audit-log.ts";
import type { KeyType } from "../../schemas/ports/crypto.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { ApiKey, Scope } from "../../schemas/ports/users.ts";
import { randomText } from "../../schemas/random-text.ts";
import { ApiError } from "../api-error.ts";
import type { EdgeServices } from "../services.ts";

/** Binance's length of both a key and a secret. */
const KEY_LENGTH = 64;

export interface NewApiKey {
	readonly userId: number;
	readonly type: KeyType;
	readonly label: string;
	readonly scopes: readonly Scope[];
	/** Empty is any. */
	readonly ips: readonly string[];
	/** PEM; null for hmac, whose secret is made here. */
	readonly publicKey: string | null;
	/** How many keys the user may have with this one, revoked ones aside; without it, any number. */
	readonly most?: number;
}

type KeyServices = Pick<
	EdgeServices,
	| "users"
	| "signatures"
	| "secretBox"
	| "random"
	| "clock"
	| "audit"
	| "accounts"
	| "listenKeys"
	| "logger"
	| "pubsub"
>;

/**
 * Makes a key. The secret of an HMAC key is returned here and never again.
 *
 * @param actor who does it, for the audit log: "user:7", "operator"
 * @throws ApiError 400 for a public key that is none, or the right to withdraw without addresses, or a key too many
 */
export async function createApiKey(
	services: KeyServices,
	wanted: NewApiKey,
	actor: string,
): Promise<{ readonly key: ApiKey; readonly secret: string | null }> {
	if (wanted.scopes.includes("withdraw") && wanted.ips.length === 0) {
		throw new ApiError(-1130, "ips: a key that may withdraw must be bound to addresses");
	}
	const { secret, material } = await newMaterial(services, wanted);
	const made = {
		userId: wanted.userId,
		apiKey: randomText(services.random, KEY_LENGTH),
		type: wanted.type,
		material,
		label: wanted.label,
		scopes: wanted.scopes,
		ips: wanted.ips,
		createdAtMs: services.clock.nowMs(),
	};
	const key = await services.users.createKey(made, wanted.most);
	if (key === null) {
		throw new ApiError(-1130, "This account has as many keys as it may have.");
	}
	await services.audit.append(entryOf(services, key, actor, "key.create"));
	return { key, secret };
}

async function newMaterial(
	services: KeyServices,
	{ type, publicKey }: NewApiKey,
): Promise<{ readonly secret: string | null; readonly material: string }> {
	if (type === "hmac") {
		if (publicKey !== null) {
			throw new ApiError(-1130, "publicKey: an hmac key has none; its secret is made here");
		}
		const secret = randomText(services.random, KEY_LENGTH);
		return { secret, material: await services.secretBox.seal(secret) };
	}
	if (publicKey === null || !(await services.signatures.isPublicKey(type, publicKey))) {
		throw new ApiError(-1130, `publicKey: must be an ${type} public key in PEM`);
	}
	return { secret: null, material: publicKey };
}

/**
 * Revokes a key. When this resolves, the account worker refuses orders that were sent with it; the user's
 * listen key is closed, unless its store is away. Said again, it finishes what was left undone.
 *
 * @throws ApiError 404 when the user has no such key
 */
export async function revokeApiKey(
	services: KeyServices,
	userId: number,
	keyId: number,
	actor: string,
): Promise<ApiKey> {
	const known = await keyOf(services, userId, keyId);
	// First, so that it is not revoked without a word of it; said again, it stands there once.
	const { details, ...entry } = entryOf(services, known, actor, "key.revoke");
	await services.audit.appendOnce({ ...entry, details: { ...details, id: String(keyId) } });
	const revoked = await services.users.revokeKey(userId, keyId);
	// Also said again: the first time the answer may have been lost.
	const key = revoked ?? (await keyOf(services, userId, keyId));
	await services.accounts(userId).raiseKeyGeneration(keyId, key.generation);
	services.pubsub.publish(keyChanges, { apiKey: key.apiKey });
	await closeListenKey(services, userId);
	return key;
}

/**
 * It may have been got with a key that is revoked; who has another key gets a new one. The revocation is
 * answered also where the store is away: orders do not depend on it.
 */
async function closeListenKey(services: KeyServices, userId: number): Promise<void> {
	try {
		await services.listenKeys.closeOf(userId);
	} catch (error) {
		if (!(error instanceof KeyValueUnavailable)) throw error;
		const says = "a listen key lives on after a revocation: revoke the key again";
		services.logger.warn(says, { userId, error: error.message });
		return;
	}
	services.pubsub.publish(listenKeyClosed, { userId });
}

async function keyOf(services: KeyServices, userId: number, keyId: number): Promise<ApiKey> {
	const key = (await services.users.keysOf(userId)).find((one) => one.keyId === keyId);
	if (key === undefined) throw new ApiError(-1130, "keyId: there is no such key", 404);
	return key;
}

function entryOf({ clock }: KeyServices, key: ApiKey, actor: string, action: string): AuditEntry {
	return {
		atMs: clock.nowMs(),
		actor,
		action,
		subject: `key:${key.keyId}`,
		details: { userId: key.userId, type: key.type, scopes: key.scopes.join(",") },
	};
}
