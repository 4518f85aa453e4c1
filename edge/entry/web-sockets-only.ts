import { ApiError } from "../api-error.ts";
import { errorResponse } from "../http/operation-handler.ts";

/** What the address of the WebSocket API answers to any other request. */
export function webSocketsOnly(): Response {
	const error = new ApiError(-1020, "This address takes WebSocket connections only.", 426);
	return errorResponse(error, { "content-type": "application/json;charset=UTF-8" });
}
