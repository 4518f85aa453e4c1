import type { MemoryDatabase } from "../../../../db/ledger/memory-database.ts";
import { OrderStatus } from "../../../../schemas/order.ts";
import type { OrderState } from "../../../../schemas/order-state.ts";
import {
	type BalanceRow,
	clearingAccount,
	EXTERNAL_ACCOUNT,
	type ExternalIdRow,
	isNegative,
	type LedgerBatch,
	type PositionRow,
} from "../../../../schemas/ports/ledger.ts";
import { shardOfUser } from "../../../../schemas/ports/users.ts";
import type { LogReferee } from "./log-referee.ts";
import type { MarketModel } from "./market-model.ts";
import type { Money } from "./money.ts";
import { PricesCheck } from "./prices-check.ts";

interface Shard {
	epoch: number;
	batch: number;
	readonly balances: Map<string, BalanceRow>;
	readonly open: Map<string, OrderState>;
	readonly pending: Map<string, ExternalIdRow>;
	/** By user and asset: what open orders and withdrawals hold. */
	readonly held: Map<string, bigint>;
	positions: readonly PositionRow[];
}

/**
 * The ledger against the log: after every commit its rows are what `trades` says they are at the
 * positions that were committed with them (1, 2, 3, 4, 10, 17, 21).
 */
export class LedgerReferee {
	private readonly fault: (text: string) => void;
	private readonly log: LogReferee;
	private readonly market: MarketModel;
	private readonly money: Money;
	private readonly accountShards: number;
	private readonly prices: PricesCheck;
	private readonly shards = new Map<number, Shard>();
	/** The greatest epoch ever raised, by shard; a restore does not lower it. */
	private readonly greatest = new Map<number, number>();

	constructor(
		fault: (text: string) => void,
		log: LogReferee,
		market: MarketModel,
		money: Money,
		accountShards: number,
	) {
		this.fault = fault;
		this.log = log;
		this.market = market;
		this.money = money;
		this.accountShards = accountShards;
		this.prices = new PricesCheck(fault, market);
	}

	raised(shard: number, epoch: number): void {
		const greatest = this.greatestEpoch(shard);
		if (epoch <= greatest) this.fault(`21: epoch ${epoch} of shard ${shard} follows ${greatest}`);
		this.greatest.set(shard, Math.max(greatest, epoch));
		this.of(shard).epoch = epoch;
	}

	greatestEpoch(shard: number): number {
		return this.greatest.get(shard) ?? 0;
	}

	committed(shard: number, batch: LedgerBatch, outcome: "committed" | "superseded"): void {
		const state = this.of(shard);
		if (outcome === "superseded") return;
		if (batch.epoch !== state.epoch) {
			this.fault(`21: shard ${shard}: a batch of epoch ${batch.epoch} under epoch ${state.epoch}`);
		}
		if (batch.batch <= state.batch) return;
		if (batch.batch !== state.batch + 1) {
			this.fault(`1: shard ${shard}: batch ${batch.batch} follows ${state.batch}`);
		}
		state.batch = batch.batch;
		this.checkPositions(shard, state, batch.positions);
		this.take(state, batch);
		const evSeqs = positionsOf(state);
		for (const row of batch.balances) this.checkBalance(shard, state, row, evSeqs);
		for (const order of ordersOf(batch)) this.checkOrder(shard, order, evSeqs);
		if (shard !== 0) this.prices.committed(shard, batch.prices, evSeqs);
	}

	/** The whole of every shard, as at a crash and at rest; and the database is what was committed. */
	whole(database: MemoryDatabase): void {
		for (const [shard, state] of this.shards) {
			const stored = database.rows(shard);
			for (const { accountId, assetId, available, held } of stored.balances) {
				const row = state.balances.get(`${accountId}/${assetId}`);
				if (row?.available === available && row.held === held) continue;
				this.fault(`1: the ledger has another balance of account ${accountId} than was committed`);
			}
			for (const { partition, evSeq } of stored.positions) {
				if (state.positions.some((row) => row.partition === partition && row.evSeq === evSeq))
					continue;
				this.fault(`1: shard ${shard} has another position of ${partition} than was committed`);
			}
			if (shard === 0) continue;
			const evSeqs = positionsOf(state);
			for (const [accountId, assetId] of this.money.ofShard(shard)) {
				const row = state.balances.get(`${accountId}/${assetId}`);
				const none = { accountId, assetId, available: 0n, held: 0n };
				this.checkBalance(shard, state, row ?? none, evSeqs);
			}
			this.checkSum(shard, state);
			this.checkOpen(shard, state, evSeqs);
		}
	}

