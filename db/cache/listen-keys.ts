import type { KeyValue } from "../../schemas/ports/key-value.ts";
import { LISTEN_KEY_TTL_MS, type ListenKeys } from "../../schemas/ports/listen-keys.ts";
import type { Random } from "../../schemas/ports/random.ts";
import { randomText } from "../../schemas/random-text.ts";

const KEY_LENGTH = 64;
const WELL_FORMED = /^[A-Za-z0-9]{64}$/;

/** Listen keys in a key-value store: the key leads to the user, the user to the one key that is the user's. */
export class StoredListenKeys implements ListenKeys {
	private readonly keyValue: KeyValue;
	private readonly random: Random;

	constructor(options: { readonly keyValue: KeyValue; readonly random: Random }) {
		this.keyValue = options.keyValue;
		this.random = options.random;
	}

	async create(userId: number): Promise<string> {
		for (;;) {
			const last = await this.keyValue.get(nameOfUser(userId));
			if (last !== null && (await this.extend(last))) return last;
			const key = randomText(this.random, KEY_LENGTH);
			await this.keyValue.set(nameOfKey(key), String(userId), LISTEN_KEY_TTL_MS);
			if (await this.keyValue.replace(nameOfUser(userId), last, key, LISTEN_KEY_TTL_MS)) return key;
			// Another call was first, and its key is the user's: what nobody leads to could not be closed.
			await this.keyValue.delete(nameOfKey(key));
		}
	}

	async extend(key: string): Promise<boolean> {
		const userId = await this.userOf(key);
		if (userId === null) return false;
		// Nothing is set again: the key may have been closed meanwhile, and the user have another.
		await this.keyValue.renew(nameOfUser(userId), LISTEN_KEY_TTL_MS);
		return await this.keyValue.renew(nameOfKey(key), LISTEN_KEY_TTL_MS);
	}

	async close(key: string): Promise<boolean> {
		if ((await this.userOf(key)) === null) return false;
		// What led to it leads to nothing now; by the time that it were deleted, it could lead to another.
		await this.keyValue.delete(nameOfKey(key));
		return true;
	}

	async closeOf(userId: number): Promise<void> {
		const living = await this.keyValue.get(nameOfUser(userId));
		if (living !== null) await this.close(living);
	}

	async userOf(key: string): Promise<number | null> {
		if (!WELL_FORMED.test(key)) return null;
		const userId = await this.keyValue.get(nameOfKey(key));
		return userId === null ? null : Number(userId);
	}
}

function nameOfKey(key: string): string {
	return `listen-key:${key}`;
}

function nameOfUser(userId: number): string {
	return `listen-key-of:${userId}`;
}
