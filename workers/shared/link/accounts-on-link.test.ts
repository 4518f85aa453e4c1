import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { NoAnswer } from "../../../edge/link/worker-link.ts";
import { InvariantViolation } from "../../../schemas/invariant.ts";
import { MessageKind } from "../../../schemas/link/messages.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import { accountSamples } from "../../../schemas/testing/account-samples.ts";
import { AccountsOnLink } from "./accounts-on-link.ts";
import { countsOf, FakeShard } from "./testing/fake-shard.ts";
import { LinkWorld, stateOf } from "./testing/link-world.ts";

function sampleOf<T>(values: fc.Arbitrary<T>): T {
	return fc.sample(values, { numRuns: 1, seed: 5 })[0] as T;
}

/** A world with one worker that serves both shards under epoch 1. */
async function linkedWorld(gateways = 1, maxWaiting = 100) {
	const world = new LinkWorld(gateways, maxWaiting);
	const shards = [new FakeShard(1, 1), new FakeShard(2, 1)] as const;
	const dialer = await world.worker(new AccountsOnLink(() => shards));
	return { world, shards, dialer };
}

test("every method arrives with its arguments, and its answer comes back", async () => {
	const { world, shards } = await linkedWorld();
	for (const [method, { args, value }] of Object.entries(accountSamples)) {
		const given = sampleOf(args as fc.Arbitrary<unknown[]>);
		const answer = sampleOf(value as fc.Arbitrary<unknown>);
		const service = world.gateway.accounts(2);
		const ask = service[method as keyof AccountService] as (...a: unknown[]) => Promise<unknown>;
		const told = stateOf(ask(...given));
		await world.turn();
		expect(shards[0].asked).toHaveLength(1);
		expect(shards[0].asked[0]).toMatchObject({ method, args: given });
		expect(told.now).toBe("waiting");
		shards[0].answer(answer);
		await world.turn();
		expect(told.now as unknown).toStrictEqual(answer);
	}
});

test("a user's shard is asked, from every gateway", async () => {
	const { world, shards } = await linkedWorld(2);
	for (const name of ["g1", "g2"]) {
		const gateway = world.dial.gateways.get(name)!;
		const ofUser1 = stateOf(gateway.accounts(1).orderCounts(1));
		const ofUser2 = stateOf(gateway.accounts(2).orderCounts(2));
		await world.turn();
		shards[1].answer(countsOf(11));
		shards[0].answer(countsOf(22));
		await world.turn();
		expect(ofUser1.now as unknown).toEqual(countsOf(11));
		expect(ofUser2.now as unknown).toEqual(countsOf(22));
	}
});

test("what is asked in one turn leaves as one frame, and so do the answers", async () => {
	const { world, shards } = await linkedWorld();
	const [wire] = world.dial.wires;
	const before = [wire!.toWorker.length, wire!.toGateway.length];
	for (let i = 0; i < 5; i++) void world.gateway.accounts(2).orderCounts(2);
	await world.turn();
	for (let i = 0; i < 5; i++) shards[0].answer(countsOf(i));
	await world.turn();
	const calls = world.rows(wire!.toWorker.slice(before[0]));
	const answers = world.rows(wire!.toGateway.slice(before[1]));
	expect(calls.map((frame) => frame.length)).toEqual([5]);
	expect(answers.map((frame) => frame.length)).toEqual([5]);
});

