import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../../schemas/invariant.ts";
import type { ExternalIdRow, Ledger, TransferRow } from "../../../schemas/ports/ledger.ts";
import type { Users } from "../../../schemas/ports/users.ts";
import {
	HUGE,
	sampleBatch,
	sampleOrder,
	samplePosition,
	samplePrices,
	sampleTransfer,
} from "./ledger-samples.ts";

/** A ledger under test, and what the suite must see beside it. */
export interface LedgerSubject {
	readonly ledger: Ledger;
	/** On the same database. */
	readonly users: Users;
	/** Every transfer of a shard, by partition, evSeq, n. */
	transfers(shard: number): Promise<readonly TransferRow[]>;
	close(): Promise<void>;
}

/** What every `Ledger` must do. Each test uses a shard of its own. */
export function ledgerContract(name: string, open: () => Promise<LedgerSubject>): void {
	describe(`${name} keeps the contract of a ledger`, () => {
		let subject: LedgerSubject;
		let lastShard = 0;
		beforeAll(async () => {
			subject = await open();
		}, 60_000);
		afterAll(() => subject.close());

		async function freshShard(): Promise<{ shard: number; ledger: Ledger }> {
			lastShard += 1;
			await subject.ledger.raiseEpoch(lastShard, 0);
			return { shard: lastShard, ledger: subject.ledger };
		}

		test("an unknown shard is empty", async () => {
			expect(await subject.ledger.load(32_000)).toMatchObject({
				epoch: 0,
				batch: 0,
				balances: [],
				openOrders: [],
				logId: null,
				positions: [],
				prices: [],
				config: { assets: [], symbols: [] },
			});
		});

		test("its clock is one that goes", async () => {
			const { ledger } = subject;
			const before = await ledger.clockMs();
			const after = await ledger.clockMs();
			expect(Number.isSafeInteger(before)).toBe(true);
			expect(after).toBeGreaterThanOrEqual(before);
			// The tests' server is on this machine.
			expect(Math.abs(after - Date.now())).toBeLessThan(5_000);
		});

		test("an epoch rises by one, or to the floor, and never twice to the same", async () => {
			const { ledger } = subject;
			expect(await ledger.raiseEpoch(1_001, 0)).toBe(1);
			expect(await ledger.raiseEpoch(1_001, 0)).toBe(2);
			expect(await ledger.raiseEpoch(1_001, 10)).toBe(10);
			expect(await ledger.raiseEpoch(1_001, 4)).toBe(11);
			expect(await ledger.raiseEpoch(1_002, 5)).toBe(5);
			const many = await Promise.all([1, 2, 3, 4].map(() => ledger.raiseEpoch(1_002, 0)));
			expect([...many].sort()).toEqual([6, 7, 8, 9]);
		});

		test("loads what was committed, to the last unit", async () => {
			const { shard, ledger } = await freshShard();
			const order = sampleOrder(1, { shard });
			const market = sampleOrder(2, {
				shard,
				byQuote: true,
				heldAmount: 0n,
				clientOrderId: 'a"\\{,}',
			});
			const balances = [
				{ accountId: -100, assetId: 2, available: -HUGE, held: 0n },
				{ accountId: 7, assetId: 1, available: 0n, held: 1n },
				{ accountId: 7, assetId: 2, available: HUGE, held: HUGE },
			];
			const recentClientIds = [
				{ userId: 7, clientOrderId: "null", finishedAtMs: 1_700_000_000_000 },
				{ userId: 7, clientOrderId: "x y", finishedAtMs: 1_700_000_000_005 },
			];
			const externalIds: ExternalIdRow[] = [
				{
					userId: 7,
					externalId: "in-1",
					kind: "deposit",
					assetId: 2,
					amount: HUGE,
					partition: 0,
					seq: 3,
					doneAtMs: 0,
				},
			];
			const positions = [samplePosition(0), samplePosition(1, { hash: "ffffffffffffffff" })];
			const prices = [
				samplePrices(1, { bidTicks: 9_007_199_254_740_990, lastTradeId: 9_007_199_254_740_991 }),
				samplePrices(2, { bidTicks: 0, askTicks: 0, lastTicks: 0, lastTradeId: 0 }),
			];
			const config = {
				assets: [{ assetId: 1, asset: "BTC", name: 'Bit"coin', decimals: 8 }],
				symbols: [],
			};
			const outcome = await ledger.commit(
				shard,
				sampleBatch(1, 1, {
					balances,
					newOrders: [order],
					openOrders: [market],
					transfers: [sampleTransfer(0), sampleTransfer(1, { externalId: "é'\"" })],
					recentClientIds,
					externalIds,
					positions,
					prices,
					config,
				}),
			);
			expect(outcome).toBe("committed");
			expect(await ledger.load(shard)).toMatchObject({
				batch: 1,
				balances,
				openOrders: [order, market],
				recentClientIds,
				externalIds,
				logId: "log",
				positions,
				prices,
				config,
			});
			const { epoch } = await ledger.load(shard);
			expect(await ledger.positions(shard)).toEqual({ epoch, logId: "log", positions });
			expect(await ledger.positions(30_000)).toEqual({ epoch: 0, logId: null, positions: [] });
			expect(await ledger.raiseEpoch(30_001, 7)).toBe(7);
			expect(await ledger.positions(30_001)).toEqual({ epoch: 7, logId: null, positions: [] });
			expect(await subject.transfers(shard)).toEqual([
				sampleTransfer(0),
				sampleTransfer(1, { externalId: "é'\"" }),
			]);
		});

		test("a later batch replaces values, closes orders, keeps the rest", async () => {
			const { shard, ledger } = await freshShard();
			const config = { assets: [{ assetId: 1, asset: "A", name: "A", decimals: 2 }], symbols: [] };
			const kept = sampleOrder(2, { shard });
			await ledger.commit(
				shard,
				sampleBatch(1, 1, {
					balances: [
						{ accountId: 7, assetId: 1, available: 5n, held: 0n },
						{ accountId: 8, assetId: 1, available: 6n, held: 0n },
					],
					newOrders: [sampleOrder(1, { shard }), kept, sampleOrder(1, { shard, partition: 1 })],
					positions: [samplePosition(0), samplePosition(1)],
					prices: [samplePrices(1), samplePrices(2)],
					config,
				}),
			);
			const moved = samplePosition(1, { evSeq: 41, lastTs: 1_700_000_000_009 });
			const fallen = { symbolId: 2, bidTicks: 88, askTicks: 90, lastTicks: 89, lastTradeId: 10 };
			const shrunk = { ...kept, cumQtyLots: 3, heldAmount: 9n };
			await ledger.commit(
				shard,
				sampleBatch(1, 2, {
					balances: [{ accountId: 7, assetId: 1, available: 4n, held: 1n }],
					openOrders: [shrunk],
					closedOrders: [
						{ partition: 0, seq: 1 },
						{ partition: 0, seq: 77 },
					],
					positions: [moved],
					prices: [fallen],
				}),
			);
			const state = await ledger.load(shard);
			expect(state.batch).toBe(2);
			expect(state.balances).toEqual([
				{ accountId: 7, assetId: 1, available: 4n, held: 1n },
				{ accountId: 8, assetId: 1, available: 6n, held: 0n },
			]);
			expect(state.openOrders).toEqual([shrunk, sampleOrder(1, { shard, partition: 1 })]);
			expect(state.positions).toEqual([samplePosition(0), moved]);
			expect(state.prices).toEqual([samplePrices(1), fallen]);
			expect(state.config).toEqual(config);
		});

		test("client ids go when they are old, external ids are completed", async () => {
			const { shard, ledger } = await freshShard();
			const deposit: ExternalIdRow = {
				userId: 7,
				externalId: "1",
				kind: "deposit",
				assetId: 1,
				amount: 4n,
				partition: 0,
				seq: 3,
				doneAtMs: 0,
			};
			const withdrawal: ExternalIdRow = { ...deposit, kind: "withdrawal" };
			const ids = [10, 20, 30].map((at) => ({
				userId: 7,
				clientOrderId: `c${at}`,
				finishedAtMs: at,
			}));
			await ledger.commit(
				shard,
				sampleBatch(1, 1, { recentClientIds: ids, externalIds: [deposit, withdrawal] }),
			);
			const again = { userId: 7, clientOrderId: "c10", finishedAtMs: 40 };
			await ledger.commit(
				shard,
				sampleBatch(1, 2, {
					recentClientIds: [again],
					forgetClientIdsBeforeMs: 30,
					externalIds: [{ ...deposit, doneAtMs: 99 }],
				}),
			);
			const state = await ledger.load(shard);
			expect(state.recentClientIds).toEqual([ids[2]!, again]);
			expect(state.externalIds).toEqual([{ ...deposit, doneAtMs: 99 }, withdrawal]);
		});

		test("tells the transfers of one partition after an event, in their order", async () => {
			const { shard, ledger } = await freshShard();
			const [early, late] = [sampleTransfer(0), sampleTransfer(1, { evSeq: 41 })];
			const later = sampleTransfer(0, { evSeq: 41 });
			const elsewhere = sampleTransfer(0, { partition: 1, evSeq: 90 });
			await ledger.commit(shard, sampleBatch(1, 1, { transfers: [late, elsewhere, early, later] }));
			expect(await ledger.transfersAfter(shard, 0, 40)).toEqual([later, late]);
			expect(await ledger.transfersAfter(shard, 0, 0)).toEqual([early, later, late]);
			expect(await ledger.transfersAfter(shard, 1, 0)).toEqual([elsewhere]);
			expect(await ledger.transfersAfter(shard, 0, 41)).toEqual([]);
			expect(await ledger.transfersAfter(30_000, 0, 0)).toEqual([]);
		});

		test("the same batch again is committed once", async () => {
			const { shard, ledger } = await freshShard();
			const batch = sampleBatch(1, 1, {
				balances: [{ accountId: 7, assetId: 1, available: 5n, held: 0n }],
				transfers: [sampleTransfer(0)],
			});
			expect(await ledger.commit(shard, batch)).toBe("committed");
			expect(await ledger.commit(shard, batch)).toBe("committed");
			expect(await ledger.commit(shard, sampleBatch(1, 2))).toBe("committed");
			const altered = { ...batch, balances: [{ ...batch.balances[0]!, available: 6n }] };
			expect(await ledger.commit(shard, altered)).toBe("committed");
			expect((await ledger.load(shard)).balances[0]?.available).toBe(5n);
			expect(await subject.transfers(shard)).toHaveLength(1);
		});

		test("after another raised the epoch nothing of the old one is written", async () => {
			const { shard, ledger } = await freshShard();
			await ledger.commit(shard, sampleBatch(1, 1, { positions: [samplePosition(0)] }));
			expect(await ledger.raiseEpoch(shard, 0)).toBe(2);
			expect((await ledger.load(shard)).epoch).toBe(2);
			const late = sampleBatch(1, 2, {
				balances: [{ accountId: 7, assetId: 1, available: 5n, held: 0n }],
				transfers: [sampleTransfer(0)],
			});
			expect(await ledger.commit(shard, late)).toBe("superseded");
			expect(await ledger.commit(shard, sampleBatch(1, 1))).toBe("superseded");
			expect(await ledger.load(shard)).toMatchObject({ batch: 1, balances: [] });
			expect(await ledger.commit(shard, { ...late, epoch: 2 })).toBe("committed");
			expect(await subject.transfers(shard)).toHaveLength(1);
		});

		test("client ids that one shard forgets, another keeps", async () => {
			const [one, other] = [await freshShard(), await freshShard()];
			const recentClientIds = [{ userId: 7, clientOrderId: "mine", finishedAtMs: 50 }];
			const { ledger } = one;
			for (const { shard } of [one, other]) {
				await ledger.commit(shard, sampleBatch(1, 1, { recentClientIds }));
			}
			await ledger.commit(one.shard, sampleBatch(1, 2, { forgetClientIdsBeforeMs: 51 }));
			expect((await ledger.load(one.shard)).recentClientIds).toEqual([]);
			expect((await ledger.load(other.shard)).recentClientIds).toEqual(recentClientIds);
		});

		test("what is loaded is of one commit, whatever is committed meanwhile", async () => {
			const { shard, ledger } = await freshShard();
			const LAST = 40;
			const writing = (async () => {
				for (let batch = 1; batch <= LAST; batch += 1) {
					const positions = [{ ...samplePosition(0), evSeq: batch }];
					const available = BigInt(batch);
					const balances = [{ accountId: 7, assetId: 1, available, held: 0n }];
					await ledger.commit(shard, sampleBatch(1, batch, { balances, positions }));
				}
			})();
			for (let seen = 0; seen < LAST; ) {
				const { batch, balances, positions } = await ledger.load(shard);
				expect(positions[0]?.evSeq ?? 0).toBe(batch);
				expect(balances[0]?.available ?? 0n).toBe(BigInt(batch));
				seen = batch;
			}
			await writing;
		});

		test("two commits of the same batch at once write once", async () => {
			const { shard, ledger } = await freshShard();
			const batch = sampleBatch(1, 1, { transfers: [sampleTransfer(0)] });
			const outcomes = await Promise.all([1, 2, 3].map(() => ledger.commit(shard, batch)));
			expect(outcomes).toEqual(["committed", "committed", "committed"]);
			expect(await subject.transfers(shard)).toHaveLength(1);
		});

		test("clearing and the outside may owe", async () => {
			const { shard, ledger } = await freshShard();
			const owing = [-100, -105, -2].map((accountId) => ({
				...{ accountId, assetId: 1, available: -5n, held: 0n },
			}));
			expect(await ledger.commit(shard, sampleBatch(1, 1, { balances: owing }))).toBe("committed");
			const { balances } = await ledger.load(shard);
			expect(balances.map(({ accountId, available }) => [accountId, available]).sort()).toEqual(
				owing.map(({ accountId, available }) => [accountId, available]).sort(),
			);
		});

		test("refuses what breaks a rule, whole", async () => {
			const { shard, ledger } = await freshShard();
			const good = { accountId: 7, assetId: 1, available: 5n, held: 0n };
			const broken = [
				sampleBatch(1, 3),
				sampleBatch(1, 1, { balances: [good, { ...good, assetId: 2, available: -1n }] }),
				sampleBatch(1, 1, { balances: [good, { ...good, assetId: 2, held: -1n }] }),
				sampleBatch(1, 1, { balances: [good, { ...good, accountId: -1, available: -1n }] }),
				sampleBatch(1, 1, { balances: [good, { ...good, available: 6n }] }),
				sampleBatch(1, 1, { newOrders: [sampleOrder(1), sampleOrder(1)] }),
				sampleBatch(1, 1, { openOrders: [sampleOrder(1), sampleOrder(1)] }),
				sampleBatch(1, 1, { newOrders: [sampleOrder(1)], openOrders: [sampleOrder(1)] }),
				sampleBatch(1, 1, { transfers: [sampleTransfer(0), sampleTransfer(0)] }),
				sampleBatch(1, 1, { positions: [samplePosition(0), samplePosition(0)] }),
				sampleBatch(1, 1, { prices: [samplePrices(1), samplePrices(1)] }),
			];
			for (const batch of broken) {
				await expect(ledger.commit(shard, batch)).rejects.toBeInstanceOf(InvariantViolation);
			}
			await expect(ledger.commit(31_000, sampleBatch(1, 1))).rejects.toBeInstanceOf(
				InvariantViolation,
			);
			expect(await ledger.load(shard)).toMatchObject({ batch: 0, balances: [] });
			const once = { transfers: [sampleTransfer(0)], newOrders: [sampleOrder(1)] };
			await ledger.commit(shard, sampleBatch(1, 1, once));
			for (const again of [{ transfers: once.transfers }, { newOrders: once.newOrders }]) {
				await expect(ledger.commit(shard, sampleBatch(1, 2, again))).rejects.toBeInstanceOf(
					InvariantViolation,
				);
			}
			expect((await ledger.load(shard)).batch).toBe(1);
		});

		test("brings raised key generations and frozen users", async () => {
			const { users, ledger } = subject;
			const user = (await users.createUser({
				email: "frozen@example.com",
				passwordHash: "x",
				createdAtMs: 1,
			}))!;
			const key = {
				userId: user.userId,
				type: "hmac" as const,
				material: "m",
				label: "l",
				scopes: ["read" as const],
				ips: [],
				createdAtMs: 1,
			};
			await users.createKey({ ...key, apiKey: "untouched" });
			const revoked = (await users.createKey({ ...key, apiKey: "revoked" }))!;
			await users.revokeKey(user.userId, revoked.keyId);
			await users.setFrozen(user.userId, true);
			const state = await ledger.load(1);
			expect(state.keyGenerations).toEqual([{ keyId: revoked.keyId, generation: 2 }]);
			const { keyGenerations, frozenUsers } = state;
			expect(await subject.ledger.access()).toEqual({ keyGenerations, frozenUsers });
			expect(state.frozenUsers).toEqual([user.userId]);
		});
	});
}
