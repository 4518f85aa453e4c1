import { namedInterval } from "../../schemas/api/named-interval.ts";
import type { OrderCount } from "../../schemas/ports/account-service.ts";

/** By interval: a venue has two, and every order's answer names them. */
const countHeaders = new Map<number, string>();

/** x-mbx-order-count-10s and its like. */
export function orderCountHeader({ intervalMs }: OrderCount): string {
	let header = countHeaders.get(intervalMs);
	if (header === undefined) {
		const { interval, intervalNum } = namedInterval(intervalMs);
		header = `x-mbx-order-count-${intervalNum}${interval[0]!.toLowerCase()}`;
		countHeaders.set(intervalMs, header);
	}
	return header;
}

const USED_WEIGHT = "x-mbx-used-weight-1m";

/** Headers of a JSON answer with the weight used so far. */
export function jsonHeaders(usedWeight: number): Record<string, string> {
	return {
		"content-type": "application/json;charset=UTF-8",
		"cache-control": "no-cache, no-store, must-revalidate",
		"x-content-type-options": "nosniff",
		[USED_WEIGHT]: String(usedWeight),
	};
}

/**
 * The same headers, for answer after answer: what is always so is written once, since a Response takes
 * a copy of the Headers it is made with.
 */
export class AnswerHeaders {
	private readonly more: Readonly<Record<string, string>>;
	private readonly plain: Headers;
	private counted: Headers;
	/** What `counted` has besides: those of the last answer with counts. */
	private counts: readonly OrderCount[] = [];

	/** @param more what stands in every answer besides */
	constructor(more: Readonly<Record<string, string>>) {
		this.more = more;
		this.plain = this.made();
		this.counted = this.made();
	}

	/** To be used at once: the next call fills them anew. */
	of(usedWeight: number, counts: readonly OrderCount[]): Headers {
		if (counts.length === 0) return withWeight(this.plain, usedWeight);
		if (!sameIntervals(counts, this.counts)) this.counted = this.made();
		this.counts = counts;
		for (const count of counts) this.counted.set(orderCountHeader(count), String(count.count));
		return withWeight(this.counted, usedWeight);
	}

	private made(): Headers {
		return new Headers({ ...jsonHeaders(0), ...this.more });
	}
}

function withWeight(headers: Headers, usedWeight: number): Headers {
	headers.set(USED_WEIGHT, String(usedWeight));
	return headers;
}

function sameIntervals(some: readonly OrderCount[], others: readonly OrderCount[]): boolean {
	if (some.length !== others.length) return false;
	for (let i = 0; i < some.length; i++) {
		if (some[i]!.intervalMs !== others[i]!.intervalMs) return false;
	}
	return true;
}