describe("no answer is unknown", () => {
	test("a link that breaks: what was asked over it, at once; then it is dialed again", async () => {
		const { world, shards } = await linkedWorld();
		const told = stateOf(world.gateway.accounts(2).orderCounts(2));
		await world.turn();
		world.dial.wires[0]!.break();
		await world.time.advance(0);
		expect(told.now).toBeInstanceOf(NoAnswer);
		const between = stateOf(world.gateway.accounts(2).orderCounts(2));
		await world.time.settle();
		expect(between.now).toBeInstanceOf(NoAnswer);
		await world.time.advance(100);
		expect(world.dial.wires).toHaveLength(2);
		shards[0].asked.length = 0;
		const after = stateOf(world.gateway.accounts(2).orderCounts(2));
		await world.turn();
		shards[0].answer(countsOf(1));
		await world.turn();
		expect(after.now as unknown).toEqual(countsOf(1));
	});

	test("frames that get lost, a worker that hangs: after some seconds of silence", async () => {
		const { world } = await linkedWorld();
		const told = stateOf(world.gateway.accounts(2).orderCounts(2));
		world.dial.wires[0]!.cut();
		await world.time.advance(2_000);
		expect(told.now).toBe("waiting");
		await world.time.advance(2_000);
		expect(told.now).toBeInstanceOf(NoAnswer);
		expect(world.gateway.metrics()).toContain('castle_link_open{service="accounts"} 1\n');
	});

	test("a quiet link that is sound stays", async () => {
		const { world } = await linkedWorld();
		await world.time.advance(60_000);
		expect(world.dial.wires).toHaveLength(1);
	});

	test("nobody serves the shard", async () => {
		const world = new LinkWorld();
		await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
		await expect(world.gateway.accounts(1).account(1)).rejects.toBeInstanceOf(NoAnswer);
	});

	test("a method that fails there", async () => {
		const { world, shards } = await linkedWorld();
		const told = stateOf(world.gateway.accounts(2).orderCounts(2));
		await world.turn();
		shards[0].fail(new Error("no ledger"));
		await world.turn();
		expect(told.now).toBeInstanceOf(NoAnswer);
		expect(String(told.now)).toContain("no ledger");
		expect(world.fatals).toEqual([]);
	});

	test("a broken invariant is the end of its process, too", async () => {
		const { world, shards } = await linkedWorld();
		const told = stateOf(world.gateway.accounts(2).orderCounts(2));
		await world.turn();
		const broken = new InvariantViolation("holds do not add up");
		shards[0].fail(broken);
		await world.turn();
		expect(world.fatals).toEqual([broken]);
		expect(told.now).toBeInstanceOf(NoAnswer);
	});
});

describe("of two that claim a shard, the higher epoch is asked", () => {
	for (const order of ["first", "last"] as const) {
		test(`the one that dials ${order}`, async () => {
			const world = new LinkWorld();
			const young = new FakeShard(1, 7);
			const old = new FakeShard(1, 6);
			for (const shard of order === "first" ? [young, old] : [old, young]) {
				await world.worker(new AccountsOnLink(() => [shard]));
			}
			void world.gateway.accounts(2).orderCounts(2);
			await world.turn();
			expect([young.asked.length, old.asked.length]).toEqual([1, 0]);
		});
	}

	test("when it has gone, the lower one is not asked again", async () => {
		const world = new LinkWorld();
		const old = new FakeShard(1, 6);
		await world.worker(new AccountsOnLink(() => [old]));
		const young = await world.worker(new AccountsOnLink(() => [new FakeShard(1, 7)]));
		const stopped = young.stop();
		await world.turn();
		await stopped;
		await world.turn();
		await expect(world.gateway.accounts(2).orderCounts(2)).rejects.toBeInstanceOf(NoAnswer);
		expect(old.asked).toEqual([]);
	});

	test("a worker whose epoch or shards change says so", async () => {
		const world = new LinkWorld();
		const served: FakeShard[] = [];
		const dialer = await world.worker(new AccountsOnLink(() => served));
		await expect(world.gateway.accounts(2).orderCounts(2)).rejects.toBeInstanceOf(NoAnswer);
		const shard = new FakeShard(1, 9);
		served.push(shard);
		dialer.serviceChanged();
		await world.turn();
		void world.gateway.accounts(2).orderCounts(2);
		await world.turn();
		expect(shard.asked).toHaveLength(1);
	});
});

