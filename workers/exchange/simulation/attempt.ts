import type { FundsRequest } from "../../../schemas/ports/account-service.ts";
import type { Parameters, SymbolName } from "./order-maker.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** A call that places something, and may have to be said again. */
export interface Attempt {
	readonly id: number;
	readonly path: string;
	readonly parameters: Parameters & { readonly symbol: SymbolName };
	readonly name: string | null;
	readonly firstMs: number;
	tries: number;
}

/** A deposit or withdrawal whose outcome is not known. */
export interface FundsAttempt {
	readonly kind: "deposit" | "withdraw";
	readonly request: FundsRequest;
}

/** One by chance; some withdrawals are of more than anybody has. */
export function fundsAttempt(random: SeededRandom, userId: number, id: number): FundsAttempt {
	const assetId = 1 + random.below(3);
	const kind = random.pick(["deposit", "withdraw"] as const);
	const scale = kind === "withdraw" && random.chance(0.2) ? 10n ** 9n : 1n;
	const amount = BigInt(random.below(1_000_000) + 1) * scale;
	return { kind, request: { userId, assetId, amount, externalId: `f${id}` } };
}
