import type { FundsRequest } from "../../../schemas/ports/account-service.ts";
import type { Parameters, SymbolName } from "./order-maker.ts";

/** A call that places something, and may have to be said again. */
export interface Attempt {
	readonly id: number;
	readonly path: string;
	readonly parameters: Parameters & { readonly symbol: SymbolName };
	readonly name: string | null;
	readonly firstMs: number;
	tries: number;
}

/** A deposit or withdrawal whose outcome is not known. */
export interface FundsAttempt {
	readonly kind: "deposit" | "withdraw";
	readonly request: FundsRequest;
}
