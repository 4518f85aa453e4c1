import { expect, test } from "bun:test";
import type { PublicTrade } from "../../schemas/market.ts";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { opened } from "../archive/envelope.ts";
import { MemoryArchive } from "../archive/memory-archive.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { ArchiveHistory } from "./archive-history.ts";
import { historyContract } from "./history-contract.ts";

const newArchive = () => new MemoryArchive({ scheduler: turnScheduler });

historyContract("an archive in memory", () => ArchiveHistory.open(newArchive()));

function trade(tradeId: number): PublicTrade {
	const ts = 1_700_000_000_000 + tradeId;
	return { symbolId: 1, tradeId, priceTicks: 5, qtyLots: 6, ts, buyerIsMaker: true };
}

function batch(tradeId: number, partition = 0) {
	return { partition, evSeq: tradeId, trades: [trade(tradeId)], aggTrades: [], klines: [] };
}

const ALL = { fromId: 1, startMs: null, endMs: null, limit: 10_000 };

async function idsOf(history: ArchiveHistory, range = ALL): Promise<number[]> {
	return (await history.trades(1, range)).map((t) => t.tradeId);
}

function upTo(n: number): number[] {
	return Array.from({ length: n }, (_, i) => i + 1);
}

test("a thousand batches become few objects, whole, and are found again", async () => {
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	for (const id of upTo(1_000)) await history.write(batch(id));
	await history.close();
	expect((await archive.list("")).length).toBeLessThanOrEqual(2 * 3 * 15);
	const again = await ArchiveHistory.open(archive);
	expect(await again.position(0)).toBe(1_000);
	for (const each of [history, again]) {
		expect(await idsOf(each)).toEqual(upTo(1_000));
		expect(await idsOf(each, { ...ALL, fromId: 500, limit: 3 })).toEqual([500, 501, 502]);
		const newest = { fromId: null, startMs: null, endMs: null, limit: 3 };
		expect(await each.trades(1, newest)).toEqual([998, 999, 1_000].map(trade));
	}
	await again.write(batch(1_001));
	expect(await idsOf(again)).toEqual(upTo(1_001));
});

test("a death anywhere in a merge loses nothing and doubles nothing", async () => {
	for (let calls = 1; calls < 40; calls += 1) {
		const archive = newArchive();
		const history = await ArchiveHistory.open(archive);
		for (const id of upTo(15)) await history.write(batch(id));
		// From here on every call of the archive counts; after so many it answers no more.
		let left = calls;
		const dying = new Proxy(archive, {
			get(target, name: "put" | "get" | "list" | "delete") {
				return async (...words: never[]) => {
					left -= 1;
					if (left < 0) throw new Error("dead");
					return (target[name] as (...all: never[]) => Promise<unknown>)(...words);
				};
			},
		});
		const dead = await ArchiveHistory.open(dying).catch(() => null);
		await dead?.write(batch(16)).catch(() => {});
		await dead?.close();
		const again = await ArchiveHistory.open(archive);
		const position = await again.position(0);
		expect(position).toBeGreaterThanOrEqual(15);
		expect(await idsOf(again)).toEqual(upTo(position));
		await again.write(batch(16));
		expect(await idsOf(again)).toEqual(upTo(16));
		await again.close();
		// What a death left lying beside the merged segment is gone too.
		expect(await archive.list("")).toHaveLength(2);
	}
});

test("what a process that lives no more merges late is seen through", async () => {
	const archive = newArchive();
	const before = await ArchiveHistory.open(archive);
	for (const id of upTo(14)) await before.write(batch(id));
	const [reader, writer] = [await ArchiveHistory.open(archive), await ArchiveHistory.open(archive)];
	for (const id of [15, 16]) await before.write(batch(id));
	await before.close();
	expect(await idsOf(reader)).toEqual(upTo(16));
	for (let id = 15; id <= 40; id += 1) await writer.write(batch(id));
	await writer.close();
	expect((await archive.list("")).length).toBeLessThan(2 * 16);
	for (const each of [writer, await ArchiveHistory.open(archive)]) {
		expect(await idsOf(each)).toEqual(upTo(40));
		expect(await each.position(0)).toBe(40);
	}
});

/** The archive, with something that happens before each of some calls. */
function interrupted(
	archive: MemoryArchive,
	call: "put" | "get",
	before: (name: string) => Promise<unknown>,
): MemoryArchive {
	return new Proxy(archive, {
		get(target, wanted: "put" | "get") {
			return async (name: string, ...rest: never[]) => {
				if (wanted === call) await before(name);
				return (target[wanted] as (...words: unknown[]) => Promise<unknown>)(name, ...rest);
			};
		},
	});
}

