import { type Guard, guard } from "./guard.ts";

const GATE = "workers/protocol/sequence-gate.ts";
const WRITER = "workers/protocol/shard-writer.ts";
const TAKE_OVER = "workers/protocol/take-over.ts";
const JUDGE = 'if (record.epoch !== mark.epoch || record.seq !== mark.seq + 1) return "ignored";';
const RESEND = `				this.options.scheduler.after(RETRY_MS, () => {
					if (!this.stopped) this.append(lane, records);
				});`;

/** Rules of `orders`: what counts, and how it is written. */
export const logGuards: readonly Guard[] = [
	guard(
		"sequence check: repeats",
		"only seq = last + 1 counts: what is older is dropped",
		GATE,
		JUDGE,
		'if (record.epoch !== mark.epoch || record.seq > mark.seq + 1) return "ignored";',
	),
	{
		// A writer with one batch in flight leaves no gap: the rule is for one that has several.
		name: "sequence check: gaps",
		rule: "after a gap everything is ignored until last + 1 comes",
		patches: [
			{
				file: GATE,
				find: JUDGE,
				replace: 'if (record.epoch !== mark.epoch || record.seq <= mark.seq) return "ignored";',
			},
			{
				file: WRITER,
				find: "if (lane.flushing || lane.inFlight !== null) return;",
				replace: "if (lane.flushing) return;",
			},
		],
	},
	guard(
		"epoch check",
		"only lines of the shard's current epoch count",
		GATE,
		JUDGE,
		'if (record.seq !== mark.seq + 1) return "ignored";',
	),
	guard(
		"epoch only rises",
		"an epoch record counts only if greater than the current one",
		GATE,
		'if (record.epoch <= mark.epoch) return "ignored";',
		'if (record.epoch === mark.epoch) return "ignored";',
	),
	guard(
		"one batch in flight",
		"one batch in flight per partition of orders",
		WRITER,
		"if (lane.flushing || lane.inFlight !== null) return;",
		"if (lane.flushing) return;",
	),
	guard(
		"never released",
		"an append whose outcome is unknown is repeated, never released",
		WRITER,
		RESEND,
		`				lane.nextSeq = (records[0] as CommandRecord).seq;
				lane.queue.length = 0;
				lane.inFlight = null;`,
	),
	guard(
		"never renumbered",
		"an append whose outcome is unknown is repeated with the same seq",
		WRITER,
		RESEND,
		`				const again = records.map((record) => {
					lane.nextSeq += 1;
					return { ...record, seq: lane.nextSeq - 1 };
				});
				this.options.scheduler.after(RETRY_MS, () => {
					if (!this.stopped) this.append(lane, again);
				});`,
	),
	guard(
		"time never decreases",
		"ts is never less than the last of this shard",
		WRITER,
		"this.lastTs = Math.max(this.lastTs, this.options.clock.nowMs());",
		"this.lastTs = this.options.clock.nowMs();",
	),
	{
		name: "epoch record in every partition",
		rule: "whoever takes over appends an epoch record to every partition, until it is seen",
		patches: [
			{
				file: TAKE_OVER,
				find: "await Promise.all(positions.map(({ partition }) => appendTo(options, partition)));",
				replace: "await appendTo(options, 0);",
			},
			{
				file: TAKE_OVER,
				find: "positions.map(({ partition }, i) => seen(options, partition, ends[i] as number)),",
				replace: "[seen(options, 0, ends[0] as number)],",
			},
			{
				file: TAKE_OVER,
				find: "if (entries.length === 0) await pause(options.scheduler, LOOK_AGAIN_MS);",
				replace: `if (entries.length === 0 && position.partition > 0) {
			return { partition: position.partition, ordersOffset: offset, lastSeq: gate.seqOf(shard) };
		}
		if (entries.length === 0) await pause(options.scheduler, LOOK_AGAIN_MS);`,
			},
		],
	},
	guard(
		"stamped holds at the start",
		"a start takes the stamped holds of what is accepted behind its position",
		"workers/accounts/start.ts",
		"		takeCommand(state, partition, record);\n",
		"",
	),
	guard(
		"held seq",
		"a hold that is in the state is not taken again at the start",
		"workers/accounts/start.ts",
		"const isHeld = record.seq <= heldSeq;",
		"const isHeld = false;",
	),
	guard(
		"next seq from the log",
		"next seq = last accepted + 1, from the log, never from the ledger",
		"workers/accounts/start.ts",
		"const lastSeqs = taken.map((end) => adopt(state, end, epoch, lastTs));",
		`const lastSeqs = taken.map((end) => {
		adopt(state, end, epoch, lastTs);
		return loaded.positions.find((p) => p.partition === end.partition)?.ordersSeq ?? 0;
	});`,
	),
	guard(
		"epochs above any ever used",
		"after a restore of the ledger every epoch is set above any ever used",
		"workers/exchange/simulation/misfortunes.ts",
		"database.raiseEpoch(shard, referee.ledger.greatestEpoch(shard) + 1);",
		"database.raiseEpoch(shard, 0);",
	),
];
