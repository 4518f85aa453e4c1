import { parseArgs } from "node:util";
import { accountMethods } from "../../schemas/link/account-methods.ts";
import { RowReader, type Scalar } from "../../schemas/link/shape.ts";
import type { Caller, PlaceAnswer, PlaceRequest } from "../../schemas/ports/account-service.ts";

export const USAGE =
	"bun run bench link: what an order costs on a link, beside the socket; no options";

/** Orders that share a frame, as at some thousands of orders a second. */
const BATCH = 16;
const WARM_UP = 3_000;
const ROUNDS = 10_000;

const NOW_MS = 1_795_392_000_000;
const { args: asking, value: answering } = accountMethods.placeOrder;

const caller: Caller = {
	userId: 1_234,
	keyId: 77,
	keyGeneration: 1,
	signatureDigest: "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
	timestampMs: NOW_MS,
	recvWindowMs: 5_000,
};
const request: PlaceRequest = {
	...{ symbolId: 1, side: 0, type: 0, timeInForce: 0, byQuote: false, stpMode: 1 },
	...{ priceTicks: 6_000_000, qtyLots: 1_000, stopPriceTicks: 0, displayLots: 0 },
	...{ clientOrderId: "x-A1b2C3d4E5f6G7h8I9j0", clientIdGiven: true, quoteTickLots: 0 },
	...{ strategyId: 0, strategyType: 0 },
};
const answer: PlaceAnswer = {
	order: {
		...request,
		...{ capTickLots: 0, makerFeePpm: 1_000, takerFeePpm: 1_000, partition: 0, shard: 1 },
		...{ seq: 123_456, orderId: 9_999_999, userId: 1_234, status: 2, expiryReason: 0 },
		...{ cumQtyLots: 200, cumTickLots: 1_200_000_000, preventedLots: 0, preventedTickLots: 0 },
		...{ preventedMatchId: 0, holdAssetId: 2, heldAmount: 480_000_000_000n, evSeq: 765_432 },
		...{ createdAtMs: NOW_MS, updatedAtMs: NOW_MS, workingAtMs: NOW_MS },
	},
	fills: [
		{
			...{ partition: 0, symbolId: 1, tradeId: 5_555, orderId: 9_999_999, userId: 1_234 },
			...{ side: 0, isMaker: false, priceTicks: 6_000_000, qtyLots: 200 },
			...{ feeAmount: 200n, feeAssetId: 1, ts: NOW_MS, evSeq: 765_432 },
		},
	],
	transactMs: NOW_MS,
	orderCounts: [
		{ intervalMs: 10_000, limit: 50, count: 3 },
		{ intervalMs: 86_400_000, limit: 160_000, count: 300 },
	],
};
const command = { partition: 0, shard: 1, epoch: 3, seq: 123_456 };

/** One frame each way. */
function frames(head: Scalar[], write: (row: Scalar[]) => void): string {
	const rows: Scalar[][] = [];
	for (let i = 0; i < BATCH; i++) {
		const row = [...head];
		write(row);
		rows.push(row);
	}
	return JSON.stringify(rows);
}

function read(frame: string, headLength: number, take: (reader: RowReader) => void): void {
	for (const row of JSON.parse(frame) as Scalar[][]) {
		const reader = new RowReader(row, headLength);
		take(reader);
		reader.end();
	}
}

const STEPS = ["gateway writes", "worker reads", "worker writes", "gateway reads"] as const;

/** `bun run bench link` */
export async function main(args: string[]): Promise<void> {
	parseArgs({ args, options: {} });
	const spent = [0, 0, 0, 0];
	let bytes = 0;
	let cpu = process.cpuUsage();
	for (let round = -WARM_UP; round < ROUNDS; round++) {
		if (round === 0) {
			spent.fill(0);
			cpu = process.cpuUsage();
		}
		const marks = [performance.now()];
		const asked = frames([3, 1, 1, 0, "placeOrder"], (row) => asking.write([caller, request], row));
		marks.push(performance.now());
		read(asked, 5, (reader) => asking.read(reader));
		marks.push(performance.now());
		const told = frames([4, 1, 0], (row) =>
			answering.write({ ok: true, value: answer, command }, row),
		);
		marks.push(performance.now());
		read(told, 3, (reader) => answering.read(reader));
		marks.push(performance.now());
		for (let i = 0; i < 4; i++) spent[i]! += marks[i + 1]! - marks[i]!;
		bytes = asked.length + told.length;
	}
	cpu = process.cpuUsage(cpu);
	const microseconds = spent.map((ms) => (ms / ROUNDS / BATCH) * 1_000);
	for (const [i, step] of STEPS.entries()) {
		console.log(`${step.padEnd(16)}${microseconds[i]!.toFixed(2)} µs`);
	}
	const all = microseconds.reduce((sum, one) => sum + one, 0);
	console.log(`an order        ${all.toFixed(2)} µs, ${Math.round(bytes / BATCH)} bytes both ways`);
	// Of all threads, collection included; what else runs on the machine counts less.
	const cpuMicroseconds = (cpu.user + cpu.system) / ROUNDS / BATCH;
	console.log(`CPU             ${cpuMicroseconds.toFixed(2)} µs`);
}
