import type { StreamsConnection } from "./connection.ts";
import {
	ControlError,
	type ControlRequest,
	controlFrameOf,
	controlRequestOf,
	errorText,
	resultText,
} from "./control-message.ts";
import { isListenKey, type UserStreamFault, type UserStreams } from "./user-streams.ts";

const FAULT_TEXTS: Readonly<Record<UserStreamFault, string>> = {
	unknownListenKey: "This listenKey does not exist.",
	unavailable: "The user data stream is not available; try again.",
};

/** A listen key could not be subscribed. */
export class UserStreamError extends ControlError {
	readonly fault: UserStreamFault;

	constructor(fault: UserStreamFault) {
		super(2, `Invalid request: ${FAULT_TEXTS[fault]}`);
		this.fault = fault;
	}

	/** What an HTTP answer says. */
	get text(): string {
		return FAULT_TEXTS[this.fault];
	}
}

/** Carries out the control frames of connections. */
export class Control {
	private readonly userStreams: UserStreams;
	private readonly maxStreams: number;

	constructor(options: { readonly userStreams: UserStreams; readonly maxStreams: number }) {
		this.userStreams = options.userStreams;
		this.maxStreams = options.maxStreams;
	}

	/** Does what the frame says; resolves with the answer's text. */
	async answer(connection: StreamsConnection, text: string): Promise<string> {
		let id: string | undefined;
		try {
			const frame = controlFrameOf(text);
			id = frame.id;
			const request = controlRequestOf(frame, this.maxStreams);
			return resultText(frame.id ?? "null", await this.run(connection, request));
		} catch (error) {
			if (error instanceof ControlError) return errorText(id, error);
			throw error;
		}
	}

	/**
	 * All names or none.
	 *
	 * @throws ControlError
	 */
	async subscribe(connection: StreamsConnection, names: readonly string[]): Promise<void> {
		const present = new Set(connection.names);
		const wanted = names.filter((name) => !present.has(name));
		if (present.size + wanted.length > this.maxStreams) {
			throw new ControlError(2, `Invalid request: more than ${this.maxStreams} streams`);
		}
		const added: string[] = [];
		for (const key of wanted.filter(isListenKey)) {
			const fault = await this.userStreams.add(connection, key);
			if (fault !== null) {
				for (const one of added) connection.removeUserStream(one);
				throw new UserStreamError(fault);
			}
			added.push(key);
		}
		for (const name of wanted) if (!isListenKey(name)) connection.subscribe(name);
	}

	private async run(connection: StreamsConnection, request: ControlRequest): Promise<unknown> {
		switch (request.method) {
			case "SUBSCRIBE":
				await this.subscribe(connection, request.names);
				return null;
			case "UNSUBSCRIBE":
				for (const name of request.names) {
					if (isListenKey(name)) connection.removeUserStream(name);
					else connection.unsubscribe(name);
				}
				return null;
			case "LIST_SUBSCRIPTIONS":
				return connection.names;
			case "GET_PROPERTY":
				return connection.form.combined;
			case "SET_PROPERTY":
				connection.setCombined(request.combined);
				return null;
		}
	}
}
