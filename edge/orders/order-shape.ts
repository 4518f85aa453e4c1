import type { NewOrderParams } from "../../schemas/api/order-params.ts";
import { OrderType, TimeInForce } from "../../schemas/order.ts";
import { ApiError, badCombination } from "../api-error.ts";
import { mandatory } from "../http/errors.ts";

/** The parameters that only some types of order have. */
type TypedParam =
	| "timeInForce"
	| "quantity"
	| "quoteOrderQty"
	| "price"
	| "stopPrice"
	| "icebergQty";

interface Shape {
	readonly must: readonly TypedParam[];
	readonly may: readonly TypedParam[];
}

const TYPED_PARAMS: readonly TypedParam[] = [
	"timeInForce",
	"quantity",
	"quoteOrderQty",
	"price",
	"stopPrice",
	"icebergQty",
];

/** What each type of order must and may have; anything else is refused. */
const SHAPES: Readonly<Record<OrderType, Shape>> = {
	[OrderType.Limit]: { must: ["timeInForce", "quantity", "price"], may: ["icebergQty"] },
	[OrderType.Market]: { must: [], may: ["quantity", "quoteOrderQty"] },
	[OrderType.LimitMaker]: { must: ["quantity", "price"], may: ["icebergQty"] },
	[OrderType.StopLoss]: { must: ["quantity", "stopPrice"], may: [] },
	[OrderType.TakeProfit]: { must: ["quantity", "stopPrice"], may: [] },
	[OrderType.StopLossLimit]: {
		must: ["timeInForce", "quantity", "price", "stopPrice"],
		may: ["icebergQty"],
	},
	[OrderType.TakeProfitLimit]: {
		must: ["timeInForce", "quantity", "price", "stopPrice"],
		may: ["icebergQty"],
	},
};

/**
 * Checks that an order has the parameters of its type and no others. What this venue does not offer is told
 * first: it would stand in for a price.
 *
 * @throws ApiError -1102 for a missing one, -1106 for one too many, -1128 for both quantities, -2010
 * for what this venue does not offer
 */
export function checkShape(params: NewOrderParams): void {
	if (params.trailingDelta !== undefined) throw notOffered("Trailing stop");
	if (params.pegPriceType !== undefined) throw notOffered("Pegged");
	const { must, may } = SHAPES[params.type];
	for (const name of must) if (params[name] === undefined) throw mandatory(name);
	for (const name of TYPED_PARAMS) {
		if (params[name] !== undefined && !must.includes(name) && !may.includes(name)) {
			throw notRequired(name);
		}
	}
	if (params.type === OrderType.Market) checkMarketQuantity(params);
	if (
		params.icebergQty !== undefined &&
		(params.timeInForce ?? TimeInForce.Gtc) !== TimeInForce.Gtc
	) {
		throw notRequired("icebergQty");
	}
}

function checkMarketQuantity(params: NewOrderParams): void {
	if (params.quantity === undefined && params.quoteOrderQty === undefined) {
		throw new ApiError(
			-1102,
			"Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
		);
	}
	if (params.quantity !== undefined && params.quoteOrderQty !== undefined) {
		throw badCombination();
	}
}

function notRequired(name: string): ApiError {
	return new ApiError(-1106, `Parameter '${name}' sent when not required.`);
}

function notOffered(what: string): ApiError {
	return new ApiError(-2010, `${what} orders are not supported for this symbol.`);
}