describe("a bound on what waits", () => {
	test("orders beyond it are overloaded, cancels and reads have lanes of their own", async () => {
		const { world, shards } = await linkedWorld(1, 2);
		const service = world.gateway.accounts(2);
		const [caller, place] = sampleOf(accountSamples.placeOrder.args);
		const [, cancel] = sampleOf(accountSamples.cancelOrder.args);
		const orders = [1, 2, 3].map(() => stateOf(service.placeOrder(caller, place)));
		const cancels = [1, 2, 3].map(() => stateOf(service.cancelOrder(caller, cancel)));
		const reads = [1, 2, 3].map(() => stateOf(service.orderCounts(2)));
		const raised = [1, 2, 3].map(() => stateOf(service.raiseKeyGeneration(1, 2)));
		await world.turn();
		const refused = { ok: false, refusal: { reason: "overloaded", retryAfterMs: 1_000 } };
		for (const lane of [orders, cancels, reads]) {
			expect(lane.map(({ now }) => now) as unknown[]).toEqual(["waiting", "waiting", refused]);
		}
		for (const lane of ["order", "cancel", "other"]) {
			const of = `{service="accounts",lane="${lane}"} 2\n`;
			expect(world.gateway.metrics()).toContain(`castle_link_waiting${of}`);
			expect(world.gateway.metrics()).toContain(`castle_link_waiting_bound${of}`);
		}
		// What has no way to refuse has no answer.
		expect(raised[0]!.now).toBeInstanceOf(Error);
		expect(shards[0].asked).toHaveLength(6);
		shards[0].answer(sampleOf(accountSamples.placeOrder.value));
		await world.turn();
		void service.placeOrder(caller, place);
		await world.turn();
		expect(shards[0].asked).toHaveLength(6);
	});
});

test("how far a shard has settled goes ahead of the answers of the same frame, once", async () => {
	const { world, shards } = await linkedWorld();
	const [wire] = world.dial.wires;
	void world.gateway.accounts(2).orderCounts(2);
	void world.gateway.accounts(2).orderCounts(2);
	await world.turn();
	shards[0].settledUpTo(1, 40);
	for (const evSeq of [41, 41]) {
		shards[0].settledUpTo(1, evSeq);
		shards[0].answer(countsOf(1));
		await world.turn();
	}
	const last = world.rows(wire!.toGateway.slice(-2));
	expect(last[0]!.map(([kind]) => kind)).toEqual([MessageKind.Settled, MessageKind.Answer]);
	expect(last[0]![0]).toEqual([MessageKind.Settled, 1, 1, 41]);
	expect(last[1]!.map(([kind]) => kind)).toEqual([MessageKind.Answer]);
});

/** Shards that are each a process of its own, or both of one. */
async function serve(world: LinkWorld, where: "apart" | "together", shards: readonly FakeShard[]) {
	const groups = where === "together" ? [shards] : shards.map((shard) => [shard]);
	for (const group of groups) await world.worker(new AccountsOnLink(() => group));
}

/** Answers all that a shard was asked: reads with this. */
function answerWhatever(shard: FakeShard, read: unknown): void {
	for (const { method, resolve } of shard.asked.splice(0)) {
		resolve(method === "orderCounts" ? countsOf(1) : read);
	}
}

/** A gateway where shard 1 has answered, from an event that shard 2 has not settled. */
async function toldByTheOther(where: "apart" | "together") {
	const world = new LinkWorld();
	const [one, two] = [new FakeShard(1, 1, [5, 7]), new FakeShard(2, 1, [5, 6])];
	await serve(world, where, [one, two]);
	const told = world.gateway.accounts(2).orderCounts(2);
	await world.turn();
	one.answer(countsOf(1));
	await world.turn();
	await told;
	const answer = sampleOf(accountSamples.account.value);
	return { world, one, two, answer };
}

