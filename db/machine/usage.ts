import process from "node:process";
import { EXIT } from "./exit-codes.ts";

/** Words of a command that make no sense: they are told with its usage. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** @throws UsageError when the text is no number */
export function numberOf(text: string): number {
	const number = Number(text);
	if (text === "" || !Number.isFinite(number)) throw new UsageError(`${text}: must be a number`);
	return number;
}

/** Ends the process with 64 when its words were wrong; throws every other error on. */
export function refuseWords(error: unknown, usage: string): never {
	if (!isAboutWords(error)) throw error;
	console.error(`${error.message}\n\n${usage}`);
	process.exit(EXIT.wrongUsage);
}

/** A UsageError, or what `parseArgs` throws. */
function isAboutWords(error: unknown): error is Error {
	if (!(error instanceof Error)) return false;
	const { code } = error as NodeJS.ErrnoException;
	return error instanceof UsageError || code?.startsWith("ERR_PARSE_ARGS") === true;
}
