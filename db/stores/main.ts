/** The command that creates what the venue needs on real servers: `./castle stores`. */
import { SettingsError } from "../../schemas/settings.ts";
import { EXIT } from "../machine/exit-codes.ts";
import { createStores } from "./create-stores.ts";
import { storesSettings, storesSettingsHelp } from "./stores-settings.ts";

async function main(argv: readonly string[]): Promise<void> {
	if (argv.includes("--help")) {
		console.log(
			`castle stores: creates the topics, table, bucket and database that are not there\n`,
		);
		console.log(storesSettingsHelp());
		return;
	}
	if (argv.length > 0) {
		throw new SettingsError(`${argv.join(" ")}: not known; there is --help only`);
	}
	const stores = await createStores(storesSettings(process.env, "castle-stores"));
	for (const { name, made } of stores) console.log(`${made ? "created" : "found  "}  ${name}`);
}

try {
	await main(process.argv.slice(2));
} catch (error) {
	console.error(`castle stores: ${error instanceof Error ? error.message : error}`);
	process.exit(error instanceof SettingsError ? EXIT.wrongUsage : EXIT.unavailable);
}
