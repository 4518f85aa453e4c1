/**
 * Numbers of a JSON text as they were written, by name: as numbers they have lost digits (64 bits) and
 * spelling (1.0).
 *
 * @param holderIn the object whose numbers these are, in what the text says
 */
export function numberSources(
	text: string,
	holderIn: (root: unknown) => unknown,
): ReadonlyMap<string, string> {
	const byHolder = new Map<unknown, Map<string, string>>();
	const root: unknown = JSON.parse(
		text,
		function (this: unknown, name, value, context?: { readonly source?: string }) {
			if (typeof value === "number" && context?.source !== undefined) {
				const sources = byHolder.get(this) ?? new Map<string, string>();
				byHolder.set(this, sources.set(name, context.source));
			}
			return value;
		},
	);
	return byHolder.get(holderIn(root)) ?? new Map();
}
