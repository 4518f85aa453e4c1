import type { CommandRecord } from "../../schemas/command.ts";

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
