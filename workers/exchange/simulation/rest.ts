import type { Traded } from "../../../schemas/event.ts";
import type { AggTrade, PublicTrade } from "../../../schemas/market.ts";
import type { Cluster } from "./cluster.ts";
import type { OrderLogCheck } from "./referee/order-log-check.ts";
import { ACCOUNT_SHARDS, PARTITIONS, type World } from "./world.ts";

const DEPTH = 5_000;
/** So many of the newest trades are asked for. */
const TRADES = 500;
/** At rest so long that every batch, beat and flush has had its turn, ms. */
const QUIET_MS = 1_200;

/**
 * Lets the weather calm down and everything under way come to its end, then asks every process for
 * what it has: all of it must agree (1 to 6, 9, 16 to 19).
 */
export async function comeToRest(
	world: World,
	cluster: Cluster,
	orderLog: OrderLogCheck,
): Promise<void> {
	world.calm();
	cluster.heal();
	const answered = (): boolean =>
		cluster.allReady() &&
		partitions().every((partition) => world.referee.log.unanswered(partition) === 0);
	await world.untilHolds(answered, "everything is answered");
	await world.time.advance(QUIET_MS);
	await world.untilHolds(answered, "everything is answered after a while");
	world.checkWhole();
	world.referee.ledger.clearingIsZero(world.referee.log.ends());
	await audit(world, cluster);
	await booksAgree(world, cluster);
	await orderLog.check();
}

async function audit(world: World, cluster: Cluster): Promise<void> {
	for (let shard = 1; shard <= ACCOUNT_SHARDS; shard += 1) {
		const service = cluster.of(`accounts ${shard}`)?.accounts?.service;
		if (service === undefined) continue;
		const { checks } = await world.until(service.audit(), "the audit");
		for (const check of checks) {
			for (const fault of check.faults) world.fault(`${check.invariant}: shard ${shard}: ${fault}`);
		}
	}
}

/** 16: the engine's book, the market data's and the one the events make are the same. */
async function booksAgree(world: World, cluster: Cluster): Promise<void> {
	const marketData = cluster.of("market-data")?.marketData?.marketData;
	if (marketData === undefined) return;
	for (const { spec, levels, trades, open } of world.referee.market.symbols.values()) {
		const engine = cluster.of(`matching ${spec.partition}`)?.matching?.engine();
		const real = engine?.depth(spec.symbolId);
		const depth = marketData.depth(spec.symbolId, DEPTH);
		const { bids, asks } = await world.until(depth, "the depth");
		const [ownBids, ownAsks] = levels;
		const byEvents = {
			bids: [...ownBids].sort((a, b) => b[0] - a[0]),
			asks: [...ownAsks].sort((a, b) => a[0] - b[0]),
		};
		const own = JSON.stringify(byEvents);
		const seen = JSON.stringify({ bids, asks });
		const inEngine = JSON.stringify({ bids: real?.bids, asks: real?.asks });
		if (seen !== own) world.fault(`16: ${spec.symbol}: market data has ${seen}, the events ${own}`);
		if (inEngine !== own)
			world.fault(`16: ${spec.symbol}: the engine has ${inEngine}, the events ${own}`);
		const openThere = [...(engine?.openOrders() ?? [])].filter((o) => o.symbolId === spec.symbolId);
		if (openThere.length !== open.size) {
			world.fault(
				`17: ${spec.symbol}: ${openThere.length} orders in the engine, ${open.size} are open`,
			);
		}
		const ticker = await world.until(
			marketData.ticker(spec.symbolId, 86_400_000, 1_000),
			"the ticker",
		);
		let lots = 0n;
		let tickLots = 0n;
		for (const { trade } of trades) {
			lots += BigInt(trade.qtyLots);
			tickLots += BigInt(trade.qtyLots) * BigInt(trade.priceTicks);
		}
		const sums = ticker.volumeLots === lots && ticker.quoteTickLots === tickLots;
		if (!sums || ticker.trades !== trades.length) {
			world.fault(
				`19: ${spec.symbol}: the ticker has ${ticker.volumeLots} lots, the trades ${lots}`,
			);
		}
		const newest = { fromId: null, startMs: null, endMs: null, limit: TRADES };
		const rows = await world.until(marketData.trades(spec.symbolId, newest), "the trades");
		const due = trades.slice(-TRADES).map(({ trade }) => trade);
		const listed = rows.length === due.length && rows.every((row, i) => sameTrade(row, due[i]));
		if (!listed) world.fault(`19: ${spec.symbol}: other trades are listed than happened`);
		const merged = await world.until(marketData.aggTrades(spec.symbolId, newest), "their merging");
		if (!mergedRightly(merged, trades.length)) {
			world.fault(`19: ${spec.symbol}: the aggregate trades do not follow one another`);
		}
		const range = { startMs: null, endMs: null, limit: 1_000 };
		const bars = marketData.klines(spec.symbolId, "1s", range, 0);
		let barLots = 0n;
		let barTrades = 0;
		for (const bar of await world.until(bars, "the klines")) {
			barLots += bar.volumeLots;
			barTrades += bar.trades;
		}
		if (barLots !== lots || barTrades !== trades.length) {
			world.fault(
				`19: ${spec.symbol}: the bars have ${barTrades} trades, there were ${trades.length}`,
			);
		}
	}
}

/** Each begins where the one before ended, up to the last trade. */
function mergedRightly(merged: readonly AggTrade[], lastTradeId: number): boolean {
	const follows = merged.every((one, i) => {
		const next = merged[i + 1];
		return next === undefined || next.firstTradeId === one.lastTradeId + 1;
	});
	return follows && (merged.at(-1)?.lastTradeId ?? 0) === lastTradeId;
}

function sameTrade(row: PublicTrade, trade: Traded | undefined): boolean {
	const { tradeId, priceTicks, qtyLots } = row;
	return trade?.tradeId === tradeId && trade.priceTicks === priceTicks && trade.qtyLots === qtyLots;
}

function partitions(): number[] {
	return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}
