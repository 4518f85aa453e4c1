import { OrderStatus } from "../../../schemas/order.ts";
import { isOpen } from "../../../schemas/order-state.ts";
import type { ShardState, TransferRow } from "../../../schemas/ports/ledger.ts";
import type { AccountState } from "../state.ts";
import type { Tracked } from "../tracked.ts";

/** What is asked of both, beside all that they have. */
export interface Questions {
	readonly userIds: readonly number[];
	readonly clientOrderIds: readonly string[];
	readonly externalIds: readonly string[];
	/** Log times at which client ids may be taken. */
	readonly times: readonly number[];
	/** By partition: of orders that had ended there, and of fills, a start knows nothing. */
	readonly floors: readonly number[];
	/** Whether an order that has ended is to be found by its client id: the order log has it before another gets the id. */
	readonly namesOfFinished: boolean;
}

const SYMBOLS = [1, 2];

/** All that a caller can ever find out of a shard, as plain data. */
export function observed(state: AccountState, questions: Questions): object {
	return {
		balances: balancesOf(state),
		orders: ordersOf(state, questions),
		names: namesOf(state, questions),
		taken: takenIds(state, questions),
		counts: countsOf(state, questions),
		funds: fundsOf(state, questions),
		positions: state.positions.all().map(({ evSeq, hash, tradesOffset, answeredSeq, heldSeq }) => ({
			...{ evSeq, hash, tradesOffset, answeredSeq, heldSeq },
		})),
		market: SYMBOLS.map((symbolId) => [
			state.market.symbol(symbolId),
			state.market.reference(symbolId).lastTicks,
		]),
	};
}

/** What a ledger has of a shard, of which the next start makes the same; client ids that ended before are free. */
export function inLedger(
	loaded: ShardState,
	transfers: readonly TransferRow[],
	freeBefore: number,
) {
	return {
		balances: loaded.balances.filter(({ available, held }) => available !== 0n || held !== 0n),
		openOrders: loaded.openOrders,
		recentClientIds: loaded.recentClientIds.filter((row) => row.finishedAtMs > freeBefore),
		externalIds: loaded.externalIds,
		positions: loaded.positions.map(({ evSeq, hash, answeredSeq }) => ({
			evSeq,
			hash,
			answeredSeq,
		})),
		lastTrades: loaded.prices
			.filter(({ lastTradeId }) => lastTradeId > 0)
			.map(({ symbolId, lastTicks, lastTradeId }) => ({ symbolId, lastTicks, lastTradeId })),
		config: loaded.config,
		transfers: [...transfers].sort(
			(a, b) => a.partition - b.partition || a.evSeq - b.evSeq || a.n - b.n,
		),
	};
}

function balancesOf({ balances }: AccountState): unknown[] {
	return [...balances.all()]
		.filter(({ available, held }) => available !== 0n || held !== 0n)
		.map((b) => `${b.accountId}/${b.assetId}: ${b.available} and ${b.held}, ${b.unlogged}`)
		.sort();
}

function ordersOf(state: AccountState, { userIds, floors }: Questions): unknown[] {
	const orders: Tracked[] = [];
	for (const userId of userIds) {
		for (const symbolId of SYMBOLS) orders.push(...state.orders.keptOf(userId, symbolId));
	}
	return orders
		.filter((tracked) => isAbove(tracked, floors))
		.sort((a, b) => a.state.partition - b.state.partition || a.state.seq - b.state.seq)
		.map((tracked) => ({
			order: tracked.state,
			amend: isOpen(tracked.state.status) ? tracked.amend : null,
			fills: tracked.fills.filter(({ partition, evSeq }) => evSeq > (floors[partition] ?? 0)),
			byId: tracked.state.status === OrderStatus.Pending || isFound(state, tracked),
		}));
}

function isFound(state: AccountState, tracked: Tracked): boolean {
	return state.orders.find(tracked.state.symbolId, tracked.state.orderId) === tracked;
}

function isAbove({ state: { status, partition, evSeq } }: Tracked, floors: readonly number[]) {
	return isOpen(status) || evSeq > (floors[partition] ?? 0);
}

function namesOf(state: AccountState, questions: Questions): string[] {
	const { userIds, clientOrderIds, floors, namesOfFinished } = questions;
	const names: string[] = [];
	for (const userId of userIds) {
		for (const symbolId of SYMBOLS) {
			for (const clientOrderId of clientOrderIds) {
				const found = state.orders.findByClientId(userId, symbolId, clientOrderId);
				if (found === undefined || !isAbove(found, floors)) continue;
				if (!namesOfFinished && !isOpen(found.state.status)) continue;
				names.push(`${userId} ${clientOrderId}: ${found.state.partition}/${found.state.seq}`);
			}
		}
	}
	return names;
}

function takenIds({ clientIds }: AccountState, questions: Questions): string[] {
	const taken: string[] = [];
	for (const userId of questions.userIds) {
		for (const clientOrderId of questions.clientOrderIds) {
			for (const [i, ts] of questions.times.entries()) {
				if (clientIds.clashes(userId, clientOrderId, ts))
					taken.push(`${userId} ${clientOrderId} ${i}`);
			}
		}
	}
	return taken;
}

function countsOf({ orders }: AccountState, { userIds }: Questions): unknown[] {
	return userIds.flatMap((userId) =>
		SYMBOLS.map((symbolId) => {
			const { open = 0, stops = 0 } = orders.counts(userId, symbolId) ?? {};
			return { open, stops };
		}),
	);
}

function fundsOf({ funds }: AccountState, { userIds, externalIds }: Questions): unknown[] {
	const all = { assetId: 0, externalIds: [], startMs: 0, endMs: Number.MAX_SAFE_INTEGER };
	const kinds = ["deposit", "withdrawal"] as const;
	return [
		[...funds.pending()].map(({ row }) => row).sort((a, b) => a.seq - b.seq),
		userIds.flatMap((userId) =>
			kinds.map((kind) => [
				funds.done(userId, kind)?.newest({ ...all, offset: 0, limit: 1_000 }) ?? [],
				externalIds.map((id) => funds.find(userId, kind, id)?.row),
			]),
		),
	];
}
