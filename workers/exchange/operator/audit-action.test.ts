import { expect, test } from "bun:test";
import type { AccountService, AuditAnswer } from "../../../schemas/ports/account-service.ts";
import { OperatorUnanswered } from "./action.ts";
import { OPERATOR_ACTIONS } from "./actions.ts";
import type { OperatorServices } from "./services.ts";

const CHECK = { invariant: 1, says: "sums", checked: 2, faults: [] };
const SAMPLED = { rounds: 3, withdrawalsStopped: false, faults: [] };

/** What a shard answers that has come so far in two partitions, and stands so in the clearing of asset 1. */
function answerAt(evSeqs: readonly number[], ...amounts: readonly bigint[]): AuditAnswer {
	const clearing = amounts.map((amount, partition) => ({ partition, assetId: 1, amount }));
	return { checks: [CHECK], evSeqs, clearing, clearingMarks: [], sampled: SAMPLED };
}

/** Audits shards, each of which gives its answers one after another, the last again and again. */
async function auditOf(...shards: readonly (readonly AuditAnswer[])[]) {
	const services = shards.map((answers) => {
		let asked = 0;
		const audit = async () => answers[Math.min(asked++, answers.length - 1)];
		return { audit } as unknown as AccountService;
	});
	const action = OPERATOR_ACTIONS.get("audit");
	const run = action?.run({ shards: services } as unknown as OperatorServices, {});
	return (await run) as Record<"sound" | "unchecked" | "clearing" | "shards", unknown>;
}

test("clearing over all shards is zero where they stand at the same event", async () => {
	const audit = await auditOf([answerAt([7, 9], 5n, -2n)], [answerAt([7, 9], -5n, 2n)]);
	expect(audit).toMatchObject({ sound: true, unchecked: [] });
	expect(audit.clearing).toMatchObject({ partitions: [0, 1], faults: [] });
	expect(audit.shards).toEqual([
		{ shard: 1, checks: [CHECK], evSeqs: [7, 9], sampled: SAMPLED },
		{ shard: 2, checks: [CHECK], evSeqs: [7, 9], sampled: SAMPLED },
	]);
});

test("a half of a trade that one shard has and no other is a fault", async () => {
	const audit = await auditOf([answerAt([7, 9], 5n, -2n)], [answerAt([7, 9], -5n)]);
	expect(audit.sound).toBe(false);
	const faults = ["partition 1, asset 1: -2 over all shards"];
	expect(audit.clearing).toMatchObject({ partitions: [0, 1], faults });
});

test("shards at different events are asked again, and what cannot be said is not said", async () => {
	const late = [answerAt([6, 9], 4n), answerAt([7, 10], -5n)];
	const met = await auditOf([answerAt([7, 9], 5n)], late);
	expect(met).toMatchObject({ sound: true, unchecked: [] });
	expect(met.clearing).toMatchObject({ partitions: [0, 1], faults: [] });
	const apart = await auditOf([answerAt([7, 9], 5n)], [answerAt([6, 9], 4n)]);
	expect([apart.sound, apart.clearing]).toMatchObject([true, { partitions: [1], faults: [] }]);
	expect(apart.unchecked).toEqual([
		"clearing over all shards in partition 0: they never stood at the same event; say it again",
	]);
});

test("shards that stand apart are compared at the newest mark that all have", async () => {
	const mark = (evSeq: number, amount: bigint) => ({
		...{ partition: 0, evSeq, rows: [{ assetId: 1, amount }] },
	});
	const one = {
		...answerAt([800], 9n),
		clearingMarks: [mark(256, 1n), mark(512, 5n), mark(768, 7n)],
	};
	const other = (amount: bigint) => ({
		...answerAt([700], -8n),
		clearingMarks: [mark(256, -2n), mark(512, amount)],
	});
	const sound = await auditOf([one], [other(-5n)]);
	expect(sound).toMatchObject({ sound: true, unchecked: [] });
	expect(sound.clearing).toMatchObject({ partitions: [0], faults: [] });
	const atMark = await auditOf([one], [answerAt([768], -7n)]);
	expect(atMark).toMatchObject({ sound: true, unchecked: [] });
	const wrong = await auditOf([one], [other(-4n)]);
	expect(wrong.sound).toBe(false);
	expect(wrong.clearing).toMatchObject({ faults: ["partition 0, asset 1: 1 over all shards"] });
});

test("a fault of a shard's own, and a shard that cannot answer: neither is sound", async () => {
	const broken = { ...answerAt([7]), checks: [{ ...CHECK, faults: ["a unit too much"] }] };
	expect((await auditOf([broken])).sound).toBe(false);
	const stopped = { rounds: 3, withdrawalsStopped: true, faults: ["a unit too much"] };
	expect((await auditOf([{ ...answerAt([7]), sampled: stopped }])).sound).toBe(false);
	const silent = { checks: [], evSeqs: [], clearing: [], clearingMarks: [], sampled: SAMPLED };
	await expect(auditOf([answerAt([7])], [silent])).rejects.toThrow(OperatorUnanswered);
});

test("a fault that one partition has stays, while shards are asked again because of another", async () => {
	const first = [answerAt([7, 9], 5n), answerAt([8, 9], 5n)];
	const second = [answerAt([7, 8], -4n), answerAt([8, 9], -5n)];
	const audit = await auditOf(first, second);
	expect(audit.sound).toBe(false);
	expect(audit.clearing).toMatchObject({ faults: ["partition 0, asset 1: 1 over all shards"] });
});
