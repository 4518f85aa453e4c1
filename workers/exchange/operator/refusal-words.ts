import type { DecimalFault } from "../../../schemas/decimal.ts";
import type { RefusalReason } from "../../../schemas/ports/account-service.ts";
import { OperatorRefusal, OperatorUnanswered } from "./action.ts";

/** What the operator can do about it. Reasons that are of orders only stand for themselves. */
const WORDS: Partial<Record<RefusalReason, string>> = {
	insufficientBalance: "the user has less than that available",
	externalIdClash: "this --id was used before, with another asset or amount",
	overloaded: "a queue or the disk is full; try again later, with the same --id",
	withdrawalsStopped:
		"pay nothing out: the auditor has found a broken invariant (docs/runbooks/withdrawals-stopped.md); say it again, with the same --id, when withdrawals go on",
	unknown: "nobody answers for this user now; say it again, with the same --id",
	amountOutOfRange: "more than a balance can hold",
};

const AMOUNTS: Record<DecimalFault, string> = {
	malformed: "is no plain decimal number",
	precision: "has more decimals than the asset",
	overflow: "is too large",
};

/** An account worker said no, or nothing. */
export function refusedFor(reason: RefusalReason): OperatorRefusal | OperatorUnanswered {
	const words = WORDS[reason];
	const says = words === undefined ? reason : `${reason}: ${words}`;
	return reason === "unknown" ? new OperatorUnanswered(says) : new OperatorRefusal(says);
}

/** An amount that is none. */
export function wrongAmount(text: string, fault: DecimalFault): OperatorRefusal {
	return new OperatorRefusal(`--amount ${text} ${AMOUNTS[fault]}`);
}
