/**
 * Mutation testing: plants one small fault at a time in the files named, runs the tests named, and
 * lists the faults that no test noticed. A seed samples; the same seed plants the same faults.
 *
 *   bun scripts/mutate.ts --tests engine --sample 200 --seed 1 engine/fast/fast-book.ts engine/market.ts
 *
 * Works in a copy of the tree in the system's temporary folder; the checkout is not touched.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { SeededRandom } from "../workers/exchange/simulation/seeded-random.ts";

const root = resolve(import.meta.dir, "..");
const COPIED = ["schemas", "engine", "db", "edge", "workers", "package.json", "tsconfig.json"];
/** A mutant that hangs is a mutant that was noticed. */
const RUN_LIMIT_MS = 40_000;

interface Mutant {
	readonly file: string;
	readonly from: number;
	readonly to: number;
	readonly text: string;
	readonly line: number;
	readonly says: string;
}

const SWAPS: Readonly<Record<string, string>> = {
	"<": "<=",
	"<=": "<",
	">": ">=",
	">=": ">",
	"===": "!==",
	"!==": "===",
	"+": "-",
	"-": "+",
	"*": "+",
	"&&": "||",
	"||": "&&",
	"+=": "-=",
	"-=": "+=",
};

/** Every fault that can be planted in a file; checks of invariants and what is only said are left alone. */
function mutantsOf(file: string): Mutant[] {
	const text = readFileSync(join(root, file), "utf8");
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const mutants: Mutant[] = [];
	const add = (node: ts.Node, replacement: string, says: string) => {
		const from = node.getStart(source);
		const line = source.getLineAndCharacterOfPosition(from).line + 1;
		mutants.push({ file, from, to: node.end, text: replacement, line, says });
	};
	const visit = (node: ts.Node): void => {
		if (isOnlySaid(node, source)) return;
		if (ts.isBinaryExpression(node)) {
			const operator = node.operatorToken.getText(source);
			const swapped = SWAPS[operator];
			if (swapped !== undefined) add(node.operatorToken, swapped, `${operator} → ${swapped}`);
		}
		if (ts.isIfStatement(node)) {
			add(node.expression, "false", `if (${node.expression.getText(source)}) → if (false)`);
			add(node.expression, "true", `if (${node.expression.getText(source)}) → if (true)`);
		}
		const isCall = ts.isExpressionStatement(node) && ts.isCallExpression(node.expression);
		if (isCall && !isOnlySaid(node.expression, source)) {
			add(node, ";", `removed: ${node.getText(source).slice(0, 60)}`);
		}
		if (ts.isNumericLiteral(node) && !isInConst(node)) {
			add(node, `${Number(node.text) + 1}`, `${node.text} → ${Number(node.text) + 1}`);
		}
		ts.forEachChild(node, visit);
	};
	ts.forEachChild(source, visit);
	return mutants;
}

/** Invariants, error texts, log lines, metrics and types: nothing of what the code does. */
function isOnlySaid(node: ts.Node, source: ts.SourceFile): boolean {
	if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node))
		return true;
	if (ts.isThrowStatement(node)) return true;
	if (!ts.isCallExpression(node)) return false;
	const called = node.expression.getText(source);
	return (
		called === "invariant" ||
		called.startsWith("logger.") ||
		called.startsWith("this.options.logger")
	);
}

/** Named numbers are settings: their size is a choice, not a rule. */
function isInConst(node: ts.Node): boolean {
	const parent = node.parent;
	return (
		ts.isVariableDeclaration(parent) &&
		parent.parent.parent.parent.kind === ts.SyntaxKind.SourceFile
	);
}

/** True when the tests fail on it. */
async function isNoticed(tree: string, mutant: Mutant, tests: readonly string[]): Promise<boolean> {
	const path = join(tree, mutant.file);
	const sound = readFileSync(path, "utf8");
	writeFileSync(path, sound.slice(0, mutant.from) + mutant.text + sound.slice(mutant.to));
	try {
		const child = Bun.spawn([process.execPath, "test", "--bail", "--timeout=20000", ...tests], {
			cwd: tree,
			stdout: "ignore",
			stderr: "ignore",
			timeout: RUN_LIMIT_MS,
			killSignal: "SIGKILL",
		});
		return (await child.exited) !== 0;
	} finally {
		writeFileSync(path, sound);
	}
}

function copyTree(): string {
	const tree = mkdtempSync(join(tmpdir(), "castle-mutate-"));
	for (const name of COPIED) {
		cpSync(join(root, name), join(tree, name), { recursive: true });
	}
	writeFileSync(join(tree, "bunfig.toml"), readFileSync(join(root, "bunfig.toml"), "utf8"));
	symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
	return tree;
}

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		tests: { type: "string", multiple: true, default: [] },
		sample: { type: "string", default: "0" },
		seed: { type: "string", default: "1" },
	},
});
const random = new SeededRandom(Number(values.seed));
const all = positionals.filter((file) => !file.endsWith(".test.ts")).flatMap(mutantsOf);
const wanted = Number(values.sample) || all.length;
const chosen: Mutant[] = [];
while (chosen.length < wanted && all.length > 0) {
	chosen.push(...all.splice(random.below(all.length), 1));
}
const tree = copyTree();
let noticed = 0;
const survivors: Mutant[] = [];
try {
	for (const [i, mutant] of chosen.entries()) {
		if (await isNoticed(tree, mutant, values.tests)) noticed += 1;
		else survivors.push(mutant);
		if (i % 20 === 19) console.log(`${i + 1} of ${chosen.length}: ${noticed} noticed`);
	}
} finally {
	rmSync(tree, { recursive: true, force: true });
}
for (const { file, line, says } of survivors) console.log(`survived  ${file}:${line}  ${says}`);
const share = ((100 * noticed) / Math.max(1, chosen.length)).toFixed(1);
console.log(
	`${noticed} of ${chosen.length} mutants noticed (${share} %), of ${chosen.length + all.length}`,
);
