import type { AggTrade, PublicTrade } from "../../schemas/market.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";
import { bigintJson, parseBigintJson } from "../shared/bigint-json.ts";
import { ByteReader, ByteWriter } from "./byte-writer.ts";
import { PartitionMarket, type PartitionPosition } from "./partition-market.ts";
import { RECENT_KEPT } from "./recent-rows.ts";
import { RollingTrades } from "./rolling-trades.ts";
import { SymbolMarket, type SymbolMarketState } from "./symbol-market.ts";

const VERSION = 1;
/** The checksum stands before everything else, as hex digits. */
const DIGEST_LENGTH = 16;

/** A partition's state and where in `trades` it stands. */
export interface Snapshot {
	readonly logId: string;
	/** The offset of the first record that is not in it. */
	readonly nextOffset: number;
	readonly market: PartitionMarket;
}

interface Head extends PartitionPosition {
	readonly logId: string;
	readonly nextOffset: number;
	readonly partition: number;
	readonly venue: VenueConfigState;
	readonly symbols: number;
}

type SymbolHead = Omit<SymbolMarketState, "trades" | "aggTrades">;

/**
 * A snapshot as bytes: JSON for what is small, packed numbers for recent trades and rolling windows.
 * Only between two commands, when History has everything up to its evSeq.
 */
export function encodeSnapshot({ logId, nextOffset, market }: Snapshot): Uint8Array {
	const out = new ByteWriter();
	const { partition, evSeq, hash, ts } = market;
	const venue = market.venue.state();
	const symbols = market.symbols();
	const head: Head = {
		logId,
		nextOffset,
		partition,
		evSeq,
		hash,
		ts,
		venue,
		symbols: symbols.length,
	};
	out.uint(VERSION);
	writeJson(out, head);
	for (const symbol of symbols) {
		const { trades, aggTrades, ...rest } = symbol.state(RECENT_KEPT);
		writeJson(out, rest satisfies SymbolHead);
		writeTrades(out, trades);
		writeAggTrades(out, aggTrades);
		symbol.rolling.write(out);
	}
	const body = out.done();
	const bytes = new Uint8Array(DIGEST_LENGTH + body.length);
	bytes.set(new TextEncoder().encode(digestOf(body)));
	bytes.set(body, DIGEST_LENGTH);
	return bytes;
}

/** The snapshot of these bytes; null when they are damaged or of another version. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot | null {
	const body = bytes.subarray(DIGEST_LENGTH);
	if (new TextDecoder().decode(bytes.subarray(0, DIGEST_LENGTH)) !== digestOf(body)) return null;
	const read = new ByteReader(body);
	if (read.uint() !== VERSION) return null;
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

/** Tells damaged bytes from whole ones: two FNV-1a lanes over whole words, then over single bytes. */
function digestOf(body: Uint8Array): string {
	// Copied to where it is aligned.
	const words = new Int32Array(body.slice(0, body.length - (body.length % 4)).buffer);
	let a = 0x811c9dc5;
	let b = body.length;
	for (let i = 0; i < words.length; i += 1) {
		const word = words[i] as number;
		a = Math.imul(a ^ word, 0x01000193);
		b = Math.imul(b ^ (word >>> 13) ^ (word << 19), 0x85ebca6b);
	}
	for (let i = words.length * 4; i < body.length; i += 1) {
		a = Math.imul(a ^ (body[i] as number), 0x01000193);
	}
	return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
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