	/** 1: at the same evSeqs, clearing over all shards is zero. Only at rest do they stand there. */
	clearingIsZero(evSeqs: readonly number[]): void {
		for (const [, state] of this.shards) {
			for (const { partition, evSeq } of state.positions) {
				if (evSeq !== evSeqs[partition]) return;
			}
		}
		const sums = new Map<string, bigint>();
		for (const { balances } of this.shards.values()) {
			for (const { accountId, assetId, available } of balances.values()) {
				if (accountId > clearingAccount(0)) continue;
				const key = `${accountId}/${assetId}`;
				sums.set(key, (sums.get(key) ?? 0n) + available);
			}
		}
		for (const [key, sum] of sums) if (sum !== 0n) this.fault(`1: clearing ${key} sums to ${sum}`);
	}

	/** How far each account shard has written each partition. */
	positions(shard: number): readonly number[] {
		return positionsOf(this.of(shard));
	}

	openOrders(shard: number): Iterable<OrderState> {
		return this.of(shard).open.values();
	}

	/** The database is what it was earlier: so is what is known of it, but for the greatest epochs. */
	restored(database: MemoryDatabase): void {
		for (const [shard, state] of this.shards) {
			const loaded = database.load(shard);
			state.batch = loaded.batch;
			state.balances.clear();
			state.open.clear();
			state.pending.clear();
			state.held.clear();
			for (const row of loaded.balances) state.balances.set(`${row.accountId}/${row.assetId}`, row);
			for (const order of loaded.openOrders) this.putOrder(state, order);
			for (const row of loaded.externalIds) this.putExternal(state, row);
			state.positions = loaded.positions;
			this.prices.restored(shard, loaded.prices);
		}
	}

	private checkPositions(shard: number, state: Shard, rows: readonly PositionRow[]): void {
		for (const row of rows) {
			const { partition, evSeq, ordersSeq, hash } = row;
			const before = state.positions.find((other) => other.partition === partition);
			const goesOn =
				evSeq >= (before?.evSeq ?? 0) &&
				ordersSeq >= (before?.ordersSeq ?? 0) &&
				row.heldSeq >= (before?.heldSeq ?? 0) &&
				row.answeredSeq >= (before?.answeredSeq ?? 0) &&
				row.lastTs >= (before?.lastTs ?? 0);
			if (!goesOn) this.fault(`10: shard ${shard} goes back in partition ${partition}`);
			if (evSeq > 0 && hash !== this.log.hashAt(partition, evSeq)) {
				this.fault(`11: shard ${shard} has another history of partition ${partition}`);
			}
			if (row.heldSeq > this.log.lastSeq(partition, shard)) {
				this.fault(`3: shard ${shard} has written holds of partition ${partition} that no log has`);
			}
		}
	}

	private take(state: Shard, batch: LedgerBatch): void {
		for (const row of batch.balances) state.balances.set(`${row.accountId}/${row.assetId}`, row);
		for (const closed of batch.closedOrders) this.dropOrder(state, closed);
		for (const order of ordersOf(batch)) this.putOrder(state, order);
		for (const row of batch.externalIds) this.putExternal(state, row);
		state.positions = batch.positions;
	}

	private checkBalance(
		shard: number,
		state: Shard,
		row: BalanceRow,
		evSeqs: readonly number[],
	): void {
		const { accountId, assetId, available, held } = row;
		const name = `account ${accountId} of shard ${shard}, asset ${assetId}`;
		const total = this.money.at(shard, accountId, assetId, evSeqs);
		if (available + held !== total) {
			this.fault(`1: ${name} has ${available + held}, by the log ${total} at ${evSeqs}`);
		}
		if (isNegative(row)) this.fault(`2: ${name}: ${available}, ${held}`);
		if (accountId < 0) return;
		const asked = state.held.get(`${accountId}/${assetId}`) ?? 0n;
		if (held !== asked) this.fault(`3: ${name} holds ${held}, its orders ${asked}`);
	}

