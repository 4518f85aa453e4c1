// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
type Event = any;

const ENDED = new Set(["FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"]);
/** What an order keeps from its first report to its last. */
const LASTING = ["s", "S", "o", "f", "p", "P", "F", "O", "V", "g"];

/** What one user's stream has told, as a careful bot keeps it: it throws where an event does not follow. */
export class ToldAccount {
	/** The last report of each order. */
	readonly orders = new Map<number, Event>();
	/** The client id by which each order goes now. */
	readonly names = new Map<number, string>();
	readonly trades: Event[] = [];
	/** "free/locked" by asset. */
	readonly balances = new Map<string, string>();
	private lastExecution = 0;

	/** Orders that have not ended, oldest first. */
	get open(): Event[] {
		return [...this.orders.values()].filter((report) => !ENDED.has(report.X));
	}

	hear(event: Event): void {
		if (event.e === "outboundAccountPosition") {
			for (const { a, f, l } of event.B) this.balances.set(a, `${f}/${l}`);
		} else if (event.e === "executionReport") this.report(event);
		else throw new Error(`not of an order: ${JSON.stringify(event)}`);
	}

	private report(now: Event): void {
		const before = this.orders.get(now.i);
		const hold = (isSo: boolean, what: string) => {
			if (!isSo) throw new Error(`${what}: ${JSON.stringify(now)} after ${JSON.stringify(before)}`);
		};
		hold(now.I > this.lastExecution, "executions grow");
		this.lastExecution = now.I;
		// The new half of a cancel-replace, which never was an order.
		if (now.x === "REJECTED") return;
		hold(before !== undefined || now.x === "NEW", "an order begins with NEW");
		hold(before === undefined || !ENDED.has(before.X), "nothing follows an end");
		hold((now.x === "TRADE") === now.t >= 0, "a TRADE alone has a trade's id");
		hold(!(ENDED.has(now.X) && now.w), "what has ended is not on the book");
		const { z = "0", Z = "0", A = "0" } = before ?? {};
		hold(units(now.z) === units(z) + units(now.l), "z is the sum of l");
		hold(units(now.Z) === units(Z) + units(now.Y), "Z is the sum of Y");
		hold(units(now.A ?? "0") === units(A) + units(now.B ?? "0"), "A is the sum of B");
		const name = this.names.get(now.i);
		if (now.x === "CANCELED" || now.x === "REPLACED")
			hold(now.C === name, "C is the name of before");
		else hold(now.C === "" && (name ?? now.c) === now.c, "c is the order's name");
		if (now.x !== "CANCELED") this.names.set(now.i, now.c);
		if (before !== undefined) this.checkLasting(before, now, hold);
		if (now.x === "TRADE") this.trades.push(now);
		this.orders.set(now.i, now);
	}

	private checkLasting(
		before: Event,
		now: Event,
		hold: (isSo: boolean, what: string) => void,
	): void {
		for (const key of LASTING) hold(now[key] === before[key], `${key} stays`);
		hold(before.W === undefined || now.W === before.W, "W stays");
		const isByQuote = Number(now.Q) > 0;
		hold(now.x === "REPLACED" || isByQuote || now.q === before.q, "q changes by an amend only");
	}
}

/** In units of 0.00000001. */
function units(text: string): number {
	return Math.round(Number(text) * 1e8);
}
