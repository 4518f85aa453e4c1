import type { OperatorAction } from "./action.ts";
import { auditActions } from "./audit-action.ts";
import { auditLogActions } from "./audit-log-actions.ts";
import { engineActions } from "./engine-actions.ts";
import { fundsActions } from "./funds-actions.ts";
import { keyActions } from "./key-actions.ts";
import { userActions } from "./user-actions.ts";
import { venueActions } from "./venue-actions.ts";
import { withdrawalActions } from "./withdrawal-actions.ts";

/** Everything the operator can say, by its words. */
export const OPERATOR_ACTIONS: ReadonlyMap<string, OperatorAction> = new Map(
	(
		[
			...userActions,
			...keyActions,
			...fundsActions,
			...withdrawalActions,
			...venueActions,
			...engineActions,
			...auditActions,
			...auditLogActions,
		] as OperatorAction[]
	).map((action) => [action.name, action]),
);

/** The command line's help. */
export function operatorHelp(): string {
	const lines = [...OPERATOR_ACTIONS.values()].map(
		({ name, usage, says }) => `${`  ${name} ${usage}`.trimEnd()}\n      ${says}`,
	);
	return [
		"The operator's command line, against the exchange that runs on DATA_DIR. Answers are JSON.",
		"",
		...lines,
	].join("\n");
}
