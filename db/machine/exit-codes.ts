/** How a program ends, by sysexits.h; 0 when it did what it was asked for, a drain among it. */
export const EXIT = {
	/** Asked twice to stop, or longer in doing so than it may: the log has everything all the same. */
	notDrained: 1,
	/** Words, flags or settings that are not known. */
	wrongUsage: 64,
	/** What it was given does not add up. */
	wrongData: 65,
	/** A server does not answer, or a port or a folder is taken. */
	unavailable: 69,
	/** A rule of the exchange did not hold. Somebody should look. */
	brokenInvariant: 70,
	/** Another process has taken its place: started again, it stands by. */
	succeeded: 75,
} as const;
