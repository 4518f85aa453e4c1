import type { AggTrade, PublicTrade } from "../../schemas/market.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";
import { bigintJson, parseBigintJson } from "../shared/bigint-json.ts";
import { ByteReader, ByteWriter } from "./byte-writer.ts";
import { PartitionMarket, type PartitionPosition } from "./partition-market.ts";
import { RECENT_KEPT } from "./recent-rows.ts";
import { RollingTrades } from "./rolling-trades.ts";
import { Digest } from "./snapshot-digest.ts";
import { SymbolMarket, type SymbolMarketState } from "./symbol-market.ts";

const VERSION = 1;
/** The checksum stands before everything else, as hex digits. */
const DIGEST_LENGTH = 16;
/** Looked through between two turns of everything else: a millisecond's worth. */
const BYTES_IN_STEP = 1 << 20;

/** A partition's state and where in `trades` it stands. */
export interface Snapshot {
	readonly logId: string;
	/** The offset of the first record that is not in it. */
	readonly nextOffset: number;
	readonly market: PartitionMarket;
}

/** Of whom and when a snapshot is. */
export interface SnapshotHead extends PartitionPosition {
	readonly logId: string;
	readonly nextOffset: number;
	readonly partition: number;
}

interface Head extends SnapshotHead {
	readonly venue: VenueConfigState;
	readonly symbols: number;
}

type SymbolHead = Omit<SymbolMarketState, "trades" | "aggTrades">;

/** A state at one moment: what its market does after it is not in it. */
interface Frozen {
	readonly head: Head;
	readonly symbols: readonly {
		readonly state: SymbolMarketState;
		readonly rolling: RollingTrades;
	}[];
}

/**
 * A snapshot as bytes: JSON for what is small, packed numbers for recent trades and rolling windows.
 * Only between two commands, when History has everything up to its evSeq.
 */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
	const steps = encoding(frozen(snapshot));
	for (;;) {
		const step = steps.next();
		if (step.done === true) return step.value;
	}
}

/** The same, frozen before the first await and encoded by and by: others have their turn meanwhile. */
export async function encodeSnapshotBehind(
	snapshot: Snapshot,
	scheduler: Scheduler,
): Promise<Uint8Array> {
	const steps = encoding(frozen(snapshot));
	for (;;) {
		const step = steps.next();
		if (step.done === true) return step.value;
		await new Promise<void>((resolve) => scheduler.soon(resolve));
	}
}

/** What stands at the head of its bytes. */
export function headOf({ logId, nextOffset, market }: Snapshot): SnapshotHead {
	const { partition, evSeq, hash, ts } = market;
	return { logId, nextOffset, partition, evSeq, hash, ts };
}

/** What stands at the head of these bytes; null when they are damaged or of another version. */
export function decodeHead(bytes: Uint8Array): SnapshotHead | null {
	const read = bodyOf(bytes);
	return read === null ? null : readJson<Head>(read);
}

/** The snapshot of these bytes; null when they are damaged or of another version. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot | null {
	const read = bodyOf(bytes);
	if (read === null) return null;
	const head = readJson<Head>(read);
	const symbols: SymbolMarket[] = [];
	for (let i = 0; i < head.symbols; i += 1) {
		const rest = readJson<SymbolHead>(read);
		const trades = readTrades(read, rest.spec.symbolId);
		const aggTrades = readAggTrades(read, rest.spec.symbolId);
		symbols.push(
			new SymbolMarket(rest.spec, { ...rest, trades, aggTrades }, RollingTrades.read(read)),
		);
	}
	const market = new PartitionMarket(head.partition, {
		position: { evSeq: head.evSeq, hash: head.hash, ts: head.ts },
		venue: head.venue,
		symbols,
	});
	return { logId: head.logId, nextOffset: head.nextOffset, market };
}

/** What stands after checksum and version; null when the bytes are damaged or of another version. */
function bodyOf(bytes: Uint8Array): ByteReader | null {
	const body = bytes.subarray(DIGEST_LENGTH);
	const digest = new Digest(body);
	digest.go(body.length);
	if (new TextDecoder().decode(bytes.subarray(0, DIGEST_LENGTH)) !== digest.text()) return null;
	const read = new ByteReader(body);
	return read.uint() === VERSION ? read : null;
}

