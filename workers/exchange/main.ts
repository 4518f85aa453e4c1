/** The exchange in one process, as `./castle start` runs it. */
import { resolve } from "node:path";
import { defaultDataDir } from "../../db/data-dir/default-data-dir.ts";
import { lockDataDir } from "../../db/data-dir/lock.ts";
import { isDriversOwn } from "../../db/ledger/postgres-failure.ts";
import { CannotStart } from "../../db/machine/cannot-start.ts";
import { EXIT } from "../../db/machine/exit-codes.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { SettingsError } from "../../schemas/settings.ts";
import { banner } from "./banner.ts";
import { startBots } from "./demo/bots.ts";
import { type DemoUsers, ensureDemoUsers } from "./demo/demo-users.ts";
import { startExchange } from "./exchange.ts";
import { readSettings, settingsHelp } from "./settings.ts";

const checkout = resolve(import.meta.dir, "../..");
/** A drain that takes longer than this is cut off. */
const STOP_LIMIT_MS = 4_500;
/** Somebody has asked for the end: what fails from then on is a part of it. */
let isStopping = false;

async function main(argv: readonly string[]): Promise<void> {
	const dataDir = defaultDataDir(checkout);
	if (argv.includes("--help")) {
		console.log(`castle start: the exchange in one process\n\n${settingsHelp(dataDir)}`);
		return;
	}
	if (argv.length > 0)
		throw new SettingsError(`${argv.join(" ")}: not known; there is --help only`);
	const startedAt = performance.now();
	const say = (what: string) => {
		console.log(
			`castle  ${((performance.now() - startedAt) / 1000).toFixed(2).padStart(5)} s  ${what}`,
		);
	};
	const settings = readSettings(process.env, dataDir);
	const lock = lockDataDir(settings.DATA_DIR);
	const interrupt = new AbortController();
	// Nothing has been promised to anyone yet; only PostgreSQL is not to be left running.
	let end = async (): Promise<void> => {
		interrupt.abort();
		await starting.catch(() => {});
	};
	stopOnSignals(say, () => end());
	say(`data in ${settings.DATA_DIR}`);
	const starting = startExchange(settings, say, endFatally, interrupt.signal);
	const exchange = await starting;
	let stopBots = () => {};
	end = async () => {
		stopBots();
		await exchange.stop();
		lock.release();
	};
	let demo: DemoUsers | null = null;
	if (settings.DEMO) {
		demo = await ensureDemoUsers(exchange.operator, settings.DATA_DIR);
		if (isStopping) return;
		stopBots = startBots(demo.bots, exchange.url);
		say(`demo: ${demo.bots.length} market-making bots trade through the public API`);
	}
	say(`ready  ${exchange.url}`);
	if (demo !== null) console.log(banner(exchange.url, demo));
}

function stopOnSignals(say: (what: string) => void, end: () => Promise<void>): void {
	const stop = async () => {
		// A second Ctrl-C is meant: what was acknowledged is in the log either way.
		if (isStopping) process.exit(EXIT.notDrained);
		isStopping = true;
		say("stopping: no new orders, answering those under way");
		setTimeout(() => {
			console.error("castle: not drained in time; the next start replays the log");
			process.exit(EXIT.notDrained);
		}, STOP_LIMIT_MS);
		await end();
		say("stopped");
		process.exit(0);
	};
	process.on("SIGINT", stop);
	process.on("SIGTERM", stop);
}

/** An invariant broke: no more answers. The log has everything; the next start replays it. */
function endFatally(error: unknown): never {
	console.error("castle: stopped by itself, since a rule of the exchange did not hold:");
	console.error(error);
	process.exit(EXIT.brokenInvariant);
}

/** Why it cannot start; ends the process. */
function tellWhy(error: unknown): never {
	if (error instanceof SettingsError) {
		console.error(`castle: these settings are wrong:\n${error.message}`);
		process.exit(EXIT.wrongUsage);
	}
	if (error instanceof CannotStart) {
		console.error(`castle: cannot start: ${error.message}`);
		process.exit(error.exitCode);
	}
	// What the machine or a file says is for a person; of a fault in the program, all is told.
	const isPlain = error instanceof Error && (error.name === "Error" || "code" in error);
	// So is what names the page that says what to do.
	const hasPage = error instanceof InvariantViolation && error.message.includes("docs/runbooks/");
	console.error("castle: cannot start:", isPlain || hasPage ? error.message : error);
	process.exit(isPlain ? EXIT.unavailable : EXIT.brokenInvariant);
}

process.on("uncaughtException", endFatally);
process.on("unhandledRejection", (error) => {
	if (!isDriversOwn(error)) endFatally(error);
});
try {
	await main(process.argv.slice(2));
} catch (error) {
	if (!isStopping) tellWhy(error);
}
