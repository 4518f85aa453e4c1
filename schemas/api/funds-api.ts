import * as v from "valibot";
import { endTime, limit, params, startTime, whole } from "./param-types.ts";
import { amount, timeMs } from "./result-types.ts";

/** Parameters and results of the calls about deposits and withdrawals. */

const rangeEntries = {
	coin: v.optional(v.string()),
	status: v.optional(whole),
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	offset: v.optional(whole, "0"),
	limit: limit(1_000, 1_000),
};

export const depositHistoryParams = params({ ...rangeEntries, txId: v.optional(v.string()) });

export const withdrawHistoryParams = params({
	...rangeEntries,
	withdrawOrderId: v.optional(
		v.pipe(v.string(), v.metadata({ description: "An id of the client's choice: none has one." })),
	),
	idList: v.optional(
		v.pipe(v.string(), v.metadata({ description: "At most 45 ids, with commas between them." })),
	),
});

/** What both say of a movement: money comes and goes by the operator, through no network. */
const movement = {
	id: v.string(),
	amount,
	coin: v.string(),
	network: v.literal(""),
	address: v.literal(""),
	addressTag: v.literal(""),
	txId: v.string(),
	transferType: v.literal(0),
	walletType: v.literal(0),
};

export const depositHistoryResult = v.array(
	v.strictObject({
		...movement,
		status: v.literal(1),
		insertTime: timeMs,
		completeTime: timeMs,
		confirmTimes: v.literal("1/1"),
		unlockConfirm: v.literal(1),
	}),
);

/** "2026-11-23 17:20:00", UTC. */
const secondText = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/));

export const withdrawHistoryResult = v.array(
	v.strictObject({
		...movement,
		status: v.literal(6),
		transactionFee: amount,
		applyTime: secondText,
		completeTime: secondText,
		info: v.literal(""),
		confirmNo: v.literal(1),
		txKey: v.literal(""),
	}),
);
