import { expect, test } from "bun:test";
import { join } from "node:path";
import { GUARDS } from "./catalog.ts";
import { patched } from "./guard.ts";

const ROOT = join(import.meta.dir, "../../../..");

test.each(GUARDS.map((guard) => [guard.name, guard] as const))(
	"the guard %s is in step with the code",
	async (_name, guard) => {
		const texts = new Map<string, string>();
		for (const patch of guard.patches) {
			const text = texts.get(patch.file) ?? (await Bun.file(join(ROOT, patch.file)).text());
			texts.set(patch.file, patched(text, patch));
		}
		for (const [file, text] of texts) {
			expect(text).not.toBe(await Bun.file(join(ROOT, file)).text());
		}
	},
);

test("every guard has a name of its own", () => {
	expect(new Set(GUARDS.map((guard) => guard.name)).size).toBe(GUARDS.length);
});
