/**
 * Opens a log in the folder that is named, takes all descriptors there are, as connections do, and whenever there are
 * more of them again; prints how many appends fail until there are twenty segments.
 */
import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { numbered } from "../log-contract.ts";
import { openSmall } from "./log-files.ts";

const folder = process.argv[2] as string;
const log = await openSmall(folder);

function takeAll(): void {
	try {
		for (;;) openSync("/dev/null", "r");
	} catch {
		// None is left.
	}
}

// It is there in every turn in which a file is being made.
const taking = setInterval(takeAll, 0);
takeAll();
let failed = 0;
while (!existsSync(join(folder, "00000020.log")) && failed < 5) {
	await log.orders.append(0, [numbered(1)]).catch(() => {
		failed += 1;
	});
}
clearInterval(taking);
console.log(failed);
process.exit(0);
