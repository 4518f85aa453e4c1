import type { CommandRecord } from "../../schemas/command.ts";
import type { LogFields, Logger } from "../../schemas/ports/logger.ts";

/**
 * The engine could not take a command. What it left half done is of no use: the state is read anew, and
 * goes on from there.
 */
export class EngineFault extends Error {
	override readonly name = "EngineFault";
	readonly line: CommandRecord;

	constructor(line: CommandRecord, cause: unknown) {
		super(`the engine cannot take seq ${line.seq} of shard ${line.shard}: ${cause}`, { cause });
		this.line = line;
	}
}

/**
 * Tells of a market's command that is refused.
 *
 * @param isKnown `trades` says so already: that is no news, and its symbol may be open again
 */
export function tellRefusal(logger: Logger, isKnown: boolean, fields: LogFields): void {
	if (isKnown) logger.warn("a command that was refused before is refused again", fields);
	else logger.error("the engine cannot take a command: it is refused, its symbol halts", fields);
}
