import { ApiError } from "../api-error.ts";

const RETRY_AFTER_MS = 2_000;

/** Lets so many tasks run at once; the others wait their turn, and beyond the bound are refused. */
export class AtMost {
	private readonly most: number;
	private readonly longestQueue: number;
	private running = 0;
	private readonly queue: (() => void)[] = [];

	constructor(most: number, longestQueue: number) {
		this.most = most;
		this.longestQueue = longestQueue;
	}

	/** @throws ApiError 429 when too many wait already */
	async run<T>(task: () => Promise<T>): Promise<T> {
		if (this.running >= this.most) {
			if (this.queue.length >= this.longestQueue) throw overloaded();
			await new Promise<void>((resolve) => this.queue.push(resolve));
		} else {
			this.running++;
		}
		try {
			return await task();
		} finally {
			const next = this.queue.shift();
			if (next === undefined) this.running--;
			else next();
		}
	}
}

function overloaded(): ApiError {
	const text = "Server is currently overloaded with other requests. Please try again later.";
	return new ApiError(-1008, text, 429, undefined, RETRY_AFTER_MS);
}