	/** An open order is in the ledger as it was at the position. */
	private checkOrder(shard: number, order: OrderState, evSeqs: readonly number[]): void {
		const { partition, seq, symbolId, orderId } = order;
		const evSeq = evSeqs[partition] ?? 0;
		const name = `order ${orderId}, seq ${seq} of shard ${shard} in partition ${partition}`;
		if (shardOfUser(order.userId, this.accountShards) !== shard)
			this.fault(`17: ${name} is foreign`);
		if (order.status === OrderStatus.Pending) {
			if (seq > this.log.lastSeq(partition, shard)) this.fault(`17: ${name} is in no log`);
			if (seq <= this.log.answeredSeq(partition, shard, evSeq)) {
				this.fault(`17: ${name} was answered before ${evSeq} and is pending`);
			}
			return;
		}
		const point = this.market.order(symbolId, orderId)?.at(evSeq);
		if (point === undefined || point.ended)
			return this.fault(`17: ${name} is not open at ${evSeq}`);
		if (point.held !== order.heldAmount) {
			this.fault(`4: ${name} holds ${order.heldAmount}, by the table ${point.held}`);
		}
		if (point.cumLots !== order.cumQtyLots || point.cumTickLots !== order.cumTickLots) {
			this.fault(`17: ${name} has traded ${order.cumQtyLots}, by the log ${point.cumLots}`);
		}
	}

	/** 17: every order that is open at the positions is there. */
	private checkOpen(shard: number, state: Shard, evSeqs: readonly number[]): void {
		let open = 0;
		for (const symbol of this.market.symbols.values()) {
			const evSeq = evSeqs[symbol.spec.partition] ?? 0;
			for (const order of symbol.orders.values()) {
				if (shardOfUser(order.userId, this.accountShards) !== shard) continue;
				const point = order.at(evSeq);
				if (point === undefined || point.ended) continue;
				open += 1;
				if (state.open.has(`${symbol.spec.partition}/${order.seq}`)) continue;
				this.fault(`17: order ${order.orderId} is open at ${evSeq} and not in the ledger`);
			}
		}
		for (const order of state.open.values()) {
			this.checkOrder(shard, order, evSeqs);
			if (order.status !== OrderStatus.Pending) open -= 1;
		}
		if (open !== 0) this.fault(`17: shard ${shard} lacks ${open} open orders`);
	}

	/** 1: users + fees + clearing = deposits - withdrawals. */
	private checkSum(shard: number, state: Shard): void {
		const sums = new Map<number, bigint>();
		for (const { accountId, assetId, available, held } of state.balances.values()) {
			const sign = accountId === EXTERNAL_ACCOUNT ? -1n : 1n;
			sums.set(assetId, (sums.get(assetId) ?? 0n) + sign * (available + held));
		}
		for (const [assetId, sum] of sums) {
			if (sum !== 0n) this.fault(`1: shard ${shard} has ${sum} too much of asset ${assetId}`);
		}
	}

	private putOrder(state: Shard, order: OrderState): void {
		this.dropOrder(state, order);
		state.open.set(`${order.partition}/${order.seq}`, order);
		this.hold(state, order.userId, order.holdAssetId, order.heldAmount);
	}

	private dropOrder(
		state: Shard,
		closed: { readonly partition: number; readonly seq: number },
	): void {
		const key = `${closed.partition}/${closed.seq}`;
		const before = state.open.get(key);
		if (before === undefined) return;
		state.open.delete(key);
		this.hold(state, before.userId, before.holdAssetId, -before.heldAmount);
	}

	private putExternal(state: Shard, row: ExternalIdRow): void {
		if (row.kind !== "withdrawal") return;
		const key = `${row.userId}/${row.externalId}`;
		const before = state.pending.get(key);
		if (before !== undefined) this.hold(state, row.userId, row.assetId, -before.amount);
		state.pending.delete(key);
		if (row.doneAtMs !== 0) return;
		state.pending.set(key, row);
		this.hold(state, row.userId, row.assetId, row.amount);
	}

	private hold(state: Shard, userId: number, assetId: number, amount: bigint): void {
		const key = `${userId}/${assetId}`;
		state.held.set(key, (state.held.get(key) ?? 0n) + amount);
	}

	private of(shard: number): Shard {
		let state = this.shards.get(shard);
		if (state === undefined) {
			state = {
				...{ epoch: 0, batch: 0, positions: [] },
				...{ balances: new Map(), open: new Map(), pending: new Map(), held: new Map() },
			};
			this.shards.set(shard, state);
		}
		return state;
	}
}

/** Those that are open by a batch. */
function ordersOf({ newOrders, openOrders }: LedgerBatch): readonly OrderState[] {
	return [...newOrders, ...openOrders];
}

function positionsOf(state: Shard): number[] {
	const evSeqs: number[] = [];
	for (const { partition, evSeq } of state.positions) evSeqs[partition] = evSeq;
	return evSeqs;
}
