import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { AnswerMessage, CallMessage, CarriedError, Core } from "./thread-messages.ts";

/** The thread died or was closed; calls without an answer may or may not have been made. */
export class ThreadGone extends Error {
	override readonly name = "ThreadGone";
}

interface Waiting {
	resolve(value: unknown): void;
	reject(error: Error): void;
}

/**
 * This side of a thread that serves a Core. Calls made in one turn cross in one message and are made
 * in order; an error that was thrown there is thrown here, with its name and message.
 */
export class ThreadClient<C extends Core> {
	private readonly worker: Worker;
	private readonly scheduler: Scheduler;
	private readonly waiting = new Map<number, Waiting>();
	private queued: CallMessage[number][] = [];
	private calls = 0;
	private gone: ThreadGone | null = null;

	private constructor(worker: Worker, scheduler: Scheduler) {
		this.worker = worker;
		this.scheduler = scheduler;
		worker.onmessage = (message: MessageEvent<AnswerMessage>) => this.answered(message.data);
		worker.onerror = (event: ErrorEvent) => this.end(`the thread failed: ${event.message}`);
		worker.addEventListener("close", () => this.end("the thread ended"));
	}

	/**
	 * Starts the thread.
	 *
	 * @param module of the thread: it calls `serveThread`
	 * @throws what opening throws there
	 */
	static async start<C extends Core>(
		module: URL,
		options: unknown,
		scheduler: Scheduler,
	): Promise<ThreadClient<C>> {
		const client = new ThreadClient<C>(new Worker(module), scheduler);
		try {
			await client.send("open", [options]);
		} catch (error) {
			client.worker.terminate();
			throw error;
		}
		return client;
	}

	call<K extends keyof C & string>(
		method: K,
		...args: Parameters<C[K]>
	): Promise<ReturnType<C[K]>> {
		return this.send(method, args) as Promise<ReturnType<C[K]>>;
	}

	/** Ends the thread after the calls made so far. Harmless when it has ended. */
	async close(lastCall: keyof C & string): Promise<void> {
		if (this.gone !== null) return;
		await this.send(lastCall, []);
		this.end("the thread is closed");
		this.worker.terminate();
	}

	private send(method: string, args: readonly unknown[]): Promise<unknown> {
		return new Promise((resolve, reject) => {
			if (this.gone !== null) return reject(this.gone);
			this.calls += 1;
			this.waiting.set(this.calls, { resolve, reject });
			this.queued.push({ id: this.calls, method, args });
			if (this.queued.length === 1) this.scheduler.soon(() => this.post());
		});
	}

	private post(): void {
		const calls = this.queued;
		this.queued = [];
		if (this.gone === null) this.worker.postMessage(calls);
	}

	private answered(answers: AnswerMessage): void {
		for (const answer of answers) {
			const waiting = this.waiting.get(answer.id);
			this.waiting.delete(answer.id);
			if (answer.ok) waiting?.resolve(answer.value);
			else waiting?.reject(rebuilt(answer.error));
		}
	}

	private end(reason: string): void {
		if (this.gone !== null) return;
		this.gone = new ThreadGone(reason);
		for (const { reject } of this.waiting.values()) reject(this.gone);
		this.waiting.clear();
	}
}

function rebuilt(carried: CarriedError): Error {
	const error = new Error(carried.message);
	error.name = carried.name;
	error.stack = carried.stack;
	return error;
}
