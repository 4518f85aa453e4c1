/**
 * Arrays as PostgreSQL's array text, cast in the statement ($1::text::bigint[]): much cheaper than the
 * driver's own arrays, and no serializer in between.
 */
export function arrayText(values: readonly (number | bigint)[]): string {
	return `{${values.join(",")}}`;
}

/** The same for texts: each quoted, since a text may be "null" or hold commas and braces. */
export function textArrayText(values: readonly string[]): string {
	return `{${values.map(quoted).join(",")}}`;
}

function quoted(text: string): string {
	return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
