/**
 * nodejs-order-book on an OBW1 file, one book per symbol; FILE and the package's folder as arguments,
 * questions on stdin as for the other contenders. Its `modify` does not match and takes no reduce that
 * keeps its place: a re-price is a cancel and a new order, a reduce is left out and counted.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [file, packages] = process.argv.slice(2);
const { OrderBook } = createRequire(`${packages}/package.json`)("nodejs-order-book");
const bytes = readFileSync(file);
const header = new DataView(bytes.buffer, bytes.byteOffset, 64);
const records = header.getUint32(8, true);
const symbols = header.getUint32(12, true);
const start = bytes.byteOffset + 64;
const words = new Uint32Array(bytes.buffer.slice(start, start + records * 24));
const ids = Array.from({ length: header.getUint32(16, true) + 1 }, (_, id) => `${id}`);
const sides = ["buy", "sell"];

class Run {
	books = Array.from({ length: symbols }, () => new OrderBook());
	hash = 0x811c9dc5;
	fills = 0;
	volume = 0;
	notional = 0n;
	skipped = 0;

	step(i) {
		const at = i * 6;
		const head = words[at];
		const book = this.books[head >>> 16];
		const id = words[at + 2];
		const op = head & 0xff;
		if (op === 2) {
			book.cancel(ids[id]);
			return;
		}
		if (op === 5) {
			this.skipped += 1;
			return;
		}
		if (op === 4) book.cancel(ids[id]);
		const size = words[at + 4];
		const result = book.limit({
			id: ids[id],
			side: sides[(head >>> 8) & 1],
			size,
			price: words[at + 3],
			timeInForce: op === 3 ? "IOC" : "GTC",
		});
		this.take(id, size, result);
	}

	/** Makers in order: those filled whole, then the one filled in part. The taker is among them. */
	take(takerId, size, { done, partial, partialQuantityProcessed, quantityLeft }) {
		let left = size - quantityLeft;
		for (const order of done) {
			if (left === 0) return;
			if (order.id === ids[takerId]) continue;
			this.fill(order, takerId, order.size);
			left -= order.size;
		}
		if (left > 0 && partial !== null && partial.id !== ids[takerId]) {
			this.fill(partial, takerId, partialQuantityProcessed);
		}
	}

	fill(maker, takerId, qty) {
		for (const x of [Number(maker.id), takerId, maker.price, qty]) {
			this.hash = Math.imul(this.hash ^ x, 0x01000193);
		}
		this.fills += 1;
		this.volume += qty;
		this.notional += BigInt(maker.price) * BigInt(qty);
	}
}

function throughput() {
	const run = new Run();
	const cpu = process.cpuUsage();
	const begin = performance.now();
	for (let i = 0; i < records; i += 1) run.step(i);
	const seconds = (performance.now() - begin) / 1_000;
	const { user, system } = process.cpuUsage(cpu);
	let restingOrders = 0;
	let restingQty = 0;
	for (const book of run.books) {
		for (const side of ["bids", "asks"]) {
			for (const { orders } of book.snapshot()[side]) {
				restingOrders += orders.length;
				for (const order of orders) restingQty += order.size;
			}
		}
	}
	return {
		commands: records,
		seconds,
		cpuSeconds: (user + system) / 1_000_000,
		fills: run.fills,
		volume: `${run.volume}`,
		notional: `${run.notional}`,
		hash: run.hash >>> 0,
		restingOrders,
		restingQty: `${restingQty}`,
		skipped: run.skipped,
	};
}

function latency() {
	const run = new Run();
	const times = new Float64Array(records);
	let last = performance.now();
	for (let i = 0; i < records; i += 1) {
		run.step(i);
		const now = performance.now();
		times[i] = now - last;
		last = now;
	}
	times.sort();
	const at = (part) => Math.round((times[Math.ceil(records * part) - 1] ?? 0) * 1e6);
	return { p50Ns: at(0.5), p99Ns: at(0.99), p999Ns: at(0.999) };
}

function memory() {
	globalThis.gc();
	const before = used();
	const run = new Run();
	for (let i = 0; i < records; i += 1) run.step(i);
	globalThis.gc();
	const bytes = used() - before;
	let orders = 0;
	for (const book of run.books) {
		const { bids, asks } = book.snapshot();
		for (const level of [...bids, ...asks]) orders += level.orders.length;
	}
	return { bytesPerRestingOrder: bytes / Math.max(1, orders) };
}

function used() {
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

for await (const line of createInterface({ input: process.stdin })) {
	const answer = { throughput, latency, memory }[line]();
	console.log(JSON.stringify(answer));
}