test("an opening takes nothing from what another process is writing or merging", async () => {
	const archive = newArchive();
	const busy = interrupted(archive, "put", async (name) => {
		if (name.endsWith("/rows")) await ArchiveHistory.open(archive);
	});
	const history = await ArchiveHistory.open(busy);
	for (const id of upTo(20)) await history.write(batch(id));
	await history.close();
	const again = await ArchiveHistory.open(archive);
	expect(await again.position(0)).toBe(20);
	for (const each of [history, again]) expect(await idsOf(each)).toEqual(upTo(20));
	const names = await archive.list("");
	expect(names.filter((name) => name.endsWith("/bounds"))).toHaveLength(names.length / 2);
});

test("what is written while a merge of another process is found out is not forgotten", async () => {
	const archive = newArchive();
	const before = await ArchiveHistory.open(archive);
	for (const id of upTo(15)) await before.write(batch(id));
	let now: ArchiveHistory | null = null;
	let written: Promise<void> | null = null;
	const watched = interrupted(archive, "get", async (name) => {
		if (now === null || !name.endsWith("/bounds")) return;
		written ??= now.write(batch(17));
		// As long as a write takes, and longer.
		for (let n = 0; n < 10; n += 1) await archive.list("");
	});
	const reader = await ArchiveHistory.open(watched);
	await before.write(batch(16));
	await before.close();
	await reader.write(batch(16));
	now = reader;
	expect(await idsOf(reader)).toEqual(upTo(16));
	await written;
	expect(await reader.position(0)).toBe(17);
	for (let id = 18; id <= 40; id += 1) await reader.write(batch(id));
	await reader.close();
	for (const each of [reader, await ArchiveHistory.open(archive)]) {
		expect(await idsOf(each)).toEqual(upTo(40));
	}
});

test("rows that two processes wrote are there once", async () => {
	const archive = newArchive();
	const before = await ArchiveHistory.open(archive);
	await before.write(batch(1));
	const now = await ArchiveHistory.open(archive);
	await before.write(batch(2));
	await now.write({ ...batch(2), evSeq: 3, trades: [trade(2), trade(3)] });
	const again = await ArchiveHistory.open(archive);
	for (const each of [now, again]) expect(await idsOf(each)).toEqual(upTo(3));
	expect(await again.trades(1, { ...ALL, fromId: null, limit: 2 })).toEqual([trade(2), trade(3)]);
});

test("objects do not grow without end", async () => {
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	const size = 4_000;
	for (let at = 0; at < 16 * size; at += size) {
		const trades = upTo(size).map((n) => trade(at + n));
		await history.write({ ...batch(at + size), trades });
	}
	await history.close();
	expect(await archive.list("")).toHaveLength(2 * 16);
});

test("partitions are apart", async () => {
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	await history.write(batch(5, 0));
	await history.write(batch(7, 1));
	const again = await ArchiveHistory.open(archive);
	expect([await again.position(0), await again.position(1), await again.position(2)]).toEqual([
		5, 7, 0,
	]);
});

test("a segment's name has its first and last event record and its hash, and is held to them", async () => {
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	await history.write(batch(3));
	await history.write(batch(7));
	const names = (await archive.list("")).filter((name) => name.endsWith("/rows"));
	for (const [i, name] of names.entries()) {
		const bytes = (await archive.get(name)) as Uint8Array;
		const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
		const ends = ["0000000000000000-0000000000000003", "0000000000000003-0000000000000007"];
		expect(name).toBe(`history/0/${ends[i]}-0-${hash}/rows`);
	}
	// Whole, but not the one of that name.
	await archive.put(names[0] as string, (await archive.get(names[1] as string)) as Uint8Array);
	const again = await ArchiveHistory.open(archive);
	await expect(idsOf(again)).rejects.toBeInstanceOf(ArchiveCorrupt);
});

test("a segment that is lost between others, or before them, is missed at the opening", async () => {
	for (const lost of [0, 1]) {
		const archive = newArchive();
		const history = await ArchiveHistory.open(archive);
		for (const id of [3, 7, 9]) await history.write(batch(id));
		await history.close();
		const names = (await archive.list("")).filter((name) => name.endsWith("/rows"));
		await archive.delete(names[lost] as string);
		await expect(ArchiveHistory.open(archive)).rejects.toThrow(
			["history/0/ lacks the event records after 0, up to 3", "after 3, up to 7"][lost] as string,
		);
	}
});