function frozen(snapshot: Snapshot): Frozen {
	const { market } = snapshot;
	const symbols = market.symbols().map((symbol) => ({
		state: symbol.state(RECENT_KEPT),
		rolling: symbol.rolling.copy(),
	}));
	const head = { ...headOf(snapshot), venue: market.venue.state(), symbols: symbols.length };
	return { head, symbols };
}

/** Encodes; where it yields, others may have their turn. */
function* encoding({ head, symbols }: Frozen): Generator<void, Uint8Array> {
	const out = new ByteWriter();
	const pieces: Uint8Array[] = [];
	out.uint(VERSION);
	writeJson(out, head);
	for (const { state, rolling } of symbols) {
		const { trades, aggTrades, ...rest } = state;
		writeJson(out, rest satisfies SymbolHead);
		writeTrades(out, trades);
		writeAggTrades(out, aggTrades);
		for (const _ of rolling.write(out)) {
			pieces.push(out.take());
			yield;
		}
		pieces.push(out.take());
		yield;
	}
	pieces.push(out.take());
	return yield* sealed(pieces);
}

/** The pieces as one, after their checksum. */
function* sealed(pieces: readonly Uint8Array[]): Generator<void, Uint8Array> {
	const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
	const bytes = new Uint8Array(DIGEST_LENGTH + length);
	let at = DIGEST_LENGTH;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	const digest = new Digest(bytes.subarray(DIGEST_LENGTH));
	while (!digest.go(BYTES_IN_STEP)) yield;
	bytes.set(new TextEncoder().encode(digest.text()));
	return bytes;
}

function writeJson(out: ByteWriter, value: unknown): void {
	const bytes = new TextEncoder().encode(bigintJson(value));
	out.uint(bytes.length);
	out.raw(bytes);
}

function readJson<T>(read: ByteReader): T {
	return parseBigintJson(new TextDecoder().decode(read.raw(read.uint())));
}

function writeTrades(out: ByteWriter, trades: readonly PublicTrade[]): void {
	out.uint(trades.length);
	out.uint(trades[0]?.tradeId ?? 0);
	let ts = 0;
	for (const trade of trades) {
		out.uint(trade.ts - ts);
		out.uint(trade.priceTicks);
		out.uint(trade.qtyLots);
		out.uint(trade.buyerIsMaker ? 1 : 0);
		ts = trade.ts;
	}
}

function readTrades(read: ByteReader, symbolId: number): PublicTrade[] {
	const count = read.uint();
	const firstId = read.uint();
	const trades: PublicTrade[] = [];
	let ts = 0;
	for (let i = 0; i < count; i += 1) {
		ts += read.uint();
		trades.push({
			symbolId,
			tradeId: firstId + i,
			priceTicks: read.uint(),
			qtyLots: read.uint(),
			ts,
			buyerIsMaker: read.uint() === 1,
		});
	}
	return trades;
}

function writeAggTrades(out: ByteWriter, aggs: readonly AggTrade[]): void {
	out.uint(aggs.length);
	out.uint(aggs[0]?.aggTradeId ?? 0);
	let ts = 0;
	for (const agg of aggs) {
		out.uint(agg.ts - ts);
		out.uint(agg.priceTicks);
		out.uint(agg.qtyLots);
		out.uint(agg.buyerIsMaker ? 1 : 0);
		out.uint(agg.firstTradeId);
		out.uint(agg.lastTradeId - agg.firstTradeId);
		ts = agg.ts;
	}
}

function readAggTrades(read: ByteReader, symbolId: number): AggTrade[] {
	const count = read.uint();
	const firstId = read.uint();
	const aggs: AggTrade[] = [];
	let ts = 0;
	for (let i = 0; i < count; i += 1) {
		ts += read.uint();
		const priceTicks = read.uint();
		const qtyLots = read.uint();
		const buyerIsMaker = read.uint() === 1;
		const firstTradeId = read.uint();
		aggs.push({
			symbolId,
			aggTradeId: firstId + i,
			priceTicks,
			qtyLots,
			firstTradeId,
			lastTradeId: firstTradeId + read.uint(),
			ts,
			buyerIsMaker,
		});
	}
	return aggs;
}
