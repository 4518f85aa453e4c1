/**
 * What a client is told: Binance's code and text, and the HTTP status that goes with it. It is thrown,
 * but no Error: nothing has gone wrong in here, and where it was thrown nobody asks.
 */
export class ApiError {
	/** Binance's, negative. */
	readonly code: number;
	readonly message: string;
	/** HTTP. */
	readonly status: number;
	/** Extra body of cancel-replace errors. */
	readonly data: unknown;
	/** For 429. */
	readonly retryAfterMs: number | undefined;

	constructor(code: number, message: string, status = 400, data?: unknown, retryAfterMs?: number) {
		this.code = code;
		this.message = message;
		this.status = status;
		this.data = data;
		this.retryAfterMs = retryAfterMs;
	}
}

/** -1128: parameters that cannot stand together. */
export function badCombination(): ApiError {
	return new ApiError(-1128, "Combination of optional parameters invalid.");
}
