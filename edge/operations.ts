import { exchangeInfo } from "./general/exchange-info.ts";
import { ping } from "./general/ping.ts";
import { serverTime } from "./general/server-time.ts";
import type { Operation } from "./operation.ts";
import { cancelOrder } from "./orders/cancel-order.ts";
import { placeOrder } from "./orders/place-order.ts";
import { queryOrder } from "./orders/query-order.ts";
import { testOrder } from "./orders/test-order.ts";

/** Every call of the API, in the order of the OpenAPI document. */
export const operations: readonly Operation[] = [
	ping,
	serverTime,
	exchangeInfo,
	placeOrder,
	testOrder,
	cancelOrder,
	queryOrder,
];
