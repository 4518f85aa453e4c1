import type { AccountService, PlaceAnswer } from "../../schemas/ports/account-service.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { isTraced, traceOf } from "../../schemas/trace.ts";

/** An account service that says when a sampled order's answer came, by the name it has in the log. */
export function tracedAccounts(
	service: AccountService,
	logger: Logger,
	oneIn: number,
): AccountService {
	const trace = ({ order }: PlaceAnswer): void => {
		const { partition, shard, seq } = order;
		if (!isTraced(seq, oneIn)) return;
		logger.info("trace", { trace: traceOf(partition, shard, seq), step: "answered" });
	};
	return {
		...service,
		async placeOrder(caller, request) {
			const outcome = await service.placeOrder(caller, request);
			if (outcome.ok) trace(outcome.value);
			return outcome;
		},
		async cancelReplace(caller, request) {
			const outcome = await service.cancelReplace(caller, request);
			if (outcome.ok && outcome.value.place.result === "success") trace(outcome.value.place.answer);
			return outcome;
		},
	};
}
