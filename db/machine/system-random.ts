import type { Random } from "../../schemas/ports/random.ts";

/** The machine's cryptographic randomness. */
export const systemRandom: Random = {
	bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
};
