import { fullGC, heapStats } from "bun:jsc";
import type { BookKind } from "../../engine/book.ts";
import { GrowingWords } from "../../engine/fast/growing-words.ts";
import { decodeEvents } from "../../schemas/event-words.ts";
import { invariant } from "../../schemas/invariant.ts";
import { tradesCodec } from "../../schemas/record-codec.ts";
import { RunningHash } from "../../schemas/running-hash.ts";
import { Driver } from "./driver.ts";
import { type FillSums, FillTape } from "./fill-tape.ts";
import { Latencies } from "./latencies.ts";
import type { Script } from "./script.ts";

/** One pass over a workload on a fresh engine. */
export interface Round extends FillSums {
	readonly seconds: number;
	/** Of all threads of the process: compiler and collector too. */
	readonly cpuSeconds: number;
	readonly restingOrders: number;
	/** In lots. */
	readonly restingQty: bigint;
}

/** Times for each command alone, in ns, the cost of reading the clock included. */
export interface LatencyRound {
	readonly p50Ns: number;
	readonly p99Ns: number;
	readonly p999Ns: number;
}

/** What comes on top of matching when the events are made into a log record, in ns per command. */
export interface RecordCosts {
	readonly hashNs: number;
	readonly encodeNs: number;
}

/** Kept from round to round: what the engine's own memory is not. */
const fills = new FillTape();

/** Runs the whole script, timing nothing but the loop over its commands. */
export function throughputRound(script: Script, book: BookKind): Round {
	const driver = new Driver(script, book, fills);
	fullGC();
	const cpu = process.cpuUsage();
	const start = performance.now();
	driver.run();
	const seconds = (performance.now() - start) / 1_000;
	const { user, system } = process.cpuUsage(cpu);
	let restingOrders = 0;
	let restingQty = 0n;
	for (const order of driver.engine.openOrders()) {
		restingOrders += 1;
		restingQty += BigInt(order.stop ? 0 : order.leavesLots);
	}
	return {
		...fills.sums(script.fileIds),
		seconds,
		cpuSeconds: (user + system) / 1_000_000,
		restingOrders,
		restingQty,
	};
}

/**
 * Memory of an engine at the end of a workload, heap and array buffers, per order that rests: what two
 * engines keep alive less what one does, so that all else in the process is left out.
 */
export function memoryRound(script: Script, book: BookKind): { bytesPerRestingOrder: number } {
	const first = new Driver(script, book, fills);
	first.run();
	const one = liveBytes();
	const second = new Driver(script, book, fills);
	second.run();
	// Memory that grows in place is in the heap's figure more than once: taken out, and put in once.
	const { inPlaceBytes } = second.engine;
	const bytes = liveBytes() - one - inPlaceBytes * (countOfInPlaceBytes() - 1);
	const orders = countOf(second.engine.openOrders());
	invariant(orders === countOf(first.engine.openOrders()), "both are alive, and in one state");
	return { bytesPerRestingOrder: orders === 0 ? 0 : bytes / orders };
}

/** How often the heap's own figure counts a byte that grows in place. */
function countOfInPlaceBytes(): number {
	const before = liveBytes();
	const words = new GrowingWords(2);
	while (words.inPlaceBytes < 1 << 26) words.grow();
	const counted = liveBytes() - before;
	return Math.round(counted / words.inPlaceBytes);
}

function countOf(items: Iterable<unknown>): number {
	let count = 0;
	for (const _ of items) count += 1;
	return count;
}

/** Runs the whole script with a look at the clock after each command. */
export function latencyRound(script: Script, book: BookKind): LatencyRound {
	const driver = new Driver(script, book, fills);
	const latencies = new Latencies();
	fullGC();
	const { records } = script.workload;
	let last = performance.now();
	for (let i = 0; i < records; i += 1) {
		driver.step(i);
		const now = performance.now();
		latencies.add(now - last);
		last = now;
	}
	return {
		p50Ns: latencies.quantile(0.5),
		p99Ns: latencies.quantile(0.99),
		p999Ns: latencies.quantile(0.999),
	};
}

/**
 * What the running hash over all events costs, and the text of a record of `trades` with its command:
 * each timed over blocks of commands, so that the clock weighs nothing.
 */
export function recordCosts(script: Script, book: BookKind): RecordCosts {
	const records = Math.min(script.workload.records, 300_000);
	if (records === 0) return { hashNs: 0, encodeNs: 0 };
	const plain = cpuOf(script, book, records, () => undefined);
	const hash = new RunningHash();
	const hashed = cpuOf(script, book, records, (driver) => {
		hash.addAll(driver.out.words, 0, driver.out.length);
	});
	let length = 0;
	const encoded = cpuOf(script, book, records, (driver, i) => {
		const events = decodeEvents(driver.out.words, 0, driver.out.length);
		length += tradesCodec.encode({
			partition: 0,
			evSeq: i + 1,
			ts: i,
			shard: 1,
			epoch: 1,
			seq: i + 1,
			part: 0,
			last: true,
			command: driver.command(i),
			events,
			hash: "0000000000000000",
		}).length;
	});
	if (length === 0) throw new RangeError("nothing was encoded");
	const perCommand = (seconds: number) => (Math.max(0, seconds) * 1e9) / records;
	return { hashNs: perCommand(hashed - plain), encodeNs: perCommand(encoded - plain) };
}

/** CPU seconds of the better of two passes with something done after each command. */
function cpuOf(
	script: Script,
	book: BookKind,
	records: number,
	after: (driver: Driver, i: number) => void,
): number {
	let best = Number.POSITIVE_INFINITY;
	for (let pass = 0; pass < 3; pass += 1) {
		const driver = new Driver(script, book, fills);
		fullGC();
		const cpu = process.cpuUsage();
		for (let i = 0; i < records; i += 1) {
			driver.step(i);
			after(driver, i);
		}
		const { user, system } = process.cpuUsage(cpu);
		best = Math.min(best, (user + system) / 1_000_000);
	}
	return best;
}

function liveBytes(): number {
	fullGC();
	// Array buffers are part of it.
	return heapStats().heapSize;
}
