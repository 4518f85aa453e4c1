import { action, flagsOf, numberFlag, OperatorRefusal } from "./action.ts";
import { asked } from "./audit-action.ts";
import { audit } from "./audit-entry.ts";

const resume = action({
	name: "withdrawals resume",
	usage: "--shard N",
	says: "lets a shard's withdrawals go on that the auditor has stopped; what it has found is let pass",
	flags: flagsOf({ shard: numberFlag("must be a shard's number, as `audit` has it") }),
	async run(services, { shard }) {
		const service = services.shards[shard - 1];
		if (service === undefined) throw new OperatorRefusal(`there is no shard ${shard}`);
		const { withdrawalsStopped, faults } = (await asked(service, shard - 1)).sampled;
		if (!withdrawalsStopped) {
			throw new OperatorRefusal(`withdrawals of shard ${shard} are not stopped`);
		}
		const details = { faults: faults.length, first: faults[0] ?? "" };
		await audit(services, "withdrawals.resume", `shard:${shard}`, details);
		await service.resumeWithdrawals(faults);
		return { shard, letPass: faults };
	},
});

export const withdrawalActions = [resume];
