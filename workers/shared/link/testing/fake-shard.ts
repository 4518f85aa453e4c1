import type { AccountService, Outcome } from "../../../../schemas/ports/account-service.ts";
import type { ServedShard } from "../accounts-on-link.ts";

interface Asked {
	readonly method: string;
	readonly args: readonly unknown[];
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

/** A shard whose answers a test gives one by one. */
export class FakeShard implements ServedShard {
	readonly shard: number;
	epoch: number;
	readonly service: AccountService;
	/** What was asked and is not answered yet, oldest first. */
	readonly asked: Asked[] = [];
	private readonly positions: number[];

	constructor(shard: number, epoch: number, positions: number[] = []) {
		this.shard = shard;
		this.epoch = epoch;
		this.positions = positions;
		this.service = new Proxy({} as AccountService, {
			get:
				(_target, method) =>
				(...args: unknown[]) =>
					this.ask(String(method), args),
		});
	}

	evSeqs(): readonly number[] {
		return this.positions;
	}

	settledUpTo(partition: number, evSeq: number): void {
		this.positions[partition] = evSeq;
	}

	/** Answers the oldest question. */
	answer(value: unknown): void {
		this.asked.shift()?.resolve(value);
	}

	/** The oldest question fails. */
	fail(error: Error): void {
		this.asked.shift()?.reject(error);
	}

	private ask(method: string, args: readonly unknown[]): Promise<unknown> {
		return new Promise((resolve, reject) => this.asked.push({ method, args, resolve, reject }));
	}
}

/** An answer that says whose it is. */
export function countsOf(count: number): Outcome<unknown> {
	return { ok: true, value: [{ intervalMs: 10_000, limit: 50, count }] };
}