test("a lost segment's place is taken by an empty one that an operator puts there", async () => {
	const runbook = await Bun.file("docs/runbooks/history-lost.md").text();
	const [, object = ""] = /echo (\S+) \| base64 -d/.exec(runbook) ?? [];
	const empty = opened(Buffer.from(object, "base64"), "the object of the runbook");
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	for (const id of [3, 7, 9]) await history.write(batch(id));
	await history.close();
	const lost = (await archive.list("")).find((name) => /0003-.*0007-.*rows$/.test(name)) as string;
	const rows = (await archive.get(lost)) as Uint8Array;
	await archive.delete(lost);
	await expect(ArchiveHistory.open(archive)).rejects.toThrow("docs/runbooks/history-lost.md");
	await archive.put("history/0/0000000000000003-0000000000000007-0/rows", empty);
	const again = await ArchiveHistory.open(archive);
	expect(await idsOf(again)).toEqual([3, 9]);
	await again.write(batch(10));
	// It is found after all.
	await archive.put(lost, rows);
	expect(await idsOf(await ArchiveHistory.open(archive))).toEqual([3, 7, 9, 10]);
});

test("what is known of a segment is made again where it is damaged; its rows are whole", async () => {
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	for (const id of [3, 7, 9]) await history.write(batch(id));
	await history.close();
	const damaged = (await archive.list("")).find((name) => name.endsWith("/bounds")) as string;
	let isPut = false;
	const rotten = new Proxy(archive, {
		get(target, method: "put" | "get" | "list" | "delete") {
			return async (name: string, bytes: Uint8Array) => {
				isPut ||= method === "put" && name === damaged;
				if (method === "get" && name === damaged && !isPut) throw new ArchiveCorrupt(name);
				return target[method](name, bytes);
			};
		},
	});
	const again = await ArchiveHistory.open(rotten);
	expect(await again.position(0)).toBe(9);
	expect(await idsOf(again)).toEqual([3, 7, 9]);
	expect(isPut).toBe(true);
});

test("however many segments there are, opening them holds nobody up", async () => {
	const named = upTo(40_000).map((to) => {
		const segment = {
			afterEvSeq: to - 1,
			toEvSeq: to,
			level: 1,
			rows: 9_000,
			bounds: {},
			hash: "h",
		};
		const padded = (n: number) => String(n).padStart(16, "0");
		return [`history/0/${padded(to - 1)}-${padded(to)}-1-h`, segment] as const;
	});
	const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
	const objects = new Map(
		named.flatMap(([name, segment]) => [
			[`${name}/bounds`, bytes(segment)],
			[`${name}/rows`, new Uint8Array()],
		]),
	);
	const archive = {
		get: async (name: string) => objects.get(name) ?? null,
		list: async () => [...objects.keys()],
		put: async () => {},
		delete: async () => {},
	};
	const before = performance.now();
	const history = await ArchiveHistory.open(archive);
	expect(await history.position(0)).toBe(40_000);
	// Some 300 ms; each compared with each it was six seconds, and a lease lasts 1.5.
	expect(performance.now() - before).toBeLessThan(2_000);
});

test("segments whose names have no hash are read, and merged into some that have", async () => {
	const archive = newArchive();
	const history = await ArchiveHistory.open(archive);
	for (const id of upTo(15)) await history.write(batch(id));
	await history.close();
	for (const name of await archive.list("")) {
		const old = name.replace(/-[0-9a-f]{64}\//, "/");
		const bytes = (await archive.get(name)) as Uint8Array;
		const { hash: _, ...bounds } = name.endsWith("/bounds")
			? JSON.parse(new TextDecoder().decode(bytes))
			: { hash: "" };
		const isBounds = name.endsWith("/bounds");
		await archive.put(old, isBounds ? new TextEncoder().encode(JSON.stringify(bounds)) : bytes);
		await archive.delete(name);
	}
	const again = await ArchiveHistory.open(archive);
	expect(await idsOf(again)).toEqual(upTo(15));
	await again.write(batch(16));
	await again.close();
	const names = await archive.list("");
	expect(names).toHaveLength(2);
	expect(names[0]).toMatch(/^history\/0\/0{16}-0{14}16-1-[0-9a-f]{64}\/bounds$/);
	expect(await idsOf(await ArchiveHistory.open(archive))).toEqual(upTo(16));
});
