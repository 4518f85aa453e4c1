/**
 * One command's name in the logs of all processes. `seq` is gapless per shard and partition over all
 * epochs, so no two commands that count share it.
 */
export function traceOf(partition: number, shard: number, seq: number): string {
	return `${partition}-${shard}-${seq}`;
}

/** Every process samples the same commands. */
export function isTraced(seq: number, oneIn: number): boolean {
	return seq % oneIn === 0;
}
