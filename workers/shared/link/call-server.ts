import { InvariantViolation } from "../../../schemas/invariant.ts";
import { type LinkEnd, messageOf } from "../../../schemas/link/link-end.ts";
import { answer, type Call, call, failure, MessageKind } from "../../../schemas/link/messages.ts";
import type { Method } from "../../../schemas/link/methods.ts";
import type { RowReader } from "../../../schemas/link/shape.ts";

type AnyMethod = Method<readonly unknown[], unknown>;

/** Of an answer, some 30 MB: no gateway takes a frame of 64 MiB, and the link that it broke is everybody's. */
const MOST_VALUES = 4_000_000;

/** What answers the calls of a link. */
export interface Answering {
	readonly methods: Readonly<Record<string, AnyMethod>>;
	/** @throws Error when it is not served here; an answer, at once or later */
	answer(call: Call, args: readonly unknown[]): Answered | Promise<Answered>;
}

export interface Answered {
	readonly value: unknown;
	readonly evSeq: number;
}

/** Answers calls that come over one link. */
export class CallServer {
	/** Calls that are not answered yet. */
	pending = 0;
	private readonly end: Pick<LinkEnd, "say">;
	private readonly answering: Answering;
	private readonly onFatal: (error: unknown) => void;

	constructor(end: Pick<LinkEnd, "say">, answering: Answering, onFatal: (error: unknown) => void) {
		this.end = end;
		this.answering = answering;
		this.onFatal = onFatal;
	}

	/** @throws RangeError for what is no call of this service */
	take(row: RowReader): void {
		const asked = call.read(row);
		const { methods } = this.answering;
		if (!Object.hasOwn(methods, asked.method)) throw new RangeError(`no method ${asked.method}`);
		const method = methods[asked.method]!;
		const args = method.args.read(row);
		row.end();
		this.pending += 1;
		void this.run(asked, method, args);
	}

	private async run(asked: Call, method: AnyMethod, args: readonly unknown[]): Promise<void> {
		const { id } = asked;
		try {
			const { value, evSeq } = await this.answering.answer(asked, args);
			const message = messageOf(MessageKind.Answer, answer, { id, evSeq });
			method.value.write(value, message);
			if (message.length > MOST_VALUES) throw new Error("the answer is too large");
			this.end.say(message);
		} catch (error) {
			if (error instanceof InvariantViolation) this.onFatal(error);
			this.end.say(messageOf(MessageKind.Failure, failure, { id, reason: String(error) }));
		}
		this.pending -= 1;
	}
}
