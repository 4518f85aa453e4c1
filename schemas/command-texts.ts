import type { Command } from "./command.ts";
import { commandRow } from "./command-codec.ts";

/** Places; a power of two. A command is written to the second topic soon after the first. */
const KEPT = 2_048;

/** The JSON of commands, remembered for a while: a command is never changed once it is stamped. */
export class CommandTexts {
	private readonly commands = new Array<Command | null>(KEPT).fill(null);
	private readonly texts = new Array<string>(KEPT).fill("");

	/** @param seq the command's: where it is remembered, until another comes there */
	of(command: Command, seq: number): string {
		const place = seq & (KEPT - 1);
		if (this.commands[place] === command) return this.texts[place] as string;
		const text = JSON.stringify(commandRow(command));
		this.commands[place] = command;
		this.texts[place] = text;
		return text;
	}
}
