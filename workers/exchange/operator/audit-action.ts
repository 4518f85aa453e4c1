import { action, flagsOf } from "./action.ts";

/** Checks what can be asked of a running exchange; the exit code of the command line follows `sound`. */
const audit = action({
	name: "audit",
	usage: "",
	says: "checks the invariants that can be asked of a running exchange",
	flags: flagsOf({}),
	async run({ shards }) {
		const answers = await Promise.all(shards.map((shard) => shard.audit()));
		const reports = answers.map((answer, i) => ({ shard: i + 1, ...answer }));
		const sound = answers.every((a) => a.checks.every((check) => check.faults.length === 0));
		return { sound, shards: reports };
	},
});

export const auditActions = [audit];
