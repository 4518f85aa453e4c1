import { accountMethods } from "../../schemas/link/account-methods.ts";
import type { Method } from "../../schemas/link/methods.ts";
import type { AccountService, Outcome } from "../../schemas/ports/account-service.ts";
import { type Answered, type Lane, LinkFull, type Question } from "./worker-link.ts";

/** Asks the worker that serves a shard. */
export type AskShard = (question: AnyQuestion) => Promise<Answered<unknown>>;

/** A question to an account worker, whatever it is about. */
export type AnyQuestion = Question<readonly unknown[], unknown>;

/** What a client is told to wait when too many questions wait already. */
const RETRY_AFTER_MS = 1_000;
const OVERLOADED: Outcome<never> = {
	ok: false,
	refusal: { reason: "overloaded", retryAfterMs: RETRY_AFTER_MS },
};

const LANE_OF: { readonly [M in keyof AccountService]?: Lane } = {
	placeOrder: "order",
	cancelReplace: "order",
	amendOrder: "order",
	deposit: "order",
	withdraw: "order",
	cancelOrder: "cancel",
	cancelAll: "cancel",
};

/** Answered by no Outcome, so that they cannot be refused. */
const NEVER_REFUSED: ReadonlySet<string> = new Set<keyof AccountService>([
	"raiseKeyGeneration",
	"setFrozen",
	"userEventsSince",
	"audit",
	"resumeWithdrawals",
]);

/** The account worker of a shard, as if it were here. */
export function linkedAccounts(shard: number, ask: AskShard): AccountService {
	const methods = Object.entries(accountMethods) as [
		keyof AccountService,
		Method<readonly unknown[], unknown>,
	][];
	const service = methods.map(([name, method]) => {
		const lane = LANE_OF[name] ?? "other";
		const refused = NEVER_REFUSED.has(name) ? rethrow : refuseWhenFull;
		const asked = (...args: unknown[]): Promise<unknown> =>
			ask({ name, method, args, target: shard, atLeast: 0, lane }).then(toValue, refused);
		return [name, asked] as const;
	});
	return Object.fromEntries(service) as unknown as AccountService;
}

function toValue({ value }: Answered<unknown>): unknown {
	return value;
}

function rethrow(error: unknown): never {
	throw error;
}

function refuseWhenFull(error: unknown): Outcome<never> {
	if (error instanceof LinkFull) return OVERLOADED;
	throw error;
}
