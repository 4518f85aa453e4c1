import { describe, expect, test } from "bun:test";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { systemClock } from "../machine/system-time.ts";
import { ledgerContract } from "./contract/ledger-contract.ts";
import { sampleBatch, sampleTransfer } from "./contract/ledger-samples.ts";
import { microtaskScheduler } from "./contract/microtask-scheduler.ts";
import { MemoryDatabase } from "./memory-database.ts";
import { type LedgerFault, MemoryLedger } from "./memory-ledger.ts";
import { MemoryUsers } from "./memory-users.ts";

ledgerContract("MemoryLedger", async () => {
	const database = new MemoryDatabase();
	const ledger = new MemoryLedger({ database, clock: systemClock, scheduler: microtaskScheduler });
	return {
		ledger,
		users: new MemoryUsers(database, microtaskScheduler),
		transfers: async (shard) => database.transfers(shard),
		close: () => ledger.close(),
	};
});

describe("MemoryLedger's faults", () => {
	function faulty(faults: LedgerFault[]) {
		const database = new MemoryDatabase();
		const fault = () => faults.shift() ?? "ok";
		return {
			database,
			ledger: new MemoryLedger({
				...{ database, clock: systemClock, scheduler: microtaskScheduler, fault },
			}),
		};
	}
	const batch = sampleBatch(1, 1, { transfers: [sampleTransfer(0)] });

	test("a lost answer was committed, and the same batch again says so", async () => {
		const { database, ledger } = faulty(["lost answer"]);
		await ledger.raiseEpoch(1, 0);
		await expect(ledger.commit(1, batch)).rejects.toBeInstanceOf(LedgerUnavailable);
		expect(database.load(1).batch).toBe(1);
		expect(await ledger.commit(1, batch)).toBe("committed");
		expect(database.transfers(1)).toHaveLength(1);
	});

	test("what is not done leaves nothing", async () => {
		const { database, ledger } = faulty(["not done"]);
		await ledger.raiseEpoch(1, 0);
		await expect(ledger.commit(1, batch)).rejects.toBeInstanceOf(LedgerUnavailable);
		expect(database.load(1).batch).toBe(0);
	});

	test("what was sent before close is done, what comes after is not", async () => {
		const { database, ledger } = faulty([]);
		await ledger.raiseEpoch(1, 0);
		const sent = ledger.commit(1, batch);
		await ledger.close();
		expect(await sent).toBe("committed");
		await expect(ledger.commit(1, sampleBatch(1, 2))).rejects.toBeInstanceOf(LedgerUnavailable);
		expect(database.load(1).batch).toBe(1);
	});
});

test("a backup restores every shard to what it was, as often as it is asked to", async () => {
	const database = new MemoryDatabase();
	database.raiseEpoch(1, 0);
	database.commit(1, sampleBatch(1, 1, { transfers: [sampleTransfer(0)] }));
	const before = database.load(1);
	const restore = database.backup();
	for (const batch of [2, 2]) {
		database.commit(1, sampleBatch(1, batch, { transfers: [sampleTransfer(batch)] }));
		database.raiseEpoch(2, 0);
		restore();
		expect(database.load(1)).toEqual(before);
		expect(database.transfers(1)).toHaveLength(1);
		expect(database.raiseEpoch(2, 0)).toBe(1);
	}
});
