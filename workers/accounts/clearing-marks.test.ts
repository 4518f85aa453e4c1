import { expect, test } from "bun:test";
import { EventKind } from "../../schemas/event.ts";
import { clearingAccount } from "../../schemas/ports/ledger.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { audit } from "./audit.ts";
import { MARK_EVERY } from "./clearing-marks.ts";
import { Settler } from "./settle.ts";
import type { AccountState } from "./state.ts";
import { loadedState } from "./testing/state.ts";

const USDT = 2;

/** Settles records of partition 0; clearing moves before each by its evSeq. Returns what it was after each. */
function settleUpTo(state: AccountState, from: number, to: number): Map<number, bigint> {
	const settler = new Settler(state);
	const after = new Map<number, bigint>();
	for (let evSeq = from; evSeq <= to; evSeq += 1) {
		state.balances.credit(state.balances.of(clearingAccount(0), USDT), BigInt(evSeq));
		const events = [{ kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand } as const];
		const record = { shard: 2, epoch: 1, seq: evSeq, ts: 1_000, partition: 0, evSeq, hash: "" };
		settler.settle([{ ...record, command: null, part: 0, last: true, events }], 5_000);
		after.set(evSeq, state.balances.available(clearingAccount(0), USDT));
	}
	return after;
}

test("the last marks are clearing as it was after every 256th record, whatever comes later", () => {
	const state = loadedState({});
	expect(audit(state).clearingMarks).toEqual([]);
	const after = settleUpTo(state, 1, 40 * MARK_EVERY + 9);
	const wanted = [...after].filter(([evSeq]) => evSeq % MARK_EVERY === 0).slice(-32);
	expect(audit(state).clearingMarks).toEqual(
		wanted.map(([evSeq, amount]) => ({ partition: 0, evSeq, rows: [{ assetId: USDT, amount }] })),
	);
});

test("a state loaded anew gives the same marks for the same records, or none", () => {
	const whole = loadedState({});
	const after = settleUpTo(whole, 1, 3 * MARK_EVERY);
	const available = after.get(300) as bigint;
	const anew = loadedState({
		balances: [{ accountId: clearingAccount(0), assetId: USDT, available, held: 0n }],
	});
	settleUpTo(anew, 301, 3 * MARK_EVERY);
	expect(audit(anew).clearingMarks).toEqual(audit(whole).clearingMarks.slice(1));
});
