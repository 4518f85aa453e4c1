/** A change to one file: the text that keeps a rule, and what stands there without it. */
export interface Patch {
	/** From the repository's root. */
	readonly file: string;
	/** Found exactly once, or the guard is out of step with the code. */
	readonly find: string;
	readonly replace: string;
}

/** A rule of the protocol that can be taken out, to see whether the simulation misses it. */
export interface Guard {
	readonly name: string;
	/** The rule, in the protocol's words. */
	readonly rule: string;
	readonly patches: readonly Patch[];
}

/** A guard with a single patch. */
export function guard(
	name: string,
	rule: string,
	file: string,
	find: string,
	replace: string,
): Guard {
	return { name, rule, patches: [{ file, find, replace }] };
}

/**
 * The text of a file without the rule.
 *
 * @throws Error when what is to be replaced is not there exactly once
 */
export function patched(text: string, patch: Patch): string {
	const parts = text.split(patch.find);
	if (parts.length !== 2) {
		throw new Error(`${patch.file} has ${parts.length - 1} times: ${patch.find}`);
	}
	return parts.join(patch.replace);
}
