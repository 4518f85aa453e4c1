/** Objects and lists within each other; nothing that is asked here needs half of it. */
const MAX_DEPTH = 8;

/**
 * JSON from outside, at most eight levels deep: code that walks it can rely on that.
 *
 * @throws SyntaxError for what is no JSON, or deeper
 */
export function parseJson(text: string): unknown {
	if (isTooDeep(text)) throw new SyntaxError(`JSON deeper than ${MAX_DEPTH} levels`);
	return JSON.parse(text);
}

/** Counts brackets outside of strings; in what is no JSON it may count wrong, which parsing refuses. */
function isTooDeep(text: string): boolean {
	let depth = 0;
	let quoted = false;
	for (let i = 0; i < text.length; i += 1) {
		const c = text[i];
		if (quoted) {
			if (c === "\\") i += 1;
			else if (c === '"') quoted = false;
		} else if (c === '"') quoted = true;
		else if (c === "{" || c === "[") {
			depth += 1;
			if (depth > MAX_DEPTH) return true;
		} else if (c === "}" || c === "]") depth -= 1;
	}
	return false;
}
