/**
 * The way back when the log is lost (docs/runbooks/log-lost.md) or the ledger is an earlier one
 * (docs/runbooks/ledger-restored.md), or a command stops matching (docs/runbooks/engine-fault.md):
 * `./castle recover`.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { defaultDataDir } from "../../db/data-dir/default-data-dir.ts";
import { lockDataDir } from "../../db/data-dir/lock.ts";
import { skipNumbers } from "../../db/ledger/skip-numbers.ts";
import { EXIT } from "../../db/machine/exit-codes.ts";
import { systemRandom } from "../../db/machine/system-random.ts";
import { systemClock, systemScheduler } from "../../db/machine/system-time.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { readSettings, SettingsError, settingsHelp } from "../../schemas/settings.ts";
import { openEmbeddedStores } from "../exchange/embedded-stores.ts";
import { readSettings as readExchangeSettings } from "../exchange/settings.ts";
import { storedConfig, storeResumedMarket } from "../market-data/resumed-market.ts";
import { RecoveryImpossible } from "./plan.ts";
import { previewRecovery, type RecoveryPorts, recover } from "./recover.ts";
import { reportOf } from "./report.ts";
import { raiseEpochs, readEpochs } from "./restored-ledger.ts";
import { type OpenStores, openServerStores } from "./server-stores.ts";
import { RECOVERY_SETTINGS } from "./settings.ts";
import { type BreakingCommand, breakingCommandOf, checkSkip, skipCommand } from "./skip-command.ts";

const checkout = resolve(import.meta.dir, "../..");

const FLAGS = {
	"--apply": "does it; without this nothing is changed, and what would be done is told",
	"--ledger-restored":
		"the log is there, and the ledger was restored from a backup: raises its epochs, and the numbers of users and keys",
	"--orders": "tells every order that comes back, one a line",
	"--skip=P:S:N":
		"the engine cannot take the command of shard S with seq N in partition P: it is refused instead",
	"--servers": "on the servers that the environment names, not on DATA_DIR",
} as const;

const SKIP = "--skip=";

const machine = { clock: systemClock, scheduler: systemScheduler, random: systemRandom };

/** What is not in order goes to where a person looks. */
const logger: Logger = {
	info() {},
	warn: (message, fields) => console.error(`castle recover: ${message}`, fields ?? ""),
	error: (message, fields) => console.error(`castle recover: ${message}`, fields ?? ""),
};

async function main(argv: readonly string[]): Promise<void> {
	if (argv.includes("--help")) return help();
	const skipped = argv.find((word) => word.startsWith(SKIP))?.slice(SKIP.length);
	const unknown = argv.filter((word) => !(word in FLAGS) && !word.startsWith(SKIP));
	if (unknown.length > 0) throw new SettingsError(`${unknown.join(" ")}: not known; see --help`);
	const tasks = argv.filter((word) => word !== "--apply" && word !== "--servers");
	if (tasks.length > 1) throw new SettingsError(`${tasks.join(" ")}: one at a time`);
	const toSkip = skipped === undefined ? null : breakingCommandOf(skipped);
	const stores = argv.includes("--servers") ? await onServers() : await onDataDir();
	const say = (what: string) => console.log(`castle recover: ${what}`);
	try {
		const apply = argv.includes("--apply");
		if (toSkip !== null) return await skip(stores, toSkip, apply, say);
		if (argv.includes("--ledger-restored")) return await afterRestore(stores, apply, say);
		const { archive, history } = stores.ports;
		const market = { archive, history, logger };
		const ports: RecoveryPorts = {
			...stores.ports,
			marketConfig: (partition) => storedConfig(partition, market),
			resumeMarket: (at) => storeResumedMarket(at, market),
		};
		const plan = await previewRecovery(ports);
		for (const line of reportOf(plan, argv.includes("--orders"))) console.log(line);
		if (apply) {
			await writeDown(stores, "recover", "log");
			// The ledger may be of a backup, and nothing in it says so.
			await leaveOutNumbers(stores);
			await recover(ports, say);
		}
		say(apply ? "done: start the exchange" : "nothing was changed; --apply does it");
	} finally {
		await stores.close();
	}
}