test.each(["apart", "together"] as const)(
	"a read is asked again when its shard has settled what another's answer told: %s",
	async (where) => {
		const { world, one, two, answer } = await toldByTheOther(where);
		const read = stateOf(world.gateway.accounts(1).account(1));
		for (let i = 0; i < 3; i += 1) {
			await world.turn();
			answerWhatever(two, answer);
			await world.turn();
			await world.time.advance(2);
			expect(read.now).toBe("waiting");
		}
		const refusal = { ok: false, refusal: { reason: "unknown" } };
		const refused = stateOf(world.gateway.accounts(1).openOrders(1, 1));
		await world.turn();
		const asked = two.asked.findIndex(({ method }) => method === "openOrders");
		two.asked.splice(asked, 1)[0]?.resolve(refusal);
		await world.turn();
		expect(refused.now as unknown).toStrictEqual(refusal);
		two.settledUpTo(1, 7);
		for (let i = 0; i < 2; i += 1) {
			answerWhatever(two, answer);
			await world.turn();
		}
		expect(read.now as unknown).toStrictEqual(answer);
		// One that never comes is not waited for without end.
		one.settledUpTo(0, 6);
		const again = world.gateway.accounts(2).orderCounts(2);
		await world.turn();
		one.answer(countsOf(1));
		await world.turn();
		await again;
		const late = stateOf(world.gateway.accounts(1).account(1));
		for (let i = 0; i < 1_100; i += 1) {
			await world.turn();
			answerWhatever(two, answer);
			await world.turn();
			await world.time.advance(2);
		}
		expect(late.now as unknown).toStrictEqual(answer);
	},
);

test("while a shard lags, one question in a while asks how far it is, however many reads wait", async () => {
	const { world, two, answer } = await toldByTheOther("apart");
	const reads = Array.from({ length: 50 }, () => stateOf(world.gateway.accounts(1).account(1)));
	let asked = 0;
	const answerAll = async () => {
		await world.turn();
		asked += two.asked.length;
		answerWhatever(two, answer);
		await world.turn();
		await world.time.advance(2);
	};
	for (let i = 0; i < 40; i += 1) await answerAll();
	expect(asked).toBeLessThanOrEqual(50 + 40);
	expect(new Set(reads.map(({ now }) => now))).toEqual(new Set(["waiting"]));
	two.settledUpTo(1, 7);
	for (let i = 0; i < 3; i += 1) await answerAll();
	expect(asked).toBeLessThanOrEqual(50 + 40 + 3 + 50);
	for (const read of reads) expect(read.now as unknown).toStrictEqual(answer);
});

test("a read is as new as its shard was when it answered, whatever it settles before the frame leaves", async () => {
	const { world, two, answer } = await toldByTheOther("apart");
	const read = stateOf(world.gateway.accounts(1).account(1));
	await world.turn();
	two.answer(answer);
	await world.time.settle();
	two.settledUpTo(1, 7);
	await world.turn();
	expect(read.now).toBe("waiting");
	for (let i = 0; i < 2; i += 1) {
		answerWhatever(two, answer);
		await world.turn();
	}
	expect(read.now as unknown).toStrictEqual(answer);
});

test.each(["apart", "together"] as const)(
	"it is known when every account worker has settled what the venue has; one that stands by has nothing to: %s",
	async (where) => {
		const world = new LinkWorld();
		const [one, two] = [new FakeShard(1, 1, [5, 7]), new FakeShard(2, 1, [4, 7])];
		await serve(world, where, [one, two]);
		await world.worker(new AccountsOnLink(() => []));
		const caughtUp = stateOf(world.gateway.caughtUp([5, 7]));
		const answerAll = async () => {
			await world.turn();
			one.answer(countsOf(1));
			two.answer(countsOf(1));
			await world.turn();
		};
		for (let i = 0; i < 5; i += 1) await answerAll();
		expect(caughtUp.now).toBe("waiting");
		two.settledUpTo(0, 5);
		for (let i = 0; i < 2; i += 1) await answerAll();
		expect(caughtUp.now).toBeUndefined();
		// One that never comes is not waited for without end.
		const late = stateOf(world.gateway.caughtUp([6, 7]));
		for (let i = 0; i < 60; i += 1) await answerAll();
		expect(late.now).toBeUndefined();
	},
);
