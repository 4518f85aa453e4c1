import type { CommandName, Outcome } from "../../schemas/ports/account-service.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { isTraced } from "../../schemas/trace.ts";
import { answeredCommand } from "../answered-command.ts";
import type { Authenticated } from "../auth/signed.ts";
import { NOBODY } from "../auth/signed.ts";

export interface RequestLine {
	/** "GET", or "WS" for a request on /ws-api/v3. */
	readonly method: string;
	/** Without the query: there are signatures and keys in it. */
	readonly path: string;
	readonly operation: string;
	readonly status: number;
	readonly ms: number;
	readonly ip: string;
	readonly authenticated: Authenticated;
	/** Of an order call; null when no account worker answered one. */
	readonly outcome: Outcome<unknown> | null;
}

/** One line per request; of those that went well, one in `oneIn`, and of commands those that are traced. */
export class RequestLog {
	private readonly logger: Logger;
	private readonly oneIn: number;
	private passed = 0;

	constructor(logger: Logger, oneIn: number) {
		this.logger = logger;
		this.oneIn = oneIn;
	}

	write(line: RequestLine): void {
		const { outcome } = line;
		if (line.status < 400 && !this.isSampled(outcome?.command)) return;
		const { caller } = line.authenticated;
		this.logger.info("request", {
			method: line.method,
			path: line.path,
			operation: line.operation,
			status: line.status,
			ms: Math.round(line.ms * 1_000) / 1_000,
			ip: line.ip,
			userId: line.authenticated === NOBODY ? null : caller.userId,
			keyId: line.authenticated === NOBODY ? null : caller.keyId,
			...(outcome === null ? {} : answeredCommand(outcome)),
		});
	}

	private isSampled(command: CommandName | undefined): boolean {
		if (command !== undefined) return isTraced(command.seq, this.oneIn);
		return ++this.passed % this.oneIn === 0;
	}
}
