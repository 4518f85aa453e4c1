/**
 * Preloaded into a run of the simulation: loads the files of one guard without it. The files themselves
 * stay as they are.
 */
import { join } from "node:path";
import { plugin } from "bun";
import { GUARDS } from "./catalog.ts";
import { patched } from "./guard.ts";

const ROOT = join(import.meta.dir, "../../../..");
const name = process.env["SIM_WITHOUT"] ?? "";
const guard = GUARDS.find((candidate) => candidate.name === name);
if (guard === undefined) throw new Error(`there is no guard "${name}"`);

plugin({
	name: `without ${name}`,
	setup(build) {
		for (const file of new Set(guard.patches.map((patch) => patch.file))) {
			const escaped = file.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
			build.onLoad({ filter: new RegExp(`/${escaped}$`) }, async () => {
				let contents = await Bun.file(join(ROOT, file)).text();
				for (const patch of guard.patches) {
					if (patch.file === file) contents = patched(contents, patch);
				}
				return { contents, loader: "ts" };
			});
		}
	},
});
