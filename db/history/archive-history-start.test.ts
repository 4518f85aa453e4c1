/** What a start of history costs in calls of the archive, and what a merge that fails leaves. */
import { expect, test } from "bun:test";
import type { Archive } from "../../schemas/ports/archive.ts";
import { MemoryArchive } from "../archive/memory-archive.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { ArchiveHistory } from "./archive-history.ts";

const ALL = { fromId: 1, startMs: null, endMs: null, limit: 10_000 };

function batch(tradeId: number) {
	const ts = 1_700_000_000_000 + tradeId;
	const trade = { symbolId: 1, tradeId, priceTicks: 5, qtyLots: 6, ts, buyerIsMaker: true };
	return { partition: 0, evSeq: tradeId, trades: [trade], aggTrades: [], klines: [] };
}

function upTo(n: number): number[] {
	return Array.from({ length: n }, (_, i) => i + 1);
}

async function idsOf(history: ArchiveHistory): Promise<number[]> {
	return (await history.trades(1, ALL)).map((t) => t.tradeId);
}

/** Segments of one trade each that are as large as they may become: they are not merged any more. */
async function full(count: number): Promise<MemoryArchive> {
	const archive = new MemoryArchive({ scheduler: turnScheduler });
	const put = (name: string, value: unknown) =>
		archive.put(name, new TextEncoder().encode(JSON.stringify(value)));
	for (const id of upTo(count)) {
		const rows = [1, [[1, id, 5, 6, 1_700_000_000_000 + id, 1]], [], []];
		const bytes = new TextEncoder().encode(JSON.stringify(rows));
		const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
		const span = { low: id, high: id };
		const times = { low: 1_700_000_000_000 + id, high: 1_700_000_000_000 + id };
		const bounds = { "trades/1": { ids: span, times } };
		const padded = (n: number) => String(n).padStart(16, "0");
		const name = `history/0/${padded(id - 1)}-${padded(id)}-1-${hash}`;
		const segment = { afterEvSeq: id - 1, toEvSeq: id, level: 1, hash, rows: 9_000, bounds };
		await put(`${name}/bounds`, segment);
		await archive.put(`${name}/rows`, bytes);
	}
	return archive;
}

/** The archive, whose calls are told first, and may fail. */
function watched(archive: Archive, before: (call: string, name: string) => void): Archive {
	return new Proxy(archive, {
		get(target, call: "put" | "get" | "list" | "delete") {
			return async (name: string, bytes: Uint8Array) => {
				before(call, name);
				return target[call](name, bytes);
			};
		},
	});
}

test("a start reads few objects, however many segments are too large to be merged", async () => {
	const archive = await full(1_000);
	const history = await ArchiveHistory.open(archive);
	for (let id = 1_001; id <= 1_012; id += 1) await history.write(batch(id));
	await history.close();
	let gets = 0;
	const counted = watched(archive, (call) => {
		if (call === "get") gets += 1;
	});
	const again = await ArchiveHistory.open(counted);
	expect(gets).toBeLessThan(300);
	expect(await idsOf(again)).toEqual(upTo(1_012));
});

test("an index that is lost, stale or was never put costs reads, and nothing else", async () => {
	const archive = await full(400);
	const history = await ArchiveHistory.open(
		watched(archive, (call, name) => {
			if (call === "put" && name.includes("/index/")) throw new Error("SlowDown");
		}),
	);
	await history.write(batch(401));
	await history.close();
	const indexed = async () => (await archive.list("history/0/index/")).length;
	expect(await indexed()).toBe(0);
	const next = await ArchiveHistory.open(archive);
	await next.write(batch(402));
	await next.close();
	expect(await indexed()).toBe(1);
	// It names one that is there no more: what is lost is still missed.
	const [, lost] = (await archive.list("history/0/0")).filter((name) => name.endsWith("/rows"));
	const rows = (await archive.get(lost as string)) as Uint8Array;
	await archive.delete(lost as string);
	await expect(ArchiveHistory.open(archive)).rejects.toThrow("lacks the event records after 1");
	await archive.put(lost as string, rows);
	for (const name of await archive.list("history/0/index/")) await archive.delete(name);
	expect(await idsOf(await ArchiveHistory.open(archive))).toEqual(upTo(402));
});

test("a merge that fails is told, tried again with the next batch, and removes what it left", async () => {
	for (const failing of ["put", "delete"]) {
		const archive = new MemoryArchive({ scheduler: turnScheduler });
		let isFailing = false;
		const merged = `${"0".repeat(16)}-${"16".padStart(16, "0")}-1`;
		const faulty = watched(archive, (call, name) => {
			const isMerge = call === "delete" || name.includes(merged);
			if (isFailing && call === failing && isMerge) throw new Error("SlowDown");
		});
		const told: string[] = [];
		const onMergeFailed = (_: number, error: unknown) => told.push(String(error));
		const history = await ArchiveHistory.open(faulty, [0], onMergeFailed);
		for (const id of upTo(15)) await history.write(batch(id));
		isFailing = true;
		await history.write(batch(16));
		expect(await idsOf(history)).toEqual(upTo(16));
		expect(told).toEqual(["Error: SlowDown"]);
		// Killed here: whoever comes next has each once.
		expect(await idsOf(await ArchiveHistory.open(archive, [0]))).toEqual(upTo(16));
		isFailing = false;
		await history.write(batch(17));
		await history.close();
		expect(await archive.list("")).toHaveLength(2 * 2);
		expect(await idsOf(await ArchiveHistory.open(archive))).toEqual(upTo(17));
		expect(told).toHaveLength(1);
	}
});

test("a merged object whose parts could not be removed does not leave them beside it", async () => {
	const archive = new MemoryArchive({ scheduler: turnScheduler });
	let isFailing = true;
	const history = await ArchiveHistory.open(
		watched(archive, (call) => {
			if (isFailing && call === "delete") throw new Error("SlowDown");
		}),
	);
	for (const id of upTo(16)) await history.write(batch(id));
	await history.position(0);
	isFailing = false;
	await history.write(batch(17));
	await history.close();
	expect(await archive.list("")).toHaveLength(2 * 2);
});

test("a writer whose list is stale merges again once it has looked", async () => {
	const archive = new MemoryArchive({ scheduler: turnScheduler });
	const before = await ArchiveHistory.open(archive);
	for (const id of upTo(15)) await before.write(batch(id));
	const stale = await ArchiveHistory.open(archive);
	await before.write(batch(16));
	await before.close();
	for (const id of [16, 17]) await stale.write(batch(id));
	await stale.close();
	expect(await archive.list("")).toHaveLength(2 * 2);
	expect(await idsOf(await ArchiveHistory.open(archive))).toEqual(upTo(17));
});
