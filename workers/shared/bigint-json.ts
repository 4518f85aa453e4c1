/** JSON with bigint as {"$":"123"}. */
export function bigintJson(value: unknown): string {
	return JSON.stringify(value, (_key, v: unknown) =>
		typeof v === "bigint" ? { $: v.toString() } : v,
	);
}

/** The value of such a text, which is one of ours. */
export function parseBigintJson<T>(text: string): T {
	return JSON.parse(text, (_key, v: unknown) =>
		typeof v === "object" && v !== null && "$" in v ? BigInt((v as { $: string }).$) : v,
	) as T;
}
