import { type CancelReplaceParams, cancelReplaceParams } from "../../schemas/api/order-params.ts";
import { cancelReplaceResult } from "../../schemas/api/order-results.ts";
import { CancelReplaceMode, CancelRestriction } from "../../schemas/order.ts";
import type {
	CancelReplaceAnswer,
	CancelReplaceRequest,
	CancelRequest,
	Outcome,
	PartAnswer,
	Refusal,
} from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { ApiError } from "../api-error.ts";
import { type OperationContext, operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { symbolNamed } from "../symbols.ts";
import { outcomeOf } from "./account-answer.ts";
import { clientOrderIdOf } from "./client-order-id.ts";
import { newOrder } from "./new-order.ts";
import { checkNamed } from "./order-reference.ts";
import { cancelView } from "./order-view.ts";
import { defaultResponseType, placeView } from "./place-view.ts";
import { type Asked, refusalError } from "./refusals.ts";

/** Cancels one order and places another in its stead, in one step of the engine. */
export const cancelReplace = operation({
	group: "Trading",
	summary: "Cancel an order and place another",
	http: [{ method: "POST", path: "/api/v3/order/cancelReplace" }],
	ws: ["order.cancelReplace"],
	security: "trade",
	weight: () => 1,
	freeOnSuccess: true,
	params: cancelReplaceParams,
	result: cancelReplaceResult,
	async run(context, params) {
		const { services, caller } = context;
		const symbol = symbolNamed(services, params.symbol);
		const request = {
			mode: params.cancelReplaceMode,
			cancel: cancelPart(services, symbol, params),
			place: await newOrder(services, symbol, params),
		};
		const account = services.accounts(caller.userId);
		const outcome = await outcomeOf(context, account.cancelReplace(caller, request));
		const cancelsAnyway = params.orderRateLimitExceededMode === "CANCEL_ONLY";
		const answer =
			cancelsAnyway && !outcome.ok && outcome.refusal.reason === "tooManyOrders"
				? await cancelOnly(context, request, outcome.refusal)
				: partsOf(outcome);
		context.reportOrderCounts(answer.orderCounts);
		const type = params.newOrderRespType ?? defaultResponseType(params.type);
		const view = {
			cancelResult: RESULTS[answer.cancel.result],
			newOrderResult: RESULTS[answer.place.result],
			cancelResponse: partView("cancel", answer.cancel, (a) => cancelView(symbol, a)),
			newOrderResponse: partView("place", answer.place, (a) =>
				placeView(services, symbol, a, type),
			),
		};
		return allOrThrow(answer, view);
	},
});

const RESULTS = { success: "SUCCESS", failure: "FAILURE", notAttempted: "NOT_ATTEMPTED" } as const;

function cancelPart(
	services: EdgeServices,
	symbol: SymbolSpec,
	params: CancelReplaceParams,
): CancelRequest {
	const { cancelOrderId, cancelOrigClientOrderId } = params;
	checkNamed(
		cancelOrderId,
		cancelOrigClientOrderId,
		"'cancelOrigClientOrderId' or 'cancelOrderId'",
	);
	return {
		symbolId: symbol.symbolId,
		orderId: cancelOrderId ?? 0,
		origClientOrderId: cancelOrigClientOrderId ?? "",
		clientOrderId: clientOrderIdOf(params.cancelNewClientOrderId, services.random),
		restriction: params.cancelRestrictions ?? CancelRestriction.None,
	};
}

/**
 * The two parts. A refusal of the whole left everything as it was; it is told of the part it is about: that
 * there is nothing to cancel, so that nothing was placed, or that the new order cannot be, so that the old
 * one stays.
 *
 * @throws ApiError for a refusal that is about neither
 */
function partsOf(outcome: Outcome<CancelReplaceAnswer>): CancelReplaceAnswer {
	if (outcome.ok) return outcome.value;
	const { refusal } = outcome;
	const failure = { result: "failure", refusal } as const;
	const notAttempted = { result: "notAttempted" } as const;
	if (isNothingToCancel(refusal)) return { cancel: failure, place: notAttempted, orderCounts: [] };
	if (isImpossible(refusal)) return { cancel: notAttempted, place: failure, orderCounts: [] };
	throw refusalError("place", refusal);
}

/**
 * The cancel alone, of an account that has too many orders for the other half.
 *
 * @throws ApiError when the cancel was refused for another reason than the order itself
 */
async function cancelOnly(
	context: OperationContext,
	{ mode, cancel }: CancelReplaceRequest,
	refusal: Refusal,
): Promise<CancelReplaceAnswer> {
	const { services, caller } = context;
	// The refused call has used up the signature, in the name of both.
	const again = { ...caller, signatureDigest: "" };
	const canceling = services.accounts(caller.userId).cancelOrder(again, cancel);
	const outcome = await outcomeOf(context, canceling);
	const failure = { result: "failure", refusal } as const;
	if (outcome.ok) {
		const canceled = { result: "success", answer: outcome.value } as const;
		return { cancel: canceled, place: failure, orderCounts: [] };
	}
	if (outcome.refusal.reason !== "rejected" && !isNothingToCancel(outcome.refusal)) {
		throw refusalError("cancel", outcome.refusal);
	}
	return {
		cancel: { result: "failure", refusal: outcome.refusal },
		place: mode === CancelReplaceMode.AllowFailure ? failure : { result: "notAttempted" },
		orderCounts: [],
	};
}

function isNothingToCancel({ reason }: Refusal): boolean {
	return reason === "unknownOrder" || reason === "clientOrderIdMismatch";
}

/** What Binance's engine would say of the new order, where filters and limits are refused before it. */
function isImpossible({ reason }: Refusal): boolean {
	return reason === "insufficientBalance" || reason === "duplicateOrder" || reason === "noPrice";
}

function partView<T>(
	asked: Asked,
	part: PartAnswer<T>,
	view: (answer: T) => object,
): object | null {
	if (part.result === "success") return view(part.answer);
	if (part.result === "notAttempted") return null;
	const { code, message } = refusalError(asked, part.refusal);
	return { code, msg: message };
}

/**
 * Success only when both parts succeeded.
 *
 * @throws ApiError 409 -2021 when one did, 400 -2022 when none did, with both parts under `data`
 */
function allOrThrow(answer: CancelReplaceAnswer, view: object): object {
	const succeeded = [answer.cancel, answer.place].filter((part) => part.result === "success");
	if (succeeded.length === 2) return view;
	throw succeeded.length === 1
		? new ApiError(-2021, "Order cancel-replace partially failed.", 409, view)
		: new ApiError(-2022, "Order cancel-replace failed.", 400, view);
}
