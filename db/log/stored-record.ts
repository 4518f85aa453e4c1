import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Codec } from "../../schemas/record-codec.ts";

/** Where a record stands. */
export interface RecordPlace {
	readonly topic: string;
	readonly partition: number;
	readonly offset: number;
}

/**
 * The record of a stored line. It was acknowledged, so nobody may pass over one that cannot be read.
 *
 * @throws InvariantViolation with its place, for one that the codec does not know
 */
export function storedRecord<R>(codec: Codec<R>, text: string, place: RecordPlace): R {
	try {
		return codec.decode(text);
	} catch (error) {
		const { topic, partition, offset } = place;
		throw new InvariantViolation(
			`${topic}/${partition} has at offset ${offset} what this version cannot read (${error}): was it written by a newer one? then run that (docs/runbooks/upgrade.md)`,
		);
	}
}
