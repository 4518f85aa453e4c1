import type { OrderCount } from "../../schemas/ports/account-service.ts";
import type { OrderLimit } from "./settings.ts";

interface Window {
	/** Number of the window since 1970. */
	index: number;
	count: number;
}

/**
 * Unfilled orders of each user per fixed window. In memory only: a restart begins new windows, which
 * errs in the clients' favour.
 */
export class OrderCounts {
	private readonly limits: readonly OrderLimit[];
	private readonly users = new Map<number, Window[]>();

	constructor(limits: readonly OrderLimit[]) {
		this.limits = limits;
	}

	/** The first limit that one more order would break, and how long until its window ends. */
	exceeded(
		userId: number,
		nowMs: number,
	): { readonly limit: OrderLimit; readonly retryAfterMs: number } | null {
		const windows = this.users.get(userId);
		if (windows === undefined) return null;
		for (let i = 0; i < this.limits.length; i += 1) {
			const limit = this.limits[i] as OrderLimit;
			const window = windows[i] as Window;
			const index = Math.floor(nowMs / limit.intervalMs);
			if (window.index !== index || window.count < limit.limit) continue;
			return { limit, retryAfterMs: (index + 1) * limit.intervalMs - nowMs };
		}
		return null;
	}

	/** One more order. */
	add(userId: number, nowMs: number): void {
		let windows = this.users.get(userId);
		if (windows === undefined) {
			windows = this.limits.map(() => ({ index: 0, count: 0 }));
			this.users.set(userId, windows);
		}
		for (let i = 0; i < this.limits.length; i += 1) {
			const window = windows[i] as Window;
			const index = Math.floor(nowMs / (this.limits[i] as OrderLimit).intervalMs);
			if (window.index === index) {
				window.count += 1;
			} else {
				window.index = index;
				window.count = 1;
			}
		}
	}

	/** Gives some back, in the windows of now, never below 0: a first fill, a rejection. */
	giveBack(userId: number, nowMs: number, credit: number): void {
		const windows = this.users.get(userId);
		if (windows === undefined) return;
		for (let i = 0; i < this.limits.length; i += 1) {
			const window = windows[i] as Window;
			const index = Math.floor(nowMs / (this.limits[i] as OrderLimit).intervalMs);
			if (window.index === index) window.count = Math.max(0, window.count - credit);
		}
	}

	of(userId: number, nowMs: number): OrderCount[] {
		const windows = this.users.get(userId);
		return this.limits.map(({ intervalMs, limit }, i) => {
			const window = windows?.[i];
			const current = window?.index === Math.floor(nowMs / intervalMs);
			return { intervalMs, limit, count: current ? (window?.count ?? 0) : 0 };
		});
	}
}
