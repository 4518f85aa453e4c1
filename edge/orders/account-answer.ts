import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Outcome } from "../../schemas/ports/account-service.ts";
import { statusUnknown } from "../http/errors.ts";
import type { OperationContext } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { type Asked, refusalError } from "./refusals.ts";

/**
 * What the account worker answered to a question.
 *
 * @throws ApiError for a refusal; -1007 when there was no answer: it may have happened or not
 */
export function answerOf<T>(
	services: EdgeServices,
	asked: Asked,
	outcome: Promise<Outcome<T>>,
): Promise<T> {
	return outcome.then(
		(settled) => valueIn(asked, settled),
		(error: unknown) => noAnswer(services, error),
	);
}

/** What the client is shown of what the account worker answered to an order call; @throws as `answerOf` */
export function viewOf<T, V>(
	context: OperationContext,
	asked: Asked,
	outcome: Promise<Outcome<T>>,
	view: (value: T) => V,
): Promise<V> {
	return outcome.then(
		(settled) => {
			context.reportOutcome(settled);
			return view(valueIn(asked, settled));
		},
		(error: unknown) => noAnswer(context.services, error),
	);
}

/** The outcome of an order call itself; @throws ApiError -1007 when there was no answer */
export function outcomeOf<T>(
	context: OperationContext,
	outcome: Promise<Outcome<T>>,
): Promise<Outcome<T>> {
	return outcome.then(
		(settled) => {
			context.reportOutcome(settled);
			return settled;
		},
		(error: unknown) => noAnswer(context.services, error),
	);
}

function valueIn<T>(asked: Asked, settled: Outcome<T>): T {
	if (!settled.ok) throw refusalError(asked, settled.refusal);
	return settled.value;
}

function noAnswer(services: EdgeServices, error: unknown): never {
	if (error instanceof InvariantViolation) throw error;
	services.logger.warn("no answer from the account worker", { error: String(error) });
	throw statusUnknown();
}
