import type { PublicTrade } from "../../schemas/market.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { Ledger, ShardState, TransferRow } from "../../schemas/ports/ledger.ts";
import type { OrderLog, OrderLogChanges } from "../../schemas/ports/order-log.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { VenueConfig, type VenueConfigState } from "../../schemas/venue-config.ts";

/** What one shard's ledger knows. */
export interface LostShard {
	readonly shard: number;
	readonly state: ShardState;
	/** By partition: its evSeq there. */
	readonly evSeqs: readonly number[];
	/** By partition: its transfers of events that the order log does not have. */
	readonly transfers: readonly (readonly TransferRow[])[];
}

/** What is known of one partition beside the ledger. */
export interface LostPartition {
	readonly partition: number;
	/** How far the order log has it. */
	readonly orderLogEvSeq: number;
	/** What the order log has of the events that a shard lacks. */
	readonly changes: OrderLogChanges;
	/** What is open by the order log. */
	readonly openOrders: readonly OrderState[];
	/** The greatest evSeq that anything knows of. */
	readonly usedEvSeq: number;
	/** The last public trade of each of its symbols that history has. */
	readonly lastTrades: readonly PublicTrade[];
}

/** Everything that is left of a log that was lost. */
export interface LostLog {
	/** By shard; the first is the venue's. */
	readonly shards: readonly LostShard[];
	readonly partitions: readonly LostPartition[];
	/** The venue's assets and symbols, each as of the latest word on it. */
	readonly config: VenueConfigState;
}

/** The venue's configuration as of an event of a partition. */
export interface ConfigAtEvent {
	readonly evSeq: number;
	readonly config: VenueConfigState;
}

export interface LostLogPorts {
	readonly ledger: Ledger;
	readonly orderLog: OrderLog;
	readonly history: History;
	readonly archive: Archive;
	readonly partitions: number;
	readonly accountShards: number;
	/** As market data has stored it last; null when it never has. */
	marketConfig(partition: number): Promise<ConfigAtEvent | null>;
}

/** Reads what the stores still know; changes nothing. */
export async function readLostLog(ports: LostLogPorts): Promise<LostLog> {
	const { ledger } = ports;
	const states: ShardState[] = [];
	for (let shard = 0; shard <= ports.accountShards; shard += 1) {
		states.push(await ledger.load(shard));
	}
	const config = await newestConfig(ports, states);
	const partitions: LostPartition[] = [];
	for (let partition = 0; partition < ports.partitions; partition += 1) {
		partitions.push(await readPartition(ports, partition, states, config));
	}
	const shards: LostShard[] = [];
	for (const [shard, state] of states.entries()) {
		const transfers: (readonly TransferRow[])[] = [];
		for (const { partition, orderLogEvSeq } of partitions) {
			transfers.push(await ledger.transfersAfter(shard, partition, orderLogEvSeq));
		}
		const evSeqs = partitions.map(({ partition }) => evSeqOf(state, partition));
		shards.push({ shard, state, evSeqs, transfers });
	}
	return { shards, partitions, config };
}

function evSeqOf(state: ShardState, partition: number): number {
	return state.positions.find((row) => row.partition === partition)?.evSeq ?? 0;
}

async function readPartition(
	ports: LostLogPorts,
	partition: number,
	states: readonly ShardState[],
	config: VenueConfigState,
): Promise<LostPartition> {
	const { orderLog, history, archive } = ports;
	const evSeqs = states.map((state) => evSeqOf(state, partition));
	const { evSeq: orderLogEvSeq } = await orderLog.position(partition);
	const used = [...evSeqs, orderLogEvSeq, await history.position(partition)];
	for (const prefix of ["matching", "market-data"]) {
		const newest = (await archive.list(`${prefix}/${partition}/`)).at(-1);
		// Snapshots are named by their evSeq.
		if (newest !== undefined) used.push(Number(newest.split("/").at(-1)));
	}
	const lastTrades: PublicTrade[] = [];
	for (const { symbolId } of config.symbols.filter((s) => s.partition === partition)) {
		const newest = { fromId: null, startMs: null, endMs: null, limit: 1 };
		const [trade] = await history.trades(symbolId, newest);
		if (trade !== undefined) lastTrades.push(trade);
	}
	return {
		partition,
		orderLogEvSeq,
		changes: await orderLog.changesAfter(partition, Math.min(...evSeqs.slice(1))),
		openOrders: await orderLog.openOrders(partition),
		usedEvSeq: Math.max(...used),
		lastTrades,
	};
}

/**
 * A symbol is configured in its own partition: who has read that furthest has the latest word. Where the ledger is of
 * a backup, that is market data.
 */
async function newestConfig(
	{ partitions, marketConfig }: LostLogPorts,
	states: readonly ShardState[],
): Promise<VenueConfigState> {
	const assets = states.flatMap(({ config }) => config.assets);
	const symbols: SymbolSpec[] = [];
	for (let partition = 0; partition < partitions; partition += 1) {
		const words = states
			.map((state) => ({ evSeq: evSeqOf(state, partition), config: state.config }))
			.sort((a, b) => a.evSeq - b.evSeq);
		const stored = await marketConfig(partition);
		if (stored !== null && stored.evSeq > (words.at(-1)?.evSeq ?? 0)) {
			words.push(stored);
			assets.push(...stored.config.assets);
		}
		for (const { config } of words) {
			symbols.push(...config.symbols.filter((symbol) => symbol.partition === partition));
		}
	}
	// Of two with the same id the later stands.
	const newest = new VenueConfig({ assets, symbols }).state();
	return {
		assets: [...newest.assets].sort((a, b) => a.assetId - b.assetId),
		symbols: [...newest.symbols].sort((a, b) => a.symbolId - b.symbolId),
	};
}
