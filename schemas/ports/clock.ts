/** Time. Business code never reads a clock of its own: in simulation it is the seed's. */
export interface Clock {
	/** Wall clock, ms since 1970. May step back. */
	nowMs(): number;
	/** Never steps back; only differences mean something. Goes on while the process is paused. */
	monotonicMs(): number;
}
