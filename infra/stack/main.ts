/** The exchange on real servers, every worker a process of its own: `./castle stack`. */
import { join, resolve } from "node:path";
import { defaultDataDir } from "../../db/data-dir/default-data-dir.ts";
import type { FileLock } from "../../db/data-dir/file-lock.ts";
import { lockDataDir } from "../../db/data-dir/lock.ts";
import { EXIT } from "../../db/machine/exit-codes.ts";
import { JsonLogger } from "../../db/machine/json-logger.ts";
import { LogFile } from "../../db/machine/log-file.ts";
import { SettingsError } from "../../schemas/settings.ts";
import { endLeftBehind } from "./left-behind.ts";
import { Report } from "./report.ts";
import { stackSettings, stackSettingsHelp } from "./settings.ts";
import { Stack } from "./stack.ts";

const checkout = resolve(import.meta.dirname, "../..");

async function main(argv: readonly string[]): Promise<void> {
	const dataDir = join(defaultDataDir(checkout), "stack");
	if (argv.includes("--help")) {
		console.log(
			`castle stack: the exchange on real servers, every worker a process\n\n${stackSettingsHelp(dataDir)}`,
		);
		console.log("\nSettings of the processes pass through it: ./castle start --help lists them.");
		return;
	}
	if (argv.length > 0) {
		throw new SettingsError(`${argv.join(" ")}: not known; there is --help only`);
	}
	const settings = stackSettings(process.env, dataDir);
	const lock = lockDataDir(settings.DATA_DIR);
	const report = new Report((line) => console.log(line), process.stdout.isTTY === true);
	report.say(`data in ${settings.DATA_DIR}`);
	const left = endLeftBehind(settings.DATA_DIR);
	if (left > 0) report.say(`ended ${left} processes that an earlier stack had left behind`);
	const log = new LogFile(join(settings.DATA_DIR, "stack.log"));
	const logger = new JsonLogger(
		"info",
		(text) => log.writeSoon(text),
		() => log.finish(),
	);
	const { say, told } = report;
	const stack = new Stack({ settings, environment: process.env, say, told, logger });
	stopOnSignals(stack, lock, report);
	try {
		await stack.start();
	} catch (error) {
		if (stack.parts.length > 0) report.stopping();
		await stack.stop();
		throw error;
	}
	report.ready(stack.url);
}

function stopOnSignals(stack: Stack, lock: FileLock, report: Report): void {
	let stopping = false;
	const stop = async () => {
		if (stopping) {
			// A second Ctrl-C is meant: what was acknowledged is in the log either way.
			stack.kill();
			process.exit(EXIT.notDrained);
		}
		stopping = true;
		report.stopping();
		await stack.stop();
		lock.release();
		report.say("stopped");
		process.exit(0);
	};
	process.on("SIGINT", stop);
	process.on("SIGTERM", stop);
}

try {
	await main(process.argv.slice(2));
} catch (error) {
	if (error instanceof SettingsError) {
		console.error(`castle: these settings are wrong:\n${error.message}`);
		process.exit(EXIT.wrongUsage);
	}
	console.error("castle: cannot start:", error instanceof Error ? error.message : error);
	process.exit(EXIT.unavailable);
}
