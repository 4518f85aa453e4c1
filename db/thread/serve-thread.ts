import { threadGivesWay } from "../machine/thread-gives-way.ts";
import type { AnswerMessage, CallMessage, CarriedError, Core } from "./thread-messages.ts";

declare const self: Worker;

/**
 * The thread's side: `open` makes what is served from the options of the first call; then every call
 * is made in order, and the answers of one message go back in one. It gives way to the main thread,
 * which clients wait for.
 */
export function serveThread<Options>(open: (options: Options) => Core): void {
	threadGivesWay();
	let core: Core | null = null;
	const call = (method: string, args: readonly unknown[]): unknown => {
		if (core === null) {
			core = open(args[0] as Options);
			return undefined;
		}
		return core[method]?.(...(args as never[]));
	};
	self.onmessage = (message: MessageEvent<CallMessage>) => {
		const answers: AnswerMessage[number][] = [];
		for (const { id, method, args } of message.data) {
			try {
				answers.push({ id, ok: true, value: call(method, args) });
			} catch (error) {
				answers.push({ id, ok: false, error: carried(error) });
			}
		}
		self.postMessage(answers);
	};
}

function carried(error: unknown): CarriedError {
	if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: "" };
	return { name: error.name, message: error.message, stack: error.stack ?? "" };
}
