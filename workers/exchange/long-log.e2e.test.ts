/** Killed with a long log behind it, the exchange replays the end of it only, and says how long that took. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { RunningExchange } from "./testing/running-exchange.ts";

const COMMANDS = Number(process.env["LOG_COMMANDS"] ?? 1_000_000);
/** Twice what is between two snapshots: the newest one may be half written. */
const MOST_REPLAYED = 100_000;
const exchange = new RunningExchange();

afterAll(() => exchange.dispose());

test(`${COMMANDS} commands in the log, kill -9 in the middle of them, start`, async () => {
	const filler = join(import.meta.dir, "testing/fill-log.ts");
	const filling = Bun.spawn([process.execPath, filler, String(COMMANDS)], {
		env: exchange.environment(),
		stdout: "inherit",
		stderr: "inherit",
	});
	await filling.exited;
	expect(filling.signalCode).toBe("SIGKILL");
	for (const postgresToo of [false, true]) {
		const readyMs = await exchange.start();
		console.log(`ready in ${readyMs.toFixed(0)} ms with ${COMMANDS} commands in the log`);
		expect(replayed()).toBeLessThan(MOST_REPLAYED);
		const audit = await exchange.operator("audit");
		expect(audit["sound"]).toBe(true);
		await exchange.kill(postgresToo);
	}
});

/** The lines of `orders` that matching took anew at the last start. */
function replayed(): number {
	const counts = [...exchange.log().matchAll(/"matching is live".*"replayed":(\d+)/g)];
	return Number(counts.at(-1)?.[1]);
}
