/** What a client is told: Binance's code and text, and the HTTP status that goes with it. */
export class ApiError extends Error {
	override readonly name = "ApiError";

	/**
	 * @param code Binance's, negative
	 * @param status HTTP
	 * @param data extra body of cancel-replace errors
	 * @param retryAfterMs for 429
	 */
	constructor(
		readonly code: number,
		message: string,
		readonly status: number = 400,
		readonly data?: unknown,
		readonly retryAfterMs?: number,
	) {
		super(message);
	}
}
