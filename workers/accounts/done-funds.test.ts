import { expect, test } from "bun:test";
import type { FundsHistoryRequest } from "../../schemas/ports/account-service.ts";
import type { ExternalIdRow } from "../../schemas/ports/ledger.ts";
import { DoneFunds } from "./done-funds.ts";

function row(id: number, changes: Partial<ExternalIdRow> = {}): ExternalIdRow {
	return {
		...{ userId: 7, externalId: `x${id}`, kind: "deposit", assetId: 2, amount: 50n },
		...{ partition: 0, seq: id, doneAtMs: 1_000 + id },
		...changes,
	};
}

const ALL = { assetId: 0, externalIds: [], startMs: 0, endMs: 9_000, offset: 0, limit: 1_000 };

function idsOf(done: DoneFunds, changes: Partial<FundsHistoryRequest> = {}) {
	return done.newest({ ...ALL, ...changes }).map(({ externalId }) => externalId);
}

test("the newest come first, whatever order they were loaded in", () => {
	const done = new DoneFunds();
	expect(idsOf(done)).toEqual([]);
	for (const id of [3, 1, 2]) done.add(row(id));
	expect(idsOf(done)).toEqual(["x3", "x2", "x1"]);
	for (const id of [4, 5]) done.add(row(id, { doneAtMs: 1_004 }));
	expect(idsOf(done)).toEqual(["x5", "x4", "x3", "x2", "x1"]);
});

test("by asset, by ids, within bounds that are meant, and page after page", () => {
	const done = new DoneFunds();
	for (const id of [1, 2, 3, 4, 5, 6]) done.add(row(id, { assetId: 1 + (id % 2) }));
	expect(idsOf(done, { assetId: 2 })).toEqual(["x5", "x3", "x1"]);
	expect(idsOf(done, { externalIds: ["x2", "x5", "none"] })).toEqual(["x5", "x2"]);
	expect(idsOf(done, { startMs: 1_002, endMs: 1_004 })).toEqual(["x4", "x3", "x2"]);
	expect(idsOf(done, { limit: 2 })).toEqual(["x6", "x5"]);
	expect(idsOf(done, { assetId: 1, offset: 1, limit: 1 })).toEqual(["x4"]);
	expect(idsOf(done, { offset: 6 })).toEqual([]);
});
