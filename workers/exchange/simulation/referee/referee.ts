import type { MemoryDatabase } from "../../../../db/ledger/memory-database.ts";
import { CommandKind, type OrdersRecord } from "../../../../schemas/command.ts";
import { EventKind, type EventRecord, type Traded } from "../../../../schemas/event.ts";
import { Side, SymbolState } from "../../../../schemas/order.ts";
import {
	clearingAccount,
	EXTERNAL_ACCOUNT,
	FEE_ACCOUNT,
	type LedgerBatch,
} from "../../../../schemas/ports/ledger.ts";
import { shardOfUser } from "../../../../schemas/ports/users.ts";
import type { UserEventMessage } from "../../../../schemas/user-event.ts";
import { VenueConfig } from "../../../../schemas/venue-config.ts";
import type { QueueBounds } from "../short-queue.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "../size.ts";
import type { LedgerWitness } from "../stores.ts";
import type { Tally } from "../tally.ts";
import { HistoryReferee } from "./history-referee.ts";
import { LagCheck } from "./lag-check.ts";
import { LedgerReferee } from "./ledger-referee.ts";
import { LogReferee } from "./log-referee.ts";
import { MarketModel } from "./market-model.ts";
import type { ModelOrder } from "./model-order.ts";
import { Money } from "./money.ts";
import { OrderLogReferee } from "./order-log-referee.ts";
import { PublishedCheck } from "./published-check.ts";

/** How long a client id stays taken after its order, ms; the setting of every simulated shard. */
export const CLIENT_ID_KEEP_MS = 30_000;

/** A side of a trade, with its fee in smallest units. */
export interface ModelFill {
	readonly evSeq: number;
	readonly tradeId: number;
	readonly isMaker: boolean;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly feeAmount: bigint;
}

/** How many execution reports a record gives a user. */
export interface Reports {
	readonly evSeq: number;
	count: number;
}

/** What the referee asks of the world that it watches. */
export interface Refereed {
	/** Its time, ms. */
	nowMs(): number;
	/** Whether an order of a symbol, at a partition's time, breaks every engine, not only one that is damaged. */
	breaks(symbolId: number, ts: number): boolean;
}

/**
 * Sees every write to the log and to the ledger as it happens, and holds it against its own reckoning
 * of the exchange. Shares no code with the workers but the vocabulary.
 */
export class Referee implements LedgerWitness {
	readonly log: LogReferee;
	readonly market: MarketModel;
	readonly money = new Money(PARTITIONS);
	readonly ledger: LedgerReferee;
	readonly orderLog: OrderLogReferee;
	readonly history: HistoryReferee;
	readonly published: PublishedCheck;
	/** The venue's configuration as `trades` has it by now. */
	readonly venue = new VenueConfig();
	/** By user and partition: records that give the user execution reports. */
	private readonly reports = new Map<number, Reports[][]>();
	/** By user and client id: until when it is taken; Infinity while its order is open. */
	private readonly clientIds = new Map<string, number>();
	/** By the id of the call that placed it. */
	private readonly callsDone = new Map<number, ModelOrder>();
	/** By the id of the call: the code it was refused with. */
	private readonly callsRefused = new Map<number, number>();
	private readonly external = new Set<string>();
	/** By user and symbol. */
	private readonly fills = new Map<string, ModelFill[]>();
	/** By user and partition: the greatest evSeq whose user events were published. */
	private readonly toldUpTo = new Map<string, number>();
	private readonly fault: (text: string) => void;

	private readonly lag: LagCheck;

	/**
	 * @param bounds of an account worker's queues
	 */
	constructor(fault: (text: string) => void, tally: Tally, bounds: QueueBounds, world: Refereed) {
		this.fault = fault;
		this.lag = new LagCheck(fault, bounds.lagMs, () => world.nowMs());
		this.log = new LogReferee(fault, tally, bounds, (symbolId, ts) => world.breaks(symbolId, ts));
		this.market = new MarketModel({
			fault,
			admitted: (order, record) => this.admitted(order, record),
			ended: (order) => this.freeClientId(order, order.clientOrderId),
			renamed: (order, before, record) => this.renamed(order, before, record),
			filled: (order, trade, isMaker, record) => this.filled(order, trade, isMaker, record),
			reported: (userId, record) => this.reported(userId, record),
		});
		this.orderLog = new OrderLogReferee(fault, this.market);
		this.history = new HistoryReferee(fault, this.market);
		this.published = new PublishedCheck(fault, this.market);
		this.ledger = new LedgerReferee(fault, this.log, this.market, this.money, ACCOUNT_SHARDS);
	}

	ordered(partition: number, record: OrdersRecord): void {
		const counts = this.log.ordered(partition, record);
		if (counts && record.command !== null) this.lag.accepted(record);
	}

	traded(partition: number, record: EventRecord): void {
		if (!this.log.traded(partition, record)) return;
		if (record.last) this.configure(record);
		this.market.apply(record);
		if (record.last) this.funds(record);
	}

