/** A rule of the exchange did not hold. Nobody catches it to go on: the process stops and replays. */
export class InvariantViolation extends Error {
	override readonly name = "InvariantViolation";
}

/**
 * Stays on in production. A message that is put together costs more than the check, each time: on the
 * way of every order write `if (…) throw new InvariantViolation(…)` instead.
 *
 * @throws InvariantViolation when `holds` is false
 */
export function invariant(holds: boolean, message: string): asserts holds {
	if (!holds) throw new InvariantViolation(message);
}
