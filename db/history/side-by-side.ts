/** Objects of an archive that are asked for at once. */
const AT_ONCE = 16;

/** Does the same for each, some at a time. What fails ends it, once the others that are under way have ended. */
export async function sideBySide<T>(
	all: Iterable<T>,
	act: (one: T) => Promise<unknown>,
): Promise<void> {
	const waiting = [...all].reverse();
	const lane = async () => {
		while (waiting.length > 0) {
			await act(waiting.pop() as T).catch((error) => {
				waiting.length = 0;
				throw error;
			});
		}
	};
	const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
	for (const end of ends) if (end.status === "rejected") throw end.reason;
}
