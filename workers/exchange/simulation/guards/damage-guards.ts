import { type Guard, guard } from "./guard.ts";

const START = "workers/accounts/start.ts";
const TAKE_OVER = "workers/protocol/take-over.ts";
const READER = "workers/accounts/trades-reader.ts";
const SNAPSHOT = "workers/matching/snapshot.ts";

/** Rules that notice what nobody may do: logs that lose or change what they had, archives that rot. */
export const damageGuards: readonly Guard[] = [
	{
		name: "lost data is noticed",
		rule: "a worker that finds its last acknowledged seq missing stops and says so",
		patches: [
			{ file: START, find: "			end >= ordersOffset,\n", replace: "			end >= 0,\n" },
			{
				file: START,
				find: "		end.lastSeq >= position.heldSeq,",
				replace: "		end.lastSeq >= 0,",
			},
			{ file: TAKE_OVER, find: "		record?.shard === shard &&\n", replace: "		shard >= 0 ||\n" },
		],
	},
	guard(
		"fork: accounts",
		"the same evSeq with other bytes is a fork: stop",
		READER,
		'if (known === "" || known === record.hash) return;',
		"if (known.length >= 0) return;",
	),
	guard(
		"fork: market data",
		"the same evSeq with other bytes is a fork: stop",
		"workers/market-data/partition-market.ts",
		'if (known === "" || known === record.hash) return;',
		"if (known !== undefined) return;",
	),
	guard(
		"fork: order log",
		"the same evSeq with other bytes is a fork: stop",
		"workers/order-log/worker.ts",
		"if (!forked) continue;",
		"if (!forked || forked) continue;",
	),
	guard(
		"fork: venue",
		"the same evSeq with other bytes is a fork: stop",
		"workers/venue/worker.ts",
		"if (!forked) continue;",
		"if (!forked || forked) continue;",
	),
	guard(
		"fork: matching",
		"what a start regenerates is compared with what trades holds",
		"workers/matching/worker.ts",
		"					else compare(before, record);\n",
		"",
	),
	guard(
		"rotten snapshots: matching",
		"the newest good snapshot, else an older one",
		SNAPSHOT,
		"await wholeObject(archive, name)",
		"await archive.get(name)",
	),
	guard(
		"rotten snapshots: market data",
		"the newest good snapshot, else an older one",
		"workers/market-data/snapshots.ts",
		"return wholeObject(this.ports.archive, name)",
		"return this.ports.archive.get(name)",
	),
];