	raised(shard: number, epoch: number): void {
		this.ledger.raised(shard, epoch);
		this.lag.written(shard);
	}

	committed(shard: number, batch: LedgerBatch, outcome: "committed" | "superseded"): void {
		this.ledger.committed(shard, batch, outcome);
		if (outcome === "committed") this.lag.written(shard);
	}

	restored(database: MemoryDatabase): void {
		this.ledger.restored(database);
	}

	/** User events were published. */
	told(messages: readonly UserEventMessage[]): void {
		for (const { userId, id } of messages) {
			const key = `${userId}/${id.partition}`;
			this.toldUpTo.set(key, Math.max(this.toldUpTo.get(key) ?? 0, id.evSeq));
		}
	}

	/** Whether the user events of a record went out: before the answer does. */
	wasTold(userId: number, partition: number, evSeq: number): boolean {
		return (this.toldUpTo.get(`${userId}/${partition}`) ?? 0) >= evSeq;
	}

	/** Records of a partition that give the user execution reports, ascending. */
	reportsOf(userId: number, partition: number): readonly Reports[] {
		return this.reports.get(userId)?.[partition] ?? [];
	}

	/** A user's fills of a symbol, in the order of their trades. */
	fillsOf(userId: number, symbolId: number): readonly ModelFill[] {
		return this.fills.get(`${userId}/${symbolId}`) ?? [];
	}

	/** Whether a client's call has placed an order. */
	isDone(call: number): boolean {
		return this.callsDone.has(call);
	}

	/** Whether a client id has been free since then; false when no order ever had it, or one is on its way. */
	isFreeSince(userId: number, clientOrderId: string, ms: number): boolean {
		const freeAtMs = this.clientIds.get(`${userId}/${clientOrderId}`) ?? Number.POSITIVE_INFINITY;
		return freeAtMs < ms && !this.log.isOnItsWay(userId, clientOrderId);
	}

	/** A client was told that its call is not done: it must never be. */
	refused(call: number, code: number): void {
		if (this.isDone(call)) this.fault(`13: call ${call} was refused with ${code} and done`);
		this.callsRefused.set(call, code);
	}

	orderOfCall(call: number): ModelOrder | undefined {
		return this.callsDone.get(call);
	}

	/** Whether a deposit or withdrawal has taken effect. */
	hasMoved(userId: number, kind: "deposit" | "withdraw", externalId: string): boolean {
		return this.external.has(`${userId}/${kind === "deposit"}/${externalId}`);
	}

	/** A user's newest fills as the API lists them: each is one, and none that was told before lacks. */
	checkFills(
		userId: number,
		symbol: string,
		// biome-ignore lint/suspicious/noExplicitAny: rows of the API
		rows: readonly any[],
		limit: number,
		floors: readonly number[],
	): void {
		const spec = this.venue.symbol(symbol);
		const trades = this.market.symbols.get(spec?.symbolId ?? 0)?.trades ?? [];
		const listed = new Set<number>();
		for (const row of rows) {
			listed.add(row.id);
			const trade = trades[row.id - 1]?.trade;
			const lots = Math.round(Number(row.qty) / Number(spec?.lotSize));
			const isHis = trade?.makerUserId === userId || trade?.takerUserId === userId;
			if (!isHis || trade?.qtyLots !== lots) this.fault(`17: trade ${row.id} of ${symbol} is none`);
		}
		const oldest = rows.length < limit ? 1 : Math.min(...listed);
		for (const { trade, evSeq } of trades.slice(oldest - 1)) {
			const isHis = trade.makerUserId === userId || trade.takerUserId === userId;
			const wasTold = evSeq <= (floors[spec?.partition ?? 0] ?? 0);
			if (isHis && wasTold && !listed.has(trade.tradeId)) {
				return this.fault(`17: trade ${trade.tradeId} of ${symbol} was told of and is not listed`);
			}
		}
	}

	private configure(record: EventRecord): void {
		const { command } = record;
		for (const event of record.events) {
			if (event.kind === EventKind.SymbolStateSet) {
				this.venue.apply({ ...event, kind: CommandKind.SetSymbolState });
			}
		}
		const answer = record.events.at(-1);
		if (command === null || answer?.kind === EventKind.CommandRejected) return;
		const added = command.kind === CommandKind.AddSymbol;
		if (this.venue.apply(command) && added) this.market.addSymbol(command.symbol);
	}

	private admitted(order: ModelOrder, record: EventRecord): void {
		const { strategyId } = order.order;
		const { symbol, state } = this.venue.symbolById(order.spec.symbolId) ?? order.spec;
		if (state !== SymbolState.Trading) this.fault(`14: ${symbol} trades while it is closed`);
		if (strategyId > 0) {
			if (this.callsDone.has(strategyId)) this.fault(`1: call ${strategyId} bought twice`);
			const refused = this.callsRefused.get(strategyId);
			if (refused !== undefined) {
				this.fault(`13: call ${strategyId} was refused with ${refused} and is done`);
			}
			this.callsDone.set(strategyId, order);
		}
		if (order.clientIdGiven) this.takeClientId(order, order.clientOrderId, record);
	}

