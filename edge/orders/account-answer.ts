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
export async function answerOf<T>(
	services: EdgeServices,
	asked: Asked,
	outcome: Promise<Outcome<T>>,
): Promise<T> {
	const settled = await outcomeOf(services, outcome);
	if (!settled.ok) throw refusalError(asked, settled.refusal);
	return settled.value;
}

/** The outcome itself; @throws ApiError -1007 when there was no answer */
export async function outcomeOf<T>(
	services: EdgeServices,
	outcome: Promise<Outcome<T>>,
): Promise<Outcome<T>> {
	try {
		return await outcome;
	} catch (error) {
		if (error instanceof InvariantViolation) throw error;
		services.logger.warn("no answer from the account worker", { error: String(error) });
		throw statusUnknown();
	}
}
