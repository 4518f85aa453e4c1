import { expect, test } from "bun:test";
import { join } from "node:path";
import { EventKind } from "../../../schemas/event.ts";
import { StpMode } from "../../../schemas/order.ts";
import { missed } from "./guards/missed.ts";
import { SHORT_QUEUES } from "./short-queue.ts";
import { Tally } from "./tally.ts";

/** The bar: so many seeds of so many calls. */
const SEEDS = Number(process.env["SIM_STORM_SEEDS"] ?? 300);
const OPERATIONS = 3_000;
/** Processes that run them side by side. */
const SIDE_BY_SIDE = 2;
const LIMIT_MS = 600_000;

/** What must have happened, per 300 seeds at least so often: a fault that never fired proves nothing. */
const MET: readonly (readonly [name: string, times: number])[] = [
	...["accounts", "matching", "venue", "market-data", "order-log", "edge", "streams"].flatMap(
		(kind) => [
			[`killed: ${kind}`, 50] as const,
			[`doubled: ${kind}, paused`, 10] as const,
			[`doubled: ${kind}, cut off`, 10] as const,
			[`doubled: ${kind}, running`, 10] as const,
			[`paused: ${kind}`, 10] as const,
		],
	),
	...["late", "lost ack", "not written", "twice"].flatMap((fate) => [
		[`appendFaults (orders): ${fate}`, 500] as const,
		[`appendFaults (trades): ${fate}`, 500] as const,
	]),
	...["late", "lost answer", "not done"].flatMap((fate) => [
		[`ledgerFaults: ${fate}`, 300] as const,
		[`storeFaults: ${fate}`, 100] as const,
	]),
	...["lost", "lost answer", "twice"].map((fate) => [`linkFaults: ${fate}`, 500] as const),
	...[
		"before append orders",
		"after append orders",
		"before ledger commit",
		"after ledger commit",
		"after ledger raiseEpoch",
		"after ledger load",
		"delivery trades",
	].map((step) => [`killed at accounts: ${step}`, 5] as const),
	...[
		"before append trades",
		"after append trades",
		"before archive put",
		"after archive put",
		"delivery orders",
	].map((step) => [`killed at matching: ${step}`, 5] as const),
	["killed at order-log: after order log write", 5],
	["killed at market-data: after history write", 5],
	["superseded: accounts", 50],
	["a zombie is asked", 1_000],
	["two zombies at once", 100],
	["ignored: a zombie's line", 20],
	["ignored: a repeated line", 500],
	["repeated: a record of trades", 500],
	["the ledger is restored", 50],
	["blackout", 20],
	["a clock is set", 20],
	["a call is said again", 1_000],
	["a name is used again", 1_000],
	["a signed call is replayed", 1_000],
	["busFaults: lost", 100],
	["busFaults: twice", 50],
	["a delivery of the log is late", 100],
	...["late commit", "late events", "late clock", "asleep"].map(
		(how) => [`a blind zombie: ${how}`, 30] as const,
	),
	...["log", "ledger", "bus", "link", "store"].map((way) => [`cut off: ${way}`, 50] as const),
	...["stalls", "vanishes", "leaves"].map((how) => [`a client ${how}`, 500] as const),
	...["a lost tail", "a fork", "another history"].map((kind) => [`trial: ${kind}`, 10] as const),
	["a slow take-over", 30],
	["market data is not heard", 30],
	["a take-over is not heard", 30],
	["a start is slow", 20],
	["a start is overtaken", 20],
	["the order log falls behind", 50],
	["snapshots run ahead of trades", 50],
	["signed calls are sent to the next owner", 50],
	["a market is closed", 50],
	["a market halts by itself", 30],
	["the engine breaks: once", 15],
	["a newer engine comes", 30],
	["a program is too old for the log", 30],
	["an archived object is rotten", 50],
	["a clock refuses the start", 10],
	["the name of a refused order is used", 1_000],
	["a name is free again", 100],
	["a client is connected", 3_000],
	["a read of the log fails", 500],
	["the last messages are lost", 50],
	["a partition stands still", 30],
	["all stands still", 100],
	["a zombie is cut off", 500],
	["superseded: venue", 20],
	["ignored: an old epoch record", 100],
	["a user event is heard", 100_000],
	...SHORT_QUEUES.map((queue) => [`shed: ${queue}`, 100] as const),
	["a cancel passes while orders are shed", 100],
	["matching stands still", 30],
	["the ledger is away at rest", 100],
	["an engine is looked at in a crash", 10_000],
	["market data is looked at in a crash", 10_000],
	["the ledger stands still", 30],
	["amends wait over a start", 30],
	["amends are answered before they are acknowledged", 30],
	["refused calls are sent to the next owner", 30],
];

