import type { Signatures } from "../../schemas/ports/crypto.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import { ApiError } from "../api-error.ts";
import { limitKey } from "../limits/address.ts";
import type { EdgeServices } from "../services.ts";
import type { EdgeSettings } from "../settings.ts";

/**
 * Counts sign-ins and sign-ups. An attempt is counted before it is made, so that many at once are no
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

	/** Also for accounts that do not exist. @throws ApiError 429 after too many wrong ones */
	async ofAccount(email: string): Promise<void> {
		await this.count(await this.accountKey(email), this.settings.signInWrongTries);
	}

	/** The attempt was right: those before it are forgotten. */
	async succeeded(email: string): Promise<void> {
		await this.keyValue.delete(await this.accountKey(email));
	}

	private async count(key: string, most: number): Promise<void> {
		const waitMs = this.settings.signInWaitMs;
		const count = await this.keyValue.increment(key, 1, waitMs);
		if (count > most) {
			throw new ApiError(-1003, "Too many attempts; try again later.", 429, undefined, waitMs);
		}
	}

	private async accountKey(email: string): Promise<string> {
		return `sign-ins:email:${await this.signatures.sha256(email)}`;
	}
}
