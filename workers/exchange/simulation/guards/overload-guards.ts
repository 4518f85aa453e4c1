import { type Guard, guard } from "./guard.ts";

const ANSWERS = "workers/accounts/answers.ts";
const TRADING = "workers/accounts/trading.ts";
const WORKER = "workers/accounts/worker.ts";

/** Rules of what is shed, and what never is. */
export const overloadGuards: readonly Guard[] = [
	guard(
		"overload: orders",
		"every queue has a bound: orders that wait for their answers",
		WORKER,
		': this.answers.waiting("order") >= settings.maxWaitingOrders ||',
		": false ||",
	),
	guard(
		"overload: cancels",
		"every queue has a bound: cancels that wait for their answers",
		WORKER,
		'? this.answers.waiting("cancel") >= settings.maxWaitingCancels',
		"? false",
	),
	guard(
		"overload: write-behind",
		"every queue has a bound: what the ledger does not have yet",
		WORKER,
		"running.writeBehind.lagMs() >= settings.maxLagMs;",
		"false;",
	),
	guard(
		"overload: a lane for cancels",
		"cancels keep a lane of their own",
		WORKER,
		'			lane === "cancel"\n',
		'			lane === ("none" as Lane)\n',
	),
	guard(
		"overload: one lane fills the other",
		"cancels keep a lane of their own",
		ANSWERS,
		"			this.inLane[lane] += 1;\n			waiting.set",
		"			this.inLane.order += 1;\n			this.inLane.cancel += 1;\n			waiting.set",
	),
	guard(
		"overload: room comes back",
		"beyond the bound, and no longer, new orders are shed",
		ANSWERS,
		"		this.inLane[waiting.lane] -= 1;\n",
		"",
	),
	guard(
		"overload: what is shed is not done",
		"a signature counts of a call that is shed, too",
		TRADING,
		"		const refused = this.desk.callers.refusalOf(caller, lane, this.ts(nowMs));\n		return refused ?? this.desk.overload(lane);\n",
		"		const refused = this.desk.overload(lane);\n		return refused ?? this.desk.callers.refusalOf(caller, lane, this.ts(nowMs));\n",
	),
	guard(
		"overload: Retry-After",
		"beyond it new orders get HTTP 429 with Retry-After",
		"edge/http/operation-handler.ts",
		'headers["retry-after"] =',
		'headers["x-again"] =',
	),
];
