import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { retried } from "./patience.ts";
import { momentOf, sinceMs } from "./stopwatch.ts";

/** A clock that is further off is wrong, ms. */
const MAX_CLOCK_ERROR_MS = 500;
/** An answer within this tells the time; after a longer one the ledger is asked again. */
const QUICK_MS = 500;
const ASKED_AT_MOST = 5;

/**
 * A worker whose clock is behind the log's time does not start: it would stamp a past that the log has
 * left. How far a clock is ahead the log cannot tell, since an exchange may have been away for long.
 *
 * @param logMs the greatest ts in the log that the worker knows
 * @throws InvariantViolation
 */
export function checkClock(clock: Clock, logMs: number): void {
	const ownMs = clock.nowMs();
	const behindMs = logMs - ownMs;
	if (behindMs > MAX_CLOCK_ERROR_MS) throw wrong(ownMs, "the log's last", logMs, -behindMs);
}

/**
 * A worker whose clock is behind the ledger's, or ahead of it, does not start. To be asked before it writes
 * anything: a time that was stamped too early is the log's for good.
 *
 * @throws InvariantViolation
 */
export async function checkClockByLedger(
	clock: Clock,
	scheduler: Scheduler,
	ledger: Ledger,
): Promise<void> {
	let quickest = await retried(scheduler, () => ask(clock, ledger));
	for (let asked = 1; quickest.tookMs > QUICK_MS && asked < ASKED_AT_MOST; asked += 1) {
		const next = await retried(scheduler, () => ask(clock, ledger));
		if (next.tookMs < quickest.tookMs) quickest = next;
	}
	const { ownMs, ledgerMs, tookMs } = quickest;
	// The ledger looked at its clock somewhere on the way.
	const aheadMs = Math.round(ownMs - tookMs / 2 - ledgerMs);
	const surelyMs = Math.abs(aheadMs) - tookMs / 2;
	if (surelyMs > MAX_CLOCK_ERROR_MS) throw wrong(ownMs, "the ledger's", ledgerMs, aheadMs);
}

async function ask(clock: Clock, ledger: Ledger) {
	const asked = momentOf(clock);
	const ledgerMs = await ledger.clockMs();
	return { ownMs: clock.nowMs(), ledgerMs, tookMs: sinceMs(clock, asked) };
}

function wrong(ownMs: number, whose: string, otherMs: number, aheadMs: number): InvariantViolation {
	const off = aheadMs > 0 ? `${aheadMs} ms ahead` : `${-aheadMs} ms behind`;
	const times = `the clock says ${textOf(ownMs)}, ${whose} is ${textOf(otherMs)}`;
	return new InvariantViolation(`${times}: ${off}, where ${MAX_CLOCK_ERROR_MS} ms may be`);
}

function textOf(atMs: number): string {
	// biome-ignore lint/style/noRestrictedGlobals: it is given the time, and asks for none
	return new Date(atMs).toISOString();
}
