/**
 * Preloaded into a test run: plants the mutant that `MUTANT` describes while its file is loaded, and
 * ends a run in which nothing happens any more.
 */
import { readFileSync } from "node:fs";
import { plugin } from "bun";

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
const IDLE_CPU_MICROS = 100_000;

let ticks = 0;
let cpuBefore = 0;
let lastTickMs = performance.now();
setInterval(() => {
	const nowMs = performance.now();
	const { user, system } = process.cpuUsage();
	// A tick that is late was kept waiting for a processor, or paused: that is not idleness.
	const isLate = nowMs - lastTickMs > 2 * TICK_MS;
	lastTickMs = nowMs;
	if (isLate || user + system - cpuBefore > IDLE_CPU_MICROS) {
		ticks = 0;
		cpuBefore = user + system;
	}
	ticks += 1;
	if (ticks > IDLE_TICKS) process.exit(1);
}, TICK_MS);
