import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Outcome } from "../../schemas/ports/account-service.ts";
import { statusUnknown } from "../http/errors.ts";
import type { EdgeServices } from "../services.ts";
import { type Asked, refusalError } from "./refusals.ts";

/**
 * What the account worker answered.
 *
 * @throws ApiError for a refusal; -1007 when there was no answer: it may have happened or not
 */
export function answerOf<T>(
	services: EdgeServices,
	asked: Asked,
	outcome: Promise<Outcome<T>>,
): Promise<T> {
	return viewOf(services, asked, outcome, (value) => value);
}

/** What the client is shown of what the account worker answered; @throws ApiError as `answerOf` */
export function viewOf<T, V>(
	services: EdgeServices,
	asked: Asked,
	outcome: Promise<Outcome<T>>,
	view: (value: T) => V,
): Promise<V> {
	return outcome.then(
		(settled) => {
			if (!settled.ok) throw refusalError(asked, settled.refusal);
			return view(settled.value);
		},
		(error: unknown) => noAnswer(services, error),
	);
}

/** The outcome itself; @throws ApiError -1007 when there was no answer */
export function outcomeOf<T>(
	services: EdgeServices,
	outcome: Promise<Outcome<T>>,
): Promise<Outcome<T>> {
	return outcome.catch((error: unknown) => noAnswer(services, error));
}

function noAnswer(services: EdgeServices, error: unknown): never {
	if (error instanceof InvariantViolation) throw error;
	services.logger.warn("no answer from the account worker", { error: String(error) });
	throw statusUnknown();
}
