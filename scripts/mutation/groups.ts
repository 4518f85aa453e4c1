import { Glob } from "bun";
import { UsageError } from "../../db/machine/usage.ts";

/** What is mutated together, and the tests that have to notice. */
export interface Group {
	readonly files: readonly string[];
	readonly tests: readonly string[];
}

/** Paths relative to the root; `tests` of a group are its own fast ones. */
const GROUPS: Readonly<Record<string, Group>> = {
	engine: {
		files: ["engine/**/*.ts"],
		tests: ["engine/**/*.test.ts"],
	},
	money: {
		files: [
			"workers/accounts/**/*.ts",
			"workers/protocol/**/*.ts",
			"workers/shared/order-lifecycle.ts",
			"db/ledger/{batch-statement,balance-rule,order-document,rows-part,array-text,memory-database,memory-ledger}.ts",
			"schemas/{fee,decimal}.ts",
		],
		tests: ["workers/{accounts,protocol,shared}/**/*.test.ts"].concat([
			"db/ledger/**/*.test.ts",
			"schemas/*.test.ts",
		]),
	},
};

/** "engine, money" */
export const GROUP_NAMES = Object.keys(GROUPS).join(", ");

/** @throws UsageError when there is no such group */
export function groupNamed(name: string, root: string): Group {
	const group = GROUPS[name];
	if (group === undefined) throw new UsageError(`there is no group "${name}", only ${GROUP_NAMES}`);
	const found = (patterns: readonly string[]): string[] =>
		patterns.flatMap((pattern) => [...new Glob(pattern).scanSync(root)]).sort();
	const isSlow = /\.(int|servers|sim|e2e)\.test\.ts$/;
	const isTest = /\.test\.ts$|\/testing\/|-contract\.ts$/;
	return {
		files: found(group.files).filter((path) => !isTest.test(path)),
		tests: found(group.tests).filter((path) => !isSlow.test(path)),
	};
}
