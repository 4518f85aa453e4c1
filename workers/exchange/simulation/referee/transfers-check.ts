import type { MemoryDatabase } from "../../../../db/ledger/memory-database.ts";
import type { TransferRow } from "../../../../schemas/ports/ledger.ts";
import type { LedgerReferee } from "./ledger-referee.ts";
import type { MarketModel } from "./market-model.ts";

/** The two sides of a trade. */
const SIDES = 2;

/** What the transfers of a trade have come to so far. */
interface Legs {
	count: number;
	/** By asset. */
	readonly sums: Map<number, bigint>;
}

/** 12 and 18: the transfers of each trade sum to zero per asset, and every settled trade has both. */
export class TransfersCheck {
	private readonly database: MemoryDatabase;
	private readonly ledger: LedgerReferee;
	private readonly market: MarketModel;
	private readonly shards: readonly number[];
	private readonly fault: (text: string) => void;
	/** By shard: how many transfers were looked at. */
	private seen = new Map<number, number>();
	/** By symbol: how many trades are known to have both of theirs. */
	private settled = new Map<number, number>();
	private legs = new Map<string, Legs>();

	constructor(
		database: MemoryDatabase,
		ledger: LedgerReferee,
		market: MarketModel,
		shards: readonly number[],
		fault: (text: string) => void,
	) {
		this.database = database;
		this.ledger = ledger;
		this.market = market;
		this.shards = shards;
		this.fault = fault;
	}

	/** Looks at what came since the last time. */
	check(): void {
		for (const shard of this.shards) {
			const transfers = this.database.transfers(shard);
			for (let i = this.seen.get(shard) ?? 0; i < transfers.length; i += 1) {
				this.take(shard, transfers[i] as TransferRow);
			}
			this.seen.set(shard, transfers.length);
		}
		this.checkSettled();
	}

	/** The database is an earlier one: everything is looked at again. */
	restored(): void {
		this.seen = new Map();
		this.settled = new Map();
		this.legs = new Map();
	}

	private take(shard: number, transfer: TransferRow): void {
		const { debitAssetId, debitAmount, creditAssetId, creditAmount, feeAmount } = transfer;
		const position = this.ledger.positions(shard)[transfer.partition] ?? 0;
		if (transfer.evSeq > position) this.fault("12: a transfer ahead of its position");
		if (transfer.kind !== "fill") return;
		if (feeAmount < 0n || feeAmount > creditAmount) {
			this.fault(`18: a fee of ${feeAmount} on ${creditAmount}`);
		}
		const key = `${transfer.symbolId}/${transfer.tradeId}`;
		const legs = this.legs.get(key) ?? { count: 0, sums: new Map() };
		this.legs.set(key, legs);
		legs.count += 1;
		legs.sums.set(debitAssetId, (legs.sums.get(debitAssetId) ?? 0n) - debitAmount);
		legs.sums.set(creditAssetId, (legs.sums.get(creditAssetId) ?? 0n) + creditAmount);
	}

	/** Trades that every shard has written. */
	private checkSettled(): void {
		const positions = this.shards.map((shard) => this.ledger.positions(shard));
		for (const { spec, trades } of this.market.symbols.values()) {
			const { symbolId, partition } = spec;
			const evSeq = Math.min(...positions.map((evSeqs) => evSeqs[partition] ?? 0));
			let at = this.settled.get(symbolId) ?? 0;
			for (; at < trades.length && (trades[at]?.evSeq ?? 0) <= evSeq; at += 1) {
				this.checkTrade(`${symbolId}/${trades[at]?.trade.tradeId}`);
			}
			this.settled.set(symbolId, at);
		}
	}

	private checkTrade(key: string): void {
		const legs = this.legs.get(key);
		if (legs?.count !== SIDES) {
			this.fault(`12: trade ${key} has ${legs?.count ?? 0} transfers`);
		}
		for (const sum of legs?.sums.values() ?? []) {
			if (sum !== 0n) this.fault(`12: the transfers of trade ${key} sum to ${sum}`);
		}
	}
}
