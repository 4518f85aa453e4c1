import * as v from "valibot";
import { isStorable, NOT_STORABLE } from "../../../schemas/storable-text.ts";
import type { OperatorServices } from "./services.ts";

/** A command of the operator's: its words, its flags, and what it does. */
export interface OperatorAction<F = unknown> {
	/** "user create" */
	readonly name: string;
	/** "--email E --password P" */
	readonly usage: string;
	readonly says: string;
	/** Flags by their names, all text; `--public-key` is `public-key`. */
	readonly flags: v.GenericSchema<unknown, F>;
	/** Resolves with what is printed as JSON; amounts as decimal text. */
	run(services: OperatorServices, flags: F): Promise<unknown>;
}

/** Keeps the type of the flags between `flags` and `run`. */
export function action<F>(description: OperatorAction<F>): OperatorAction<F> {
	return description;
}

/** The exchange said no; nothing changed. */
export class OperatorRefusal extends Error {
	override readonly name = "OperatorRefusal";
}

/** Nobody has answered: it may be done. */
export class OperatorUnanswered extends Error {
	override readonly name = "OperatorUnanswered";
}

/**
 * The flags of a command, and no others: one that is misspelt is refused, not left out, since what it was to
 * say would be taken from a default.
 */
export function flagsOf<const E extends v.ObjectEntries>(entries: E) {
	return v.strictObject(entries, ({ expected }) =>
		expected === "never" ? "is no flag of this command" : "is missing",
	);
}

/** What is wrong with a command's flags, each by its name. */
export function flagFaults(issues: readonly v.BaseIssue<unknown>[]): string[] {
	return issues.map((issue) => `--${issue.path?.[0]?.key} ${issue.message}`);
}

/** A user's id, as text. */
export const userIdFlag = numberFlag("must be a user's number");

/** A key's id, as text. */
export const keyIdFlag = numberFlag("must be a key's number, as `key list` has it");

/** A number from 1, as text. */
export function numberFlag(fault: string) {
	return v.pipe(v.string("is missing"), v.regex(/^[1-9]\d{0,14}$/, fault), v.transform(Number));
}

/** Any text. */
export const anyTextFlag = v.pipe(v.string("is missing"), v.check(isStorable, NOT_STORABLE));

/** Any text that is not empty. */
export const textFlag = v.pipe(anyTextFlag, v.minLength(1, "is empty"));
