import { EXIT } from "./exit-codes.ts";

/** Why a program cannot start. The message is whole, for a person: what is wrong, and what to do. */
export class CannotStart extends Error {
	override readonly name: string = "CannotStart";
	/** What the program ends with. */
	readonly exitCode: number = EXIT.unavailable;
}
