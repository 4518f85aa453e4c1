import { expect, test } from "bun:test";
import { Side } from "../../schemas/order.ts";
import { untilSettled } from "../shared/testing/until-settled.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { DAY_MS, HOUR_MS } from "./intervals.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import { PartitionMarket } from "./partition-market.ts";
import {
	decodeHead,
	decodeSnapshot,
	encodeSnapshot,
	encodeSnapshotBehind,
	type Snapshot,
} from "./snapshot-codec.ts";
import { RecordSource, step, testSymbol } from "./testing/record-source.ts";

const START_MS = Date.UTC(2026, 10, 22);
const UNHEARD: MarketOutputs = {
	trade: () => {},
	aggTrade: () => {},
	levelChanged: () => {},
	barClosed: () => {},
};

/** Two symbols that trade every so often, from their beginning on. */
class TwoSymbols {
	readonly market = new PartitionMarket(0);
	private readonly source = new RecordSource(START_MS);

	constructor() {
		for (const [symbolId, name] of [
			[1, "BTCUSDT"],
			[2, "ETHUSDT"],
		] as const) {
			for (const record of this.source.addSymbol(testSymbol(symbolId, name))) {
				this.market.apply(record, UNHEARD);
			}
		}
	}

	trade(forMs: number, everyMs: number): void {
		for (let ms = 0; ms < forMs; ms += everyMs) {
			const priceTicks = 5_000 + ((ms / everyMs) % 97);
			const happens = step({
				...{ afterMs: everyMs, symbolId: 1 + ((ms / everyMs) % 2) },
				trades: [[priceTicks, 3]],
				levels: [[Side.Sell, priceTicks + 1_000, 5]],
			});
			for (const record of this.source.step(happens)) this.market.apply(record, UNHEARD);
		}
	}

	snapshot(): Snapshot {
		return { logId: "log", nextOffset: 77, market: this.market };
	}
}

test("what a market does while its snapshot is encoded is not in it, and it has its turn meanwhile", async () => {
	const two = new TwoSymbols();
	two.trade(30 * HOUR_MS, 10_000);
	const atOnce = encodeSnapshot(two.snapshot());
	let turns = 0;
	const time = new VirtualTime(START_MS);
	const scheduler = {
		...{ after: time.after.bind(time), every: time.every.bind(time) },
		soon: (run: () => void) => {
			turns += 1;
			// Seconds, whose minutes are let go of a day later, and levels.
			two.trade(2 * HOUR_MS, 10_000);
			time.soon(run);
		},
	};
	const behind = encodeSnapshotBehind(two.snapshot(), scheduler);
	await untilSettled(time, behind);
	expect(turns).toBeGreaterThan(3);
	expect(Buffer.from(await behind).equals(atOnce)).toBe(true);
});

test("a snapshot is what it was taken of, and its head can be read alone", () => {
	const two = new TwoSymbols();
	two.trade(DAY_MS / 4, 7_000);
	const bytes = encodeSnapshot(two.snapshot());
	const read = decodeSnapshot(bytes) as Snapshot;
	expect(Buffer.from(encodeSnapshot(read)).equals(bytes)).toBe(true);
	const { evSeq, hash, ts } = two.market;
	expect(decodeHead(bytes)).toMatchObject({ logId: "log", nextOffset: 77, evSeq, hash, ts });
});

test("one byte that is not as it was, wherever it is, and nothing of it is read", () => {
	const two = new TwoSymbols();
	two.trade(HOUR_MS, 7_000);
	const whole = encodeSnapshot(two.snapshot());
	// From an archive it may come as a part of something larger, at any place.
	for (const shift of [0, 1, 2, 3]) {
		const bytes = new Uint8Array(shift + whole.length).subarray(shift);
		bytes.set(whole);
		expect(decodeHead(bytes)).not.toBeNull();
		for (let at = shift; at < bytes.length; at += 41) {
			bytes[at] = (bytes[at] as number) ^ 4;
			expect(decodeHead(bytes)).toBeNull();
			expect(decodeSnapshot(bytes)).toBeNull();
			bytes[at] = (bytes[at] as number) ^ 4;
		}
		expect(decodeHead(bytes.subarray(0, -1))).toBeNull();
	}
});
