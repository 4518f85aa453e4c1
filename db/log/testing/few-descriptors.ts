/**
 * Opens a log in the folder that is named, and takes all descriptors there are but two, which are not enough for a next
 * segment; prints how many are left after each of five tries.
 */
import { closeSync, openSync } from "node:fs";
import { numbered } from "../log-contract.ts";
import { openSmall, segments } from "./log-files.ts";

const folder = process.argv[2] as string;
const log = await openSmall(folder);
while (segments(folder).length < 2) await log.orders.append(0, [numbered(1)]);

/** Takes what is left, and says how many that were. */
function takeAll(): number[] {
	const taken: number[] = [];
	for (;;) {
		try {
			taken.push(openSync("/dev/null", "r"));
		} catch {
			return taken;
		}
	}
}

const taken = takeAll();
for (const fd of taken.splice(-2)) closeSync(fd);
const left: number[] = [];
let isFull = false;
while (left.length < 5) {
	await log.orders.append(0, [numbered(1)]).catch(() => {
		isFull = true;
	});
	if (!isFull) continue;
	const free = takeAll();
	left.push(free.length);
	for (const fd of free) closeSync(fd);
}
console.log(JSON.stringify(left));
process.exit(0);
