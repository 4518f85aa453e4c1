import { EventKind } from "../../schemas/event.ts";
import { decodeEvents } from "../../schemas/event-words.ts";
import { Driver } from "./driver.ts";
import { FillTape } from "./fill-tape.ts";
import type { Script } from "./script.ts";
import { Op, RECORD_WORDS } from "./workload.ts";

/**
 * Plays a script once, untimed, so that nothing is lost in silence when it is timed. A reduce by all that is
 * left of an order becomes a cancel in it: an amend leaves something, and what fills have left is known only
 * here.
 *
 * @throws RangeError when the engine refuses an order: ids and sums would be others than the file's
 */
export function rehearsed(script: Script): Script {
	const driver = new Driver(script, "fast", new FillTape());
	const { words, workload } = script;
	for (let i = 0; i < workload.records; i += 1) {
		driver.step(i);
		const answer = decodeEvents(driver.out.words, 0, driver.out.length).at(-1);
		if (answer?.kind === EventKind.AmendRejected) {
			const head = words[i * RECORD_WORDS] as number;
			words[i * RECORD_WORDS] = (head & ~0xff) | Op.Cancel;
			driver.step(i);
		}
		const refused =
			answer?.kind === EventKind.OrderRejected ||
			(answer?.kind === EventKind.CancelReplaceAnswered && answer.newOrderId === 0);
		if (refused)
			throw new RangeError(`record ${i}: the engine refuses it: ${JSON.stringify(answer)}`);
	}
	return script;
}
