import type { SeededRandom } from "./seeded-random.ts";

/** How rough a seed's world is. Odds are per call or per delivery, `Turn` odds per turn of the run. */
export interface Weather {
	/** An append's acknowledgement is lost, or comes late, or the append is doubled or dropped. */
	readonly appendFaults: number;
	/** A ledger call's answer is lost, or the call does not happen. */
	readonly ledgerFaults: number;
	/** A read of the log fails. */
	readonly readFaults: number;
	/** A write to order log, history or archive fails, before or after it was done. */
	readonly storeFaults: number;
	/** A call between edge and account worker is lost, its answer is lost, or it comes twice. */
	readonly linkFaults: number;
	/** A message of the bus is lost. */
	readonly busFaults: number;
	/** A delivery of the log waits, with all behind it. */
	readonly lag: number;
	/** Longest way of an append, commit or call, ms. */
	readonly delayMs: number;
	/** A process is killed at a step; more often at steps that are rare. */
	readonly crash: number;
	/** Killed, paused, doubled or cut off, between two steps of anything. */
	readonly killTurn: number;
	readonly pauseTurn: number;
	readonly doubleTurn: number;
	readonly cutTurn: number;
	/** Everything dies at once. */
	readonly blackoutTurn: number;
	/** The ledger is restored to an earlier point. */
	readonly restoreTurn: number;
	/** A client of the streams stops reading, goes away, or comes back. */
	readonly clientTurn: number;
	/** Something that aims at one rule. */
	readonly aimedTurn: number;
	/** How far process clocks are off, ms each way; and a clock steps. */
	readonly clockSkewMs: number;
	readonly clockStepTurn: number;
}

/** Some seeds are calm and some are storms: each kind of fault is switched on by itself. */
export function weatherOf(random: SeededRandom): Weather {
	const storm = random.pick([0.3, 1, 1, 2]);
	const odds = (...list: readonly number[]): number => random.pick(list) * storm;
	return {
		appendFaults: odds(0, 0.02, 0.1),
		ledgerFaults: odds(0, 0.03, 0.2),
		readFaults: odds(0, 0, 0.02),
		storeFaults: odds(0, 0.02, 0.1),
		linkFaults: odds(0, 0.01, 0.05),
		busFaults: odds(0, 0, 0.01),
		lag: odds(0, 0, 0.003, 0.01),
		delayMs: random.pick([0, 0, 2, 10, 60]),
		crash: odds(0, 0, 0.0003, 0.001),
		killTurn: odds(0, 0.003, 0.01),
		pauseTurn: odds(0, 0.004, 0.012),
		doubleTurn: odds(0, 0.004, 0.012),
		cutTurn: odds(0, 0.006, 0.02),
		blackoutTurn: odds(0, 0, 0.001, 0.003),
		restoreTurn: odds(0, 0, 0.006),
		clientTurn: odds(0, 0.01, 0.05),
		aimedTurn: odds(0, 0.01, 0.025),
		clockSkewMs: random.pick([0, 0, 50, 200]),
		clockStepTurn: odds(0, 0, 0.003),
	};
}

/** For getting to rest: nothing fails any more. */
export function calm(weather: Weather): Weather {
	const none = Object.keys(weather).map((name) => [name, 0]);
	const still: Weather = Object.fromEntries(none);
	return { ...still, clockSkewMs: weather.clockSkewMs };
}
