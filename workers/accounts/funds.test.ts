import { expect, test } from "bun:test";
import type { ExternalIdRow } from "../../schemas/ports/ledger.ts";
import { Funds } from "./funds.ts";

function row(changes: Partial<ExternalIdRow> = {}): ExternalIdRow {
	return {
		userId: 7,
		externalId: "x",
		kind: "deposit",
		assetId: 2,
		amount: 50n,
		partition: 0,
		seq: 3,
		doneAtMs: 0,
		...changes,
	};
}

const all = () => Number.MAX_SAFE_INTEGER;

test("a movement is known by user, kind and the id it has outside", () => {
	const funds = new Funds();
	const entry = funds.begin(row());
	expect(funds.find(7, "deposit", "x")).toBe(entry);
	expect(funds.find(7, "withdrawal", "x")).toBeUndefined();
	expect(funds.find(8, "deposit", "x")).toBeUndefined();
	expect(funds.find(7, "deposit", "y")).toBeUndefined();
	const other = funds.begin(row({ kind: "withdrawal" }));
	expect(funds.find(7, "withdrawal", "x")).toBe(other);
	expect(funds.find(7, "deposit", "x")).toBe(entry);
});

test("it is on its way until its event, and stays known after it", () => {
	const funds = new Funds();
	const entry = funds.begin(row());
	expect([...funds.pending()]).toEqual([entry]);
	funds.finish(entry, 9_000);
	expect([...funds.pending()]).toEqual([]);
	expect(funds.find(7, "deposit", "x")?.row).toEqual(row({ doneAtMs: 9_000 }));
});

test("a refused one moved nothing: its id is free, and the ledger is told so", () => {
	const funds = new Funds();
	funds.refuse(funds.begin(row()), 9_000);
	expect(funds.find(7, "deposit", "x")).toBeUndefined();
	expect([...funds.pending()]).toEqual([]);
	expect(funds.takeDirty(all)).toEqual([row({ amount: 0n, doneAtMs: 9_000 })]);
});

test("what is done is in its user's history: as its event came, and as the ledger had it", () => {
	const funds = new Funds();
	funds.load(row({ externalId: "loaded", doneAtMs: 8_000 }));
	funds.load(row({ externalId: "waits" }));
	funds.load(row({ externalId: "refused", amount: 0n, doneAtMs: 7_000 }));
	const range = { assetId: 0, externalIds: [], startMs: 0, endMs: 10_000, offset: 0, limit: 10 };
	const ids = (userId: number, kind: "deposit" | "withdrawal") =>
		funds
			.done(userId, kind)
			?.newest(range)
			.map(({ externalId }) => externalId);
	expect(ids(7, "deposit")).toEqual(["loaded"]);
	const entry = funds.begin(row());
	expect(ids(7, "deposit")).toEqual(["loaded"]);
	funds.finish(entry, 9_000);
	funds.refuse(funds.begin(row({ externalId: "no" })), 9_500);
	expect(ids(7, "deposit")).toEqual(["x", "loaded"]);
	expect(ids(7, "withdrawal")).toBeUndefined();
	expect(ids(8, "deposit")).toBeUndefined();
});

test("what the ledger had is known, on its way or done, and not written back", () => {
	const funds = new Funds();
	funds.load(row());
	funds.load(row({ externalId: "done", doneAtMs: 5 }));
	expect([...funds.pending()].map((entry) => entry.row.externalId)).toEqual(["x"]);
	expect(funds.find(7, "deposit", "done")?.row.doneAtMs).toBe(5);
	expect(funds.isDirty()).toBe(false);
});

test("the ledger gets what the log has, once; the rest waits", () => {
	const funds = new Funds();
	funds.begin(row({ seq: 3 }));
	funds.begin(row({ externalId: "later", seq: 4 }));
	funds.begin(row({ externalId: "elsewhere", partition: 1, seq: 9 }));
	const logged = (partition: number) => (partition === 0 ? 3 : 8);
	expect(funds.takeDirty(logged)).toEqual([row({ seq: 3 })]);
	expect(funds.isDirty()).toBe(true);
	const more = (partition: number) => (partition === 0 ? 4 : 8);
	expect(funds.takeDirty(more).map(({ externalId }) => externalId)).toEqual(["later"]);
	expect(funds.isDirty()).toBe(true);
	expect(funds.takeDirty(all).map(({ externalId }) => externalId)).toEqual(["elsewhere"]);
	expect(funds.isDirty()).toBe(false);
	expect(funds.takeDirty(all)).toEqual([]);
});

test("one that ends before it was written is written once, as it is now", () => {
	const funds = new Funds();
	const entry = funds.begin(row());
	funds.finish(entry, 9_000);
	expect(funds.takeDirty(all)).toEqual([row({ doneAtMs: 9_000 })]);
	const late = funds.begin(row({ externalId: "late" }));
	funds.takeDirty(all);
	funds.finish(late, 9_500);
	expect(funds.takeDirty(all)).toEqual([row({ externalId: "late", doneAtMs: 9_500 })]);
});

test("one that was refused and is done again at once is written once, as the later of the two", () => {
	const funds = new Funds();
	funds.refuse(funds.begin(row({ seq: 3 })), 9_000);
	const again = funds.begin(row({ seq: 4 }));
	const logged = () => 3;
	// Until the log has the second, the ledger is told of the first.
	expect(funds.takeDirty(logged)).toEqual([row({ seq: 3, amount: 0n, doneAtMs: 9_000 })]);
	expect(funds.takeDirty(all)).toEqual([row({ seq: 4 })]);
	funds.refuse(again, 9_500);
	funds.finish(funds.begin(row({ seq: 5 })), 9_600);
	expect(funds.takeDirty(all)).toEqual([row({ seq: 5, doneAtMs: 9_600 })]);
});

test("a start reads both before what became of the first, which the ledger has", () => {
	const funds = new Funds();
	funds.load(row({ seq: 3 }));
	funds.begin(row({ seq: 4 }));
	const first = funds.onItsWay(0, 3);
	const second = funds.onItsWay(0, 4);
	funds.refuse(first, 9_000);
	funds.finish(second, 9_100);
	expect([...funds.pending()]).toEqual([]);
	for (const seq of [3, 4, 5]) expect(() => funds.onItsWay(0, seq)).toThrow("was on its way");
	expect(funds.find(7, "deposit", "x")?.row.doneAtMs).toBe(9_100);
	expect(funds.takeDirty(all)).toEqual([row({ seq: 4, doneAtMs: 9_100 })]);
});

test("who asked again is woken once, when it is done or refused", () => {
	const funds = new Funds();
	const told: string[] = [];
	const first = funds.begin(row());
	const second = funds.begin(row({ externalId: "y" }));
	first.waiters.push(() => told.push("first"));
	second.waiters.push(() => told.push("second"));
	expect(funds.takeWoken()).toEqual([]);
	funds.finish(first, 9_000);
	for (const run of funds.takeWoken()) run();
	expect(told).toEqual(["first"]);
	expect(funds.takeWoken()).toEqual([]);
	funds.refuse(second, 9_000);
	for (const run of funds.takeWoken()) run();
	expect(told).toEqual(["first", "second"]);
});
