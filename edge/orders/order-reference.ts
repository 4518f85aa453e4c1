import { ApiError } from "../api-error.ts";

/**
 * One of the two ways to name an order has to be there.
 *
 * @throws ApiError -1102
 */
export function checkNamed(
	orderId: number | undefined,
	clientOrderId: string | undefined,
	names = "'origClientOrderId' or 'orderId'",
): void {
	if (orderId === undefined && clientOrderId === undefined) {
		throw new ApiError(-1102, `Param ${names} must be sent, but both were empty/null!`);
	}
}
