import type { Signatures } from "../../schemas/ports/crypto.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import { ApiError } from "../api-error.ts";
import { limitKey } from "../limits/address.ts";
import type { EdgeServices } from "../services.ts";
import type { EdgeSettings } from "../settings.ts";

/** What one user may do with keys within `signInWaitMs`: revoking has room for all that may be there. */
const NEW_KEYS = 30;
const REVOCATIONS = 100;
/** Sign-ins for one account within `ACCOUNT_WAIT_MS` from all addresses together that it does not know. */
const TRIES_PER_ACCOUNT = 100;
const ACCOUNT_WAIT_MS = 3_600_000;
/** How long an address is known as one from which the account's owner signed in. */
const KNOWN_MS = 30 * 86_400_000;

/**
 * Counts sign-ins, sign-ups and changes of keys. An attempt is counted before it is made, so that many at once are no
 * way around it. When the counters cannot be reached, nobody signs in: the error goes to the caller.
 */
export class Attempts {
	private readonly keyValue: KeyValue;
	private readonly signatures: Signatures;
	private readonly settings: EdgeSettings;

	constructor({ keyValue, signatures, settings }: EdgeServices) {
		this.keyValue = keyValue;
		this.signatures = signatures;
		this.settings = settings;
	}

	/** @throws ApiError 429 when there were too many from this address */
	async ofAddress(ip: string): Promise<void> {
		await this.count(`sign-ins:ip:${limitKey(ip)}`, this.settings.signInsPerIp);
	}

	/**
	 * Few from one address; more from all together, so that many addresses do not guess for ever. From where
	 * the account was signed in to before, only the first counts: strangers cannot lock its owner out there.
	 * Also for accounts that do not exist.
	 *
	 * @throws ApiError 429 after too many wrong ones
	 */
	async ofAccount(email: string, ip: string): Promise<void> {
		const account = await this.accountKey(email);
		await this.count(pairKey(account, ip), this.settings.signInWrongTries);
		if ((await this.keyValue.get(knownKey(account, ip))) !== null) return;
		await this.count(account, TRIES_PER_ACCOUNT, ACCOUNT_WAIT_MS);
	}

	/** The attempt was right: those before it from there are forgotten. */
	async succeeded(email: string, ip: string): Promise<void> {
		const account = await this.accountKey(email);
		await this.keyValue.delete(pairKey(account, ip));
		await this.keyValue.set(knownKey(account, ip), "1", KNOWN_MS);
	}

	/** Codes of this user's app, from all addresses together. @throws ApiError 429 after too many wrong ones */
	async ofCode(userId: number): Promise<void> {
		await this.count(codesKey(userId), this.settings.signInWrongTries);
	}

	/** The code was right: those before it are forgotten. */
	async codeWasRight(userId: number): Promise<void> {
		await this.keyValue.delete(codesKey(userId));
	}

	/** @throws ApiError 429 when this user made too many keys */
	async ofNewKey(userId: number): Promise<void> {
		await this.count(`new-keys:user:${userId}`, NEW_KEYS);
	}

	/** Apart from those made, which must not keep anybody from revoking. @throws ApiError 429 */
	async ofRevocation(userId: number): Promise<void> {
		await this.count(`revocations:user:${userId}`, REVOCATIONS);
	}

	private async count(
		key: string,
		most: number,
		waitMs = this.settings.signInWaitMs,
	): Promise<void> {
		const count = await this.keyValue.increment(key, 1, waitMs);
		if (count > most) {
			throw new ApiError(-1003, "Too many attempts; try again later.", 429, undefined, waitMs);
		}
	}

	private async accountKey(email: string): Promise<string> {
		return `sign-ins:email:${await this.signatures.sha256(email)}`;
	}
}

function pairKey(account: string, ip: string): string {
	return `${account}:ip:${limitKey(ip)}`;
}

function codesKey(userId: number): string {
	return `codes:user:${userId}`;
}

function knownKey(account: string, ip: string): string {
	return `${account}:known:${limitKey(ip)}`;
}
