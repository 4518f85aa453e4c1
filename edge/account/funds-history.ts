import { assetText } from "../../schemas/api/number-text.ts";
import type { FundsHistoryRequest, FundsMovement } from "../../schemas/ports/account-service.ts";
import { ApiError, badCombination } from "../api-error.ts";
import type { OperationContext } from "../operation.ts";
import { answerOf } from "../orders/account-answer.ts";
import { assetOfId } from "../symbols.ts";

const LONGEST_MS = 90 * 86_400_000;

/** What deposits and withdrawals are asked for by. */
interface Asked {
	readonly coin?: string | undefined;
	readonly startTime?: number | undefined;
	readonly endTime?: number | undefined;
	readonly offset: number;
	readonly limit: number;
}

/**
 * Deposits or withdrawals that are done, newest first, of the last 90 days where no time is given.
 *
 * @param externalIds only these; all, where there are none
 * @throws ApiError -1127 for more than 90 days, -1128 for a window that ends before it starts
 */
export async function fundsHistory(
	{ services, caller: { userId } }: OperationContext,
	kind: FundsHistoryRequest["kind"],
	{ coin, startTime, endTime, offset, limit }: Asked,
	externalIds: readonly string[],
): Promise<readonly FundsMovement[]> {
	const endMs = endTime ?? Math.max(services.clock.nowMs(), startTime ?? 0);
	const startMs = startTime ?? Math.max(0, endMs - LONGEST_MS);
	if (startMs > endMs) throw badCombination();
	if (endMs - startMs > LONGEST_MS) {
		throw new ApiError(-1127, "More than 90 days between startTime and endTime.");
	}
	const asset = coin === undefined ? undefined : services.marketData.venue.asset(coin);
	if (coin !== undefined && asset === undefined) return [];
	const assetId = asset?.assetId ?? 0;
	const request = { kind, assetId, externalIds, startMs, endMs, offset, limit };
	const account = services.accounts(userId);
	return await answerOf(services, "query", account.fundsHistory(userId, request));
}

/** What both calls show of a movement: it came or went by the operator, through no network. */
export function movementView(
	{ services }: OperationContext,
	{ assetId, amount, externalId }: FundsMovement,
) {
	const asset = assetOfId(services, assetId);
	return {
		id: externalId,
		amount: assetText(asset, amount),
		coin: asset.asset,
		network: "",
		address: "",
		addressTag: "",
		txId: externalId,
		transferType: 0,
		walletType: 0,
	};
}