/** Of a ledger that was restored only what counts up has to change: all else comes from the log. */
async function afterRestore(
	stores: OpenStores,
	apply: boolean,
	say: (what: string) => void,
): Promise<void> {
	const { ports } = stores;
	for (const { shard, inLedger, inLog } of await readEpochs(ports)) {
		console.log(`shard ${shard}: epoch ${inLedger} in the ledger, ${inLog} in the log`);
	}
	if (!apply) return say("nothing was changed; --apply raises epochs and numbers");
	await writeDown(stores, "recover.ledger-restored", "ledger");
	await leaveOutNumbers(stores);
	for (const { shard, raisedTo } of await raiseEpochs(ports)) {
		console.log(`shard ${shard}: raised to ${raisedTo}`);
	}
	say("done: start the exchange");
}

/** First of all, while nothing starts: numbers that a break left would be given again. */
async function leaveOutNumbers({ postgres }: OpenStores): Promise<void> {
	console.log(`users: the next one's number is ${await skipNumbers(postgres)} or more`);
}

/** The log is all there, and a command in it is one that no matching worker gets past. */
async function skip(
	stores: OpenStores,
	command: BreakingCommand,
	apply: boolean,
	say: (what: string) => void,
): Promise<void> {
	const { ports } = stores;
	await checkSkip(ports, command);
	if (!apply) return say("it can be skipped; nothing was changed, --apply does it");
	const { partition, shard, seq } = command;
	await writeDown(stores, "recover.skip", `command:${partition}:${shard}:${seq}`);
	await skipCommand(ports, command);
	say("done: start matching and the venue, or the exchange");
}

/** Into the audit log; before it is done, so that nothing is done without a word of it. */
async function writeDown({ audit }: OpenStores, action: string, subject: string): Promise<void> {
	await audit.append({
		atMs: systemClock.nowMs(),
		actor: "operator",
		action,
		subject,
		details: {},
	});
}

/** The exchange in one process: its lock proves that it does not run. */
async function onDataDir(): Promise<OpenStores> {
	const settings = readExchangeSettings(process.env, defaultDataDir(checkout));
	const { DATA_DIR: dataDir, PARTITIONS: partitions } = settings;
	const segmentBytes = settings.LOG_FILE_MIB << 20;
	// Opened, it would be made: a folder that is misspelt is not to become an empty exchange.
	if (!existsSync(dataDir)) throw new SettingsError(`DATA_DIR=${dataDir}: there is no such folder`);
	// Every recovery begins with the ledger.
	if (!existsSync(join(dataDir, "postgres"))) {
		throw new SettingsError(`DATA_DIR=${dataDir}: there is no exchange in this folder`);
	}
	const lock = lockDataDir(dataDir);
	const embedded = await openEmbeddedStores({
		...{ dataDir, partitions, segmentBytes, ...machine, logger },
	});
	return {
		ports: { ...embedded.stores, ...machine, accountShards: 1 },
		audit: embedded.stores.audit,
		postgres: embedded.postgresSettings,
		async close() {
			await embedded.close();
			lock.release();
		},
	};
}

function onServers(): Promise<OpenStores> {
	const settings = readSettings(RECOVERY_SETTINGS, process.env);
	return openServerStores(settings, { ...machine, logger }, (error) => {
		throw error;
	});
}

function help(): void {
	console.log(
		"castle recover: brings the exchange back when its log is lost, its ledger restored, or a command stops it\n",
	);
	for (const [flag, says] of Object.entries(FLAGS)) console.log(`  ${flag.padEnd(20)}${says}`);
	console.log(`\nWith --servers:\n\n${settingsHelp(RECOVERY_SETTINGS)}`);
}

try {
	await main(process.argv.slice(2));
	process.exit(0);
} catch (error) {
	console.error(`castle recover: ${error instanceof Error ? error.message : error}`);
	const isData = error instanceof RecoveryImpossible;
	process.exit(
		error instanceof SettingsError ? EXIT.wrongUsage : isData ? EXIT.wrongData : EXIT.unavailable,
	);
}