/** Of rules that never change here, of refusals of the operator, and of a log that was lost. */
const UNSAID = [
	...["SymbolRulesSet", "CommandRejected", "SkipHeard"],
	...["PartitionResumed", "MarketResumed", "OrderRestored"],
];

/** A step of a process's life, at which it may be killed. */
const STEP = /^[a-z-]+: (before|after|delivery) /;
/** Asked for only when all is quiet, to be compared. */
const QUIET_STEP = / history klines$/;
/** So many deaths per 300 seeds at each step at least. */
const DEATHS = 10;

/** What an engine can say to a trading venue: all of it must have been said. */
const SAID: readonly string[] = [
	...Object.keys(EventKind)
		.filter((name) => !UNSAID.includes(name))
		.map((name) => `event: ${name}`),
	...Object.values(StpMode)
		.filter((mode) => mode !== StpMode.None)
		.map((mode) => `prevented: ${mode}`),
	"an answer has parts",
];

test(
	`${SEEDS} seeds of ${OPERATIONS} calls hold every invariant, and meet every fault`,
	async () => {
		const each = Math.ceil(SEEDS / SIDE_BY_SIDE);
		const firsts = Array.from({ length: SIDE_BY_SIDE }, (_, i) => 1 + i * each);
		const reports = await Promise.all(firsts.map((first) => seedsFrom(first, each)));
		const total = new Tally();
		let seeds = 0;
		for (const line of reports.flat()) {
			const { seed, faults, counts } = JSON.parse(line);
			const again = `again: bun workers/exchange/simulation/main.ts ${seed} 1 ${OPERATIONS}`;
			expect(faults, again).toEqual([]);
			for (const [name, times] of counts) total.add(name, times);
			seeds += 1;
		}
		expect(seeds).toBe(each * SIDE_BY_SIDE);
		const seldom = MET.filter(([name, times]) => total.of(name) < (times * SEEDS) / 300);
		expect(seldom.map(([name]) => `${name}: ${total.of(name)}`)).toEqual([]);
		const survived = total
			.entries()
			.filter(([name]) => STEP.test(name) && !QUIET_STEP.test(name))
			.filter(([name]) => total.of(`killed at ${name}`) < (DEATHS * SEEDS) / 300);
		expect(survived).toEqual([]);
		expect(SAID.filter((name) => total.of(name) < SEEDS / 3)).toEqual([]);
	},
	LIMIT_MS,
);

test.each([
	"sequence check: repeats",
	"never released",
	"positions in the transaction",
	"only what the log has: holds",
	"client ids: finished lately",
	"the engine looks at the state again",
	"overload: a lane for cancels",
	"streams: a break closes",
])(
	"the simulation misses the rule: %s",
	async (name) => {
		expect(await missed(name, 100, 600)).not.toBeNull();
	},
	LIMIT_MS,
);

async function seedsFrom(first: number, count: number): Promise<string[]> {
	const main = join(import.meta.dir, "main.ts");
	const words = [String(first), String(count), String(OPERATIONS), "--json", "--counts"];
	const child = Bun.spawn([process.execPath, main, ...words], { stdout: "pipe" });
	const text = await new Response(child.stdout).text();
	await child.exited;
	return text.trim().split("\n");
}
