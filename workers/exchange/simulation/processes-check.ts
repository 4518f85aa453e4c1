import type { Cluster } from "./cluster.ts";
import { engineFault, levelsText, ownLevelsText } from "./referee/book-text.ts";
import type { ModelSymbol } from "./referee/model-symbol.ts";
import { PARTITIONS } from "./size.ts";
import type { World } from "./world.ts";

const DEPTH = 5_000;

/**
 * 13, 16, 17 and 19 at a crash: what lives and has come to the end of `trades` has every order that is open,
 * the levels, and the sums, as the events made them.
 */
export function processesAgree(world: World, cluster: Cluster): void {
	const ends = world.referee.log.ends();
	for (let partition = 0; partition < PARTITIONS; partition += 1) {
		for (const { ready, matching } of cluster.allOf(`matching ${partition}`)) {
			if (!ready || matching === undefined || matching.evSeq() !== ends[partition]) continue;
			world.tally.add("an engine is looked at in a crash");
			for (const symbol of symbolsOf(world, partition)) {
				const fault = engineFault(symbol, matching.engine());
				if (fault !== null) world.fault(fault);
			}
		}
		for (const { ready, marketData } of cluster.allOf("market-data")) {
			if (!ready || marketData === undefined) continue;
			if (marketData.evSeq(partition) !== ends[partition]) continue;
			world.tally.add("market data is looked at in a crash");
			for (const symbol of symbolsOf(world, partition))
				void marketAgrees(world, symbol, marketData);
		}
	}
}

/** What it has is what it has now, however late it is told. */
async function marketAgrees(
	world: World,
	symbol: ModelSymbol,
	{ marketData }: NonNullable<ReturnType<Cluster["allOf"]>[number]["marketData"]>,
): Promise<void> {
	const { spec, trades } = symbol;
	const due = {
		levels: ownLevelsText(symbol),
		updateId: symbol.changes.length,
		trades: trades.length,
	};
	const last = trades.at(-1)?.trade;
	const [depth, ticker] = await Promise.all([
		marketData.depth(spec.symbolId, DEPTH),
		marketData.ticker(spec.symbolId, 86_400_000, 1_000),
	]);
	const right = depth.lastUpdateId === due.updateId && levelsText(depth) === due.levels;
	if (!right) world.fault(`16: ${spec.symbol}: market data has another book at ${due.updateId}`);
	const same = ticker.trades === due.trades && ticker.lastTicks === (last?.priceTicks ?? 0);
	if (!same)
		world.fault(`19: ${spec.symbol}: the ticker counts ${ticker.trades}, not ${due.trades}`);
}

function symbolsOf({ referee }: World, partition: number): ModelSymbol[] {
	return [...referee.market.symbols.values()].filter(({ spec }) => spec.partition === partition);
}
