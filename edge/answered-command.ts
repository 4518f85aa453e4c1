import type {
	AmendAnswer,
	CancelAllAnswer,
	CancelAnswer,
	CancelReplaceAnswer,
	FundsAnswer,
	Outcome,
	PlaceAnswer,
} from "../schemas/ports/account-service.ts";
import type { LogFields } from "../schemas/ports/logger.ts";
import { traceOf } from "../schemas/trace.ts";

type CommandAnswer =
	| PlaceAnswer
	| CancelAnswer
	| AmendAnswer
	| CancelReplaceAnswer
	| CancelAllAnswer
	| FundsAnswer;

/**
 * What a log line says of a command that was answered: its name in the logs of all processes, and the
 * order it was about, so that either is found by the other. Nothing for what never reached the log.
 */
export function answeredCommand({ command, ...outcome }: Outcome<unknown>): LogFields {
	if (command === undefined) return {};
	const trace = traceOf(command.partition, command.shard, command.seq);
	return outcome.ok ? { trace, ...ordersOf(outcome.value as CommandAnswer) } : { trace };
}

function ordersOf(answer: CommandAnswer): LogFields {
	if ("order" in answer) return { orderId: answer.order.orderId };
	if (!("place" in answer)) return {};
	const { cancel, place } = answer;
	return {
		...(place.result === "success" ? { orderId: place.answer.order.orderId } : {}),
		...(cancel.result === "success" ? { cancelOrderId: cancel.answer.order.orderId } : {}),
	};
}
