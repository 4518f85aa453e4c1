import * as v from "valibot";

/** A decimal with exactly 8 places, as text. */
export const amount = v.pipe(
	v.string(),
	v.regex(/^-?\d+\.\d{8}$/),
	v.metadata({ examples: ["0.00100000"] }),
);

export const id = v.pipe(
	v.number(),
	v.safeInteger(),
	v.metadata({ type: "integer", examples: [1] }),
);

/** Milliseconds since 1970. */
export const timeMs = v.pipe(
	v.number(),
	v.safeInteger(),
	v.metadata({ type: "integer", examples: [1_795_392_000_000] }),
);
