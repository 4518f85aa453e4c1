import type { Caller, Refusal } from "../../schemas/ports/account-service.ts";
import type { AccessState } from "../../schemas/ports/ledger.ts";

/** Revoked keys and frozen users: told to the worker while it starts, too. */
export class Access {
	private readonly keyGenerations = new Map<number, number>();
	private readonly frozenUsers = new Set<number>();

	/** Calls with an older generation of the key are refused from here on. */
	raiseGeneration(keyId: number, generation: number): void {
		const known = this.keyGenerations.get(keyId) ?? 0;
		if (generation > known) this.keyGenerations.set(keyId, generation);
	}

	/** Everything as it stood, for a shard that is loaded. */
	load({ keyGenerations, frozenUsers }: AccessState): void {
		for (const { keyId, generation } of keyGenerations) this.raiseGeneration(keyId, generation);
		for (const userId of frozenUsers) this.setFrozen(userId, true);
	}

	/** What changed since. */
	replace(before: AccessState, now: AccessState): void {
		for (const userId of before.frozenUsers) this.setFrozen(userId, false);
		this.load(now);
	}

	setFrozen(userId: number, frozen: boolean): void {
		if (frozen) this.frozenUsers.add(userId);
		else this.frozenUsers.delete(userId);
	}

	isFrozen(userId: number): boolean {
		return this.frozenUsers.has(userId);
	}

	refusalOf(caller: Caller): Refusal | null {
		if (caller.keyId > 0 && caller.keyGeneration < (this.keyGenerations.get(caller.keyId) ?? 0)) {
			return { reason: "keyRevoked" };
		}
		return this.frozenUsers.has(caller.userId) ? { reason: "accountFrozen" } : null;
	}
}
