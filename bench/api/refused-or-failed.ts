import type { LoadResult } from "./generator.ts";

/** "0", or each status that is no 200 with its count, and the API's codes. */
export function refusedOrFailed({ statuses, codes, unanswered }: LoadResult): string {
	const parts = countsOf(statuses);
	if (unanswered > 0) parts.push(`unanswered: ${unanswered}`);
	return parts.length === 0 ? "0" : `${parts.join(", ")} (${countsOf(codes).join(", ")})`;
}

function countsOf(counts: Readonly<Record<string, number>>): string[] {
	return Object.entries(counts)
		.filter(([name]) => name !== "200")
		.map(([name, count]) => `${name}: ${count}`);
}
