/**
 * Preloaded into a test run: plants the mutant that `MUTANT` describes while its file is loaded, and
 * ends a run in which nothing happens any more.
 */
import { readFileSync } from "node:fs";
import { plugin } from "bun";
import { IDLE_EXIT } from "./idle-exit.ts";

const { path, from, to, text } = JSON.parse(process.env["MUTANT"] ?? "{}");

plugin({
	name: "plant",
	setup(build) {
		build.onLoad({ filter: new RegExp(`${RegExp.escape(path)}$`) }, () => {
			const sound = readFileSync(path, "utf8");
			return { contents: sound.slice(0, from) + text + sound.slice(to), loader: "ts" };
		});
	},
});

const TICK_MS = 250;
/** So many ticks in a row that come in time and find nothing done: whatever is awaited never comes. */
const IDLE_TICKS = 20;
const IDLE_CPU_MICROS = 20_000;
/** A tick that is later was kept waiting for a processor, or paused with its process. */
const LATE_MS = 100;

let ticks = 0;
let last = usage();
let begin = last;
setInterval(() => {
	const now = usage();
	const isLate = now.atMs - last.atMs > TICK_MS + LATE_MS;
	// Whoever was taken off a processor had something to do.
	const isBusy = now.cpuMicros - begin.cpuMicros > IDLE_CPU_MICROS || now.taken > begin.taken;
	last = now;
	ticks += 1;
	if (isLate || isBusy) {
		ticks = 0;
		begin = now;
	}
	if (ticks > IDLE_TICKS) process.exit(IDLE_EXIT);
}, TICK_MS);

function usage() {
	const { userCPUTime, systemCPUTime, involuntaryContextSwitches } = process.resourceUsage();
	return {
		atMs: performance.now(),
		cpuMicros: userCPUTime + systemCPUTime,
		taken: involuntaryContextSwitches,
	};
}
