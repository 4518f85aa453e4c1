/** JSON text of a request's id, as it came: a number of 64 bits would not survive as a number. */
export type IdText = string;

/** The text of an id that is null, or was not sent. */
export const NO_ID: IdText = "null";

/**
 * The id of a frame: a whole number of 64 bits, a text or null; an absent one is null.
 *
 * @param frame the frame's JSON text
 * @param id what of it was read as `id`
 * @returns undefined for what is no id
 */
export function idTextOf(frame: string, id: unknown, maxLength: number): IdText | undefined {
	if (id === undefined || id === null) return NO_ID;
	if (typeof id === "string") return id.length <= maxLength ? JSON.stringify(id) : undefined;
	if (typeof id !== "number") return undefined;
	const source = Number.isSafeInteger(id) ? String(id) : numberSource(frame);
	if (!/^-?\d{1,19}$/.test(source)) return undefined;
	return BigInt.asIntN(64, BigInt(source)) === BigInt(source) ? source : undefined;
}

/** The digits of the outermost `id`, which as a number has lost some. */
function numberSource(frame: string): string {
	const sources = new Map<unknown, string>();
	const root: unknown = JSON.parse(frame, function (key, value, context?: { source?: string }) {
		if (key === "id") sources.set(this, context?.source ?? "");
		return value;
	});
	return sources.get(root) ?? "";
}