	/** 1: one order per user and client id, among open and lately finished ones. */
	private takeClientId(order: ModelOrder, clientOrderId: string, record: EventRecord): void {
		const key = `${order.userId}/${clientOrderId}`;
		const until = this.clientIds.get(key);
		if (until !== undefined && record.ts < until) {
			this.fault(
				`1: ${clientOrderId} of user ${order.userId} again, at ${record.ts} before ${until}`,
			);
		}
		this.clientIds.set(key, Number.POSITIVE_INFINITY);
	}

	private freeClientId(order: ModelOrder, clientOrderId: string): void {
		if (!order.clientIdGiven) return;
		this.clientIds.set(`${order.userId}/${clientOrderId}`, order.endTs + CLIENT_ID_KEEP_MS);
	}

	private renamed(order: ModelOrder, before: string, record: EventRecord): void {
		if (order.clientIdGiven) {
			this.clientIds.set(`${order.userId}/${before}`, record.ts + CLIENT_ID_KEEP_MS);
		}
		const { command } = record;
		if (command?.kind === CommandKind.AmendOrder) {
			this.takeClientId(order, command.clientOrderId, record);
		}
	}

	private filled(order: ModelOrder, trade: Traded, isMaker: boolean, record: EventRecord): void {
		const { spec, userId } = order;
		const { partition, evSeq } = record;
		const base = BigInt(trade.qtyLots) * BigInt(spec.baseUnitsPerLot);
		const tickLots = BigInt(trade.priceTicks) * BigInt(trade.qtyLots);
		const quote = tickLots * BigInt(spec.quoteUnitsPerTickLot);
		const buys = order.order.side === Side.Buy;
		const [paid, paidAsset] = buys ? [quote, spec.quote.assetId] : [base, spec.base.assetId];
		const [got, gotAsset] = buys ? [base, spec.base.assetId] : [quote, spec.quote.assetId];
		const ppm = BigInt(isMaker ? trade.makerFeePpm : trade.takerFeePpm);
		const exact = got * ppm;
		const roundedUp = exact / 1_000_000n + (exact % 1_000_000n > 0n ? 1n : 0n);
		const fee = roundedUp > got ? got : roundedUp;
		const { tradeId, priceTicks, qtyLots } = trade;
		const fills = this.fillsOf(userId, spec.symbolId) as ModelFill[];
		if (fills.length === 0) this.fills.set(`${userId}/${spec.symbolId}`, fills);
		const fill = { evSeq, tradeId, isMaker, priceTicks, qtyLots, feeAmount: fee };
		fills.push(fill);
		this.orderLog.filled(partition, { ...fill, symbolId: spec.symbolId });
		const shard = shardOfUser(userId, ACCOUNT_SHARDS);
		const clearing = clearingAccount(partition);
		this.money.add(shard, userId, paidAsset, partition, evSeq, -paid);
		this.money.add(shard, userId, gotAsset, partition, evSeq, got - fee);
		this.money.add(shard, FEE_ACCOUNT, gotAsset, partition, evSeq, fee);
		this.money.add(shard, clearing, paidAsset, partition, evSeq, paid);
		this.money.add(shard, clearing, gotAsset, partition, evSeq, -got);
	}

	/** 22: each deposit and withdrawal moves money once per id. */
	private funds(record: EventRecord): void {
		const answer = record.events.at(-1);
		const { command, partition, evSeq } = record;
		const deposited = answer?.kind === EventKind.Deposited;
		if (!deposited && answer?.kind !== EventKind.Withdrawn) return;
		if (command?.kind !== CommandKind.Deposit && command?.kind !== CommandKind.Withdraw) return;
		const { userId, assetId, amount, externalId } = command;
		const key = `${userId}/${deposited}/${externalId}`;
		if (this.external.has(key)) this.fault(`22: ${externalId} of user ${userId} again`);
		this.external.add(key);
		const shard = shardOfUser(userId, ACCOUNT_SHARDS);
		const delta = deposited ? amount : -amount;
		this.money.add(shard, userId, assetId, partition, evSeq, delta);
		this.money.add(shard, EXTERNAL_ACCOUNT, assetId, partition, evSeq, delta);
	}

	private reported(userId: number, record: EventRecord): void {
		let parts = this.reports.get(userId);
		if (parts === undefined) {
			parts = Array.from({ length: PARTITIONS }, () => []);
			this.reports.set(userId, parts);
		}
		const reports = parts[record.partition] as Reports[];
		const last = reports.at(-1);
		if (last?.evSeq === record.evSeq) last.count += 1;
		else reports.push({ evSeq: record.evSeq, count: 1 });
	}
}
