import { OrderStatus } from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { FindRequest } from "../../schemas/ports/account-service.ts";
import { statusUnknown } from "../http/errors.ts";
import type { EdgeServices } from "../services.ts";
import { answerOf } from "./account-answer.ts";
import { orderLogReaches } from "./order-log-reads.ts";
import { refusalError } from "./refusals.ts";

/**
 * One order of this user: first from the account worker, which has everything that is open or finished
 * lately, then from the order log. In the other order, an order that is forgotten in between would be
 * in neither.
 *
 * @throws ApiError -2013 when it does not exist, -2039 when the two ids do not fit, -1007 when nobody
 * can say yet
 */
export async function findOrder(
	services: EdgeServices,
	userId: number,
	request: FindRequest,
): Promise<OrderState> {
	const found = await answerOf(
		services,
		"query",
		services.accounts(userId).findOrder(userId, request),
	);
	if (found.found) {
		if (found.order.status === OrderStatus.Pending) throw statusUnknown();
		return found.order;
	}
	await orderLogReaches(services, found.partition, found.floorEvSeq);
	const { symbolId, orderId, clientOrderId } = request;
	const order =
		orderId > 0
			? await services.orderLog.orderById(userId, symbolId, orderId)
			: await services.orderLog.orderByClientId(userId, symbolId, clientOrderId);
	if (order === null) throw refusalError("query", { reason: "unknownOrder" });
	if (clientOrderId !== "" && order.clientOrderId !== clientOrderId) {
		throw refusalError("query", { reason: "clientOrderIdMismatch" });
	}
	return order;
}
