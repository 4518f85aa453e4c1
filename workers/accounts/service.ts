import type { AccountService, AuditAnswer, Outcome } from "../../schemas/ports/account-service.ts";
import type { Access } from "./access.ts";
import { audit, lineOf } from "./audit.ts";
import type { Desk } from "./desk.ts";
import { FundsDesk } from "./funds-desk.ts";
import { Reads } from "./reads.ts";
import { Trading } from "./trading.ts";

/** The parts of a running worker that answer requests. */
export class RequestHandlers {
	readonly desk: Desk;
	readonly trading: Trading;
	readonly reads: Reads;
	readonly funds: FundsDesk;

	constructor(desk: Desk) {
		this.desk = desk;
		this.trading = new Trading(desk);
		this.reads = new Reads(desk);
		this.funds = new FundsDesk(desk);
	}
}

const UNKNOWN: Outcome<never> = { ok: false, refusal: { reason: "unknown" } };
const NOTHING_ASKED: AuditAnswer = {
	...{ checks: [], evSeqs: [], clearing: [], clearingMarks: [] },
	sampled: { rounds: 0, withdrawalsStopped: false, faults: [] },
};

/**
 * The worker's service: before it is started, and once it has stopped, everything is "unknown", never
 * "not found".
 *
 * @param mayBeTold false for a worker that may have been succeeded: what it is told of keys and users,
 *   its successor may not know
 */
export function accountService(
	access: Access,
	handlers: () => RequestHandlers | null,
	mayBeTold: () => boolean,
): AccountService {
	async function told(tell: () => void): Promise<void> {
		if (!mayBeTold()) throw mayNotAnswer();
		tell();
	}
	function at<T>(
		ask: (open: RequestHandlers) => Promise<Outcome<T>> | Outcome<T>,
	): Promise<Outcome<T>> {
		const open = handlers();
		return Promise.resolve(open === null ? UNKNOWN : ask(open));
	}
	return {
		placeOrder: (caller, request) => at((h) => h.trading.place(caller, request)),
		cancelOrder: (caller, request) => at((h) => h.trading.cancel(caller, request)),
		cancelReplace: (caller, request) => at((h) => h.trading.replace(caller, request)),
		amendOrder: (caller, request) => at((h) => h.trading.amend(caller, request)),
		cancelAll: (caller, symbolId) => at((h) => h.trading.cancelAll(caller, symbolId)),
		account: (userId) => at((h) => h.reads.account(userId)),
		openOrders: (userId, symbolId) => at((h) => h.reads.openOrders(userId, symbolId)),
		findOrder: (userId, request) => at((h) => h.reads.find(userId, request)),
		recentOrders: (userId, symbolId) => at((h) => h.reads.recentOrders(userId, symbolId)),
		orderCounts: (userId) => at((h) => h.reads.orderCounts(userId)),
		deposit: (request) => at((h) => h.funds.deposit(request)),
		withdraw: (request) => at((h) => h.funds.withdraw(request)),
		fundsHistory: (userId, request) => at((h) => h.reads.fundsHistory(userId, request)),
		raiseKeyGeneration(keyId, generation) {
			return told(() => access.raiseGeneration(keyId, generation));
		},
		setFrozen(userId, frozen) {
			return told(() => access.setFrozen(userId, frozen));
		},
		userEventsSince(userId, after) {
			const desk = handlers()?.desk;
			if (desk === undefined || !desk.answers.mayAnswer()) {
				return Promise.reject(mayNotAnswer());
			}
			return Promise.resolve(desk.state.userEvents.since(userId, after, desk.clock.nowMs()));
		},
		audit() {
			const open = handlers();
			if (open === null) return Promise.resolve(NOTHING_ASKED);
			const { state, auditor } = open.desk;
			const { rounds, withdrawalsStopped } = auditor;
			const faults = auditor.findings().map(lineOf);
			const sampled = { rounds, withdrawalsStopped, faults };
			return Promise.resolve({ ...audit(state), sampled });
		},
		resumeWithdrawals(seen) {
			const desk = handlers()?.desk;
			if (desk === undefined || !desk.answers.mayAnswer()) return Promise.reject(mayNotAnswer());
			desk.auditor.resume(seen);
			return Promise.resolve();
		},
	};
}

function mayNotAnswer(): Error {
	return new Error("the account worker may not answer now");
}
