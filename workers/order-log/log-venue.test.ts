import { expect, test } from "bun:test";
import { MemoryLog } from "../../db/log/memory-log.ts";
import type { Command } from "../../schemas/command.ts";
import { CommandKind } from "../../schemas/command.ts";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import type { Ledger, ShardState } from "../../schemas/ports/ledger.ts";
import { type Log, LogUnavailable } from "../../schemas/ports/log.ts";
import { tradesCodec } from "../../schemas/record-codec.ts";
import { btc, btcUsdt, usdt } from "../../schemas/testing/symbols.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { LogVenue } from "./log-venue.ts";

const time = new VirtualTime();
let evSeq = 0;

/** What the venue's command led to: taken, unless it is said otherwise. */
function record(command: Command, rejected = false): EventRecord {
	evSeq += 1;
	const accepted = command.kind === CommandKind.AddAsset ? "AssetAdded" : "SymbolAdded";
	const answer = rejected
		? { kind: EventKind.CommandRejected, reason: 1 }
		: { kind: EventKind[accepted], assetId: 1, symbolId: 1 };
	return {
		...{ partition: 0, evSeq, ts: 1, shard: 0, epoch: 1, seq: evSeq, part: 0, last: true },
		...{ command, events: [answer as never], hash: "0".repeat(16) },
	};
}

const addBtc = () => record({ kind: CommandKind.AddAsset, asset: btc });
const addUsdt = () => record({ kind: CommandKind.AddAsset, asset: usdt });
const addSymbol = (symbolId: number, rejected = false) =>
	record(
		{ kind: CommandKind.AddSymbol, symbol: { ...btcUsdt, symbolId, symbol: `S${symbolId}` } },
		rejected,
	);

async function tradesOf(records: readonly EventRecord[]): Promise<MemoryLog<EventRecord>> {
	const log = new MemoryLog<EventRecord>({
		...{ topic: "trades", partitions: 1, logId: "l", scheduler: time, codec: tradesCodec },
	});
	const appended = log.append(0, records);
	await time.advance(10);
	await appended;
	return log;
}

/** A ledger that has read so many records of `trades`. */
function ledgerAt(tradesOffset: number, config: ShardState["config"]): Ledger {
	const positions = [{ partition: 0, tradesOffset }];
	return { load: async () => ({ config, positions }) } as unknown as Ledger;
}

const venueOf = (ledger: Ledger, log: Log<EventRecord>) => LogVenue.load(ledger, log, time);

async function inTime<T>(promise: Promise<T>): Promise<T> {
	for (let i = 0; i < 10; i += 1) await time.advance(50);
	return promise;
}

test("the venue is as the ledger has it, and as the log goes on from there", async () => {
	const log = await tradesOf([addBtc(), addUsdt(), addSymbol(1), addSymbol(2), addSymbol(3, true)]);
	const venue = await venueOf(ledgerAt(2, { assets: [btc, usdt], symbols: [] }), log);
	expect(venue.config.symbols()).toEqual([]);
	await inTime(venue.readUpTo(0, 5));
	expect(venue.config.assets()).toEqual([btc, usdt]);
	expect(venue.config.symbols().map((symbol) => symbol.symbolId)).toEqual([1, 2]);
});

test("a read that fails is made again, and what was read before is not", async () => {
	const log = await tradesOf([addBtc(), addUsdt(), addSymbol(1), addSymbol(2)]);
	const asked: number[] = [];
	const stored = log.read.bind(log);
	const read: typeof log.read = (partition, from, limit) => {
		asked.push(from);
		const fails = asked.filter((one) => one === from).length === 1;
		return fails
			? Promise.reject(new LogUnavailable("away"))
			: stored(partition, from, Math.min(limit, 1));
	};
	const venue = await venueOf(
		ledgerAt(0, { assets: [], symbols: [] }),
		Object.assign(log, { read }),
	);
	await inTime(venue.readUpTo(0, 3));
	expect(asked).toEqual([0, 0, 1, 1, 2, 2]);
	expect(venue.config.symbols().map((symbol) => symbol.symbolId)).toEqual([1]);
});

test("a ledger that is ahead of the reader knows enough already", async () => {
	const log = await tradesOf([addBtc(), addUsdt(), addSymbol(1)]);
	const symbols = [btcUsdt];
	const venue = await venueOf(ledgerAt(3, { assets: [btc, usdt], symbols }), log);
	await inTime(venue.readUpTo(0, 1));
	expect(venue.config.symbolById(btcUsdt.symbolId)).toEqual(btcUsdt);
});

test("a follower finds each symbol known before it reads on", async () => {
	const log = await tradesOf([addBtc(), addUsdt()]);
	const venue = await venueOf(ledgerAt(0, { assets: [], symbols: [] }), log);
	const known: number[] = [];
	venue.following().follow(0, 0, (entries) => {
		for (const _ of entries) known.push(venue.config.symbols().length);
	});
	await time.advance(10);
	void log.append(0, [addSymbol(7)]);
	await time.advance(10);
	expect(known).toEqual([0, 0, 1]);
});
