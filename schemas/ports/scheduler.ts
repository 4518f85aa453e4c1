/** Takes back what was scheduled; harmless when it ran already. */
export type Cancel = () => void;

/** Timers. No promise of business code is resolved by anything else but a port's answer. */
export interface Scheduler {
	/** Once, after at least this long. */
	after(delayMs: number, run: () => void): Cancel;
	/** Again and again. */
	every(periodMs: number, run: () => void): Cancel;
	/** Once, after what is runnable now: what arrives together is handled together. */
	soon(run: () => void): void;
}
