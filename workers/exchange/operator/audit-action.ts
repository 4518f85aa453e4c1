import type { AccountService, AuditAnswer } from "../../../schemas/ports/account-service.ts";
import { action, flagsOf, OperatorUnanswered } from "./action.ts";

/** How often shards are asked that have no event in common: one just started has no marks. */
const TRIES = 3;

/**
 * Checks what can be asked of a running exchange. The exit code of the command line follows `sound`, which is of what
 * was checked, and then `unchecked`.
 */
const audit = action({
	name: "audit",
	usage: "",
	says: "checks the invariants that can be asked of a running exchange",
	flags: flagsOf({}),
	async run({ shards }) {
		const byPartition = new Map<number, readonly string[]>();
		let answers: readonly AuditAnswer[] = [];
		for (let tries = 0; tries < TRIES; tries += 1) {
			answers = await Promise.all(shards.map(asked));
			for (const [partition, faults] of clearingFaults(answers)) {
				// A fault stays one, also where it is evened out when shards are asked again.
				const known = byPartition.get(partition) ?? [];
				byPartition.set(partition, known.length > 0 ? known : faults);
			}
			if (byPartition.size === answers[0]?.evSeqs.length) break;
		}
		const clearing = {
			invariant: 1,
			says: "clearing over all shards at the same event is zero",
			/** Those in which the shards had one in common. */
			partitions: [...byPartition.keys()].sort((a, b) => a - b),
			faults: [...byPartition.values()].flat(),
		};
		const all = [...(answers[0]?.evSeqs.keys() ?? [])];
		const checks = [clearing, ...answers.flatMap((answer) => answer.checks)];
		return {
			sound: isSound(checks) && isSound(answers.map(({ sampled }) => sampled)),
			/** In words, what nobody knows. */
			unchecked: all.filter((partition) => !byPartition.has(partition)).map(neverMet),
			clearing,
			shards: answers.map(({ checks, evSeqs, sampled }, i) => ({
				...{ shard: i + 1, checks, evSeqs, sampled },
			})),
		};
	},
});

function neverMet(partition: number): string {
	return `clearing over all shards in partition ${partition}: they never stood at the same event; say it again`;
}

function isSound(looks: readonly { readonly faults: readonly string[] }[]): boolean {
	return looks.every(({ faults }) => faults.length === 0);
}

/** @throws OperatorUnanswered for a shard that is not served: it says nothing, which is not "sound" */
export async function asked(shard: AccountService, index: number): Promise<AuditAnswer> {
	const answer = await shard.audit();
	if (answer.checks.length > 0) return answer;
	throw new OperatorUnanswered(`shard ${index + 1} does not answer now; say it again`);
}

/** By partition, of those with an event that all shards have clearing of: where it is not zero at the newest. */
function clearingFaults(answers: readonly AuditAnswer[]): Map<number, readonly string[]> {
	const found = new Map<number, readonly string[]>();
	for (const partition of answers[0]?.evSeqs.keys() ?? []) {
		const shards = answers.map((answer) => clearingByEvent(answer, partition));
		const common = [...(shards[0]?.keys() ?? [])].filter((evSeq) =>
			shards.every((byEvent) => byEvent.has(evSeq)),
		);
		if (common.length === 0) continue;
		const evSeq = Math.max(...common);
		const sums = new Map<number, bigint>();
		for (const { assetId, amount } of shards.flatMap((byEvent) => byEvent.get(evSeq) ?? [])) {
			sums.set(assetId, (sums.get(assetId) ?? 0n) + amount);
		}
		const faults = [...sums].filter(([, sum]) => sum !== 0n);
		const says = (assetId: number, sum: bigint) =>
			`partition ${partition}, asset ${assetId}: ${sum} over all shards`;
		found.set(
			partition,
			faults.map(([assetId, sum]) => says(assetId, sum)),
		);
	}
	return found;
}

/** A shard's clearing in a partition, by the evSeq it is of: its marks, and where it stands now. */
function clearingByEvent(answer: AuditAnswer, partition: number) {
	const byEvent = new Map<number, AuditAnswer["clearingMarks"][number]["rows"]>();
	for (const mark of answer.clearingMarks) {
		if (mark.partition === partition) byEvent.set(mark.evSeq, mark.rows);
	}
	const now = answer.evSeqs[partition];
	const rows = answer.clearing.filter((row) => row.partition === partition);
	if (now !== undefined) byEvent.set(now, rows);
	return byEvent;
}

export const auditActions = [audit];
