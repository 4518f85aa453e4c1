/**
 * Mutation testing: plants one small fault at a time in a group of files, runs the tests that reach it,
 * and lists the faults that no test noticed.
 *
 * The groups, their files and their tests are in `mutation/groups.ts`; what is planted, and what is left
 * alone, in `mutation/mutants.ts`. For each mutant only the test files that run its line are run, the
 * quickest first, up to the first failure. A mutant is noticed when a test fails, when the run takes
 * several times its processor time, or when nothing happens in it any more; time on the wall plays no
 * part, so that a run may be paused or starved.
 *
 * Works in a copy of the tree in the system's temporary folder, so the checkout may be edited meanwhile.
 */
import {
	appendFileSync,
	cpSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { numberOf, refuseWords } from "../db/machine/usage.ts";
import { RunningHash } from "../schemas/running-hash.ts";
import { SeededRandom } from "../workers/exchange/simulation/seeded-random.ts";
import { GROUP_NAMES, groupNamed } from "./mutation/groups.ts";
import { IDLE_EXIT } from "./mutation/idle-exit.ts";
import { type Mutant, mutantsOf } from "./mutation/mutants.ts";
import { importersOf, measured, type TestFile } from "./mutation/test-files.ts";

const USAGE = `bun scripts/mutate.ts GROUP: faults that no test of the group notices; GROUP is ${GROUP_NAMES}

  --sample N         so many of the mutants (all), drawn by --seed N (1): same seed, same ones
  --file FILE        of this file instead of the group's; any number of times
  --kept FILE        writes down what was noticed, and does not try it again while its file is the same, so
                     that a run may be stopped and goes on where it was; what survived is tried again
  --side-by-side N   so many mutants at a time (1)`;

const OPTIONS = {
	sample: { type: "string", default: "0" },
	seed: { type: "string", default: "1" },
	file: { type: "string", multiple: true, default: [] as string[] },
	kept: { type: "string" },
	"side-by-side": { type: "string", default: "1" },
	help: { type: "boolean", default: false },
} as const;

const root = resolve(import.meta.dir, "..");
const COPIED = ["schemas", "engine", "db", "edge", "workers", "scripts", "package.json"].concat([
	"tsconfig.json",
	"bunfig.toml",
]);
/** A run may take so many times the processor time of the sound one, and so many seconds more. */
const CPU_TIMES = 4;
const CPU_SECONDS_MORE = 3;

/** What became of a mutant: no test failed, one did, or the run did not end: busy, or with nothing to do. */
type Fate = "survived" | "failed" | "busy" | "idle";

async function fateOf(
	tree: string,
	mutant: Mutant,
	tests: readonly TestFile[],
	output: "ignore" | "inherit" = "ignore",
): Promise<Fate> {
	if (tests.length === 0) return "survived";
	const soundMs = tests.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
	const cpuSeconds = Math.ceil((CPU_TIMES * soundMs) / 1_000) + CPU_SECONDS_MORE;
	const { file, from, to, text } = mutant;
	const child = Bun.spawn(
		[
			...["sh", "-c", `ulimit -t ${cpuSeconds}; exec "$@"`, "sh"],
			...[process.execPath, "test", "--bail", "--timeout=0"],
			...["--preload", "./scripts/mutation/plant.ts"],
			...tests.map(({ path }) => `./${path}`),
		],
		{
			cwd: tree,
			stdout: output,
			stderr: output,
			env: { ...process.env, MUTANT: JSON.stringify({ path: join(tree, file), from, to, text }) },
		},
	);
	const code = await child.exited;
	if (child.signalCode !== null) return "busy";
	if (code === 0) return "survived";
	return code === IDLE_EXIT ? "idle" : "failed";
}

function copyTree(): string {
	const tree = mkdtempSync(join(tmpdir(), "castle-mutate-"));
	for (const name of COPIED) cpSync(join(root, name), join(tree, name), { recursive: true });
	symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
	return tree;
}

/** So many of them, drawn by the seed, in the order of the files. */
function drawn(all: readonly Mutant[], count: number, seed: number): Mutant[] {
	const random = new SeededRandom(seed);
	const left = [...all.keys()];
	const chosen: number[] = [];
	while (chosen.length < count && left.length > 0) {
		chosen.push(...left.splice(random.below(left.length), 1));
	}
	return chosen.sort((a, b) => a - b).map((i) => all[i] as Mutant);
}

/** What names a mutant for as long as its file is the same. */
function keyOf(tree: string, { file, from, to, text }: Mutant): string {
	const hash = new RunningHash();
	hash.addText(readFileSync(join(tree, file), "utf8"));
	return `${file} ${hash.digest()} ${from} ${to} ${text}`;
}

/** The tests that run a mutant's line, the quickest first. */
function testsOf({ file, line }: Mutant, tests: readonly TestFile[]): TestFile[] {
	return tests.filter(({ lines }) => lines.get(file)?.has(line)).sort((a, b) => a.cpuMs - b.cpuMs);
}

function printTable(chosen: readonly Mutant[], survivors: ReadonlySet<Mutant>): void {
	console.log("\nnoticed   of       %  file");
	const row = (name: string, mutants: readonly Mutant[]): void => {
		const noticed = mutants.filter((mutant) => !survivors.has(mutant)).length;
		const share = ((100 * noticed) / Math.max(1, mutants.length)).toFixed(1);
		const cells = [String(noticed).padStart(7), String(mutants.length).padStart(4)];
		console.log(`${cells.join(" ")}  ${share.padStart(6)}  ${name}`);
	};
	for (const [file, mutants] of Map.groupBy(chosen, ({ file }) => file)) row(file, mutants);
	row("all", chosen);
}

/** Tries the mutants, several at a time; gives those that no test noticed. */
async function tryAll(
	tree: string,
	chosen: readonly Mutant[],
	tests: readonly TestFile[],
	{ kept, sideBySide }: { readonly kept: string | undefined; readonly sideBySide: number },
): Promise<ReadonlySet<Mutant>> {
	const known = kept !== undefined && existsSync(kept) ? readFileSync(kept, "utf8") : "";
	const noticedBefore = new Set(known.split("\n"));
	const survivors = new Set<Mutant>();
	const fates = new Map<Fate, number>();
	const queue = [...chosen];
	let tried = 0;
	const tryOn = async (): Promise<void> => {
		for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
			const key = keyOf(tree, mutant);
			if (!noticedBefore.has(key)) {
				const fate = await fateOf(tree, mutant, testsOf(mutant, tests));
				fates.set(fate, (fates.get(fate) ?? 0) + 1);
				if (fate === "survived") {
					survivors.add(mutant);
					console.log(`survived  ${mutant.file}:${mutant.line}  ${mutant.says}`);
				} else if (kept !== undefined) appendFileSync(kept, `${key}\n`);
			}
			tried += 1;
			if (tried % 50 === 0) console.log(`${tried}: ${tried - survivors.size} noticed`);
		}
	};
	await Promise.all(Array.from({ length: sideBySide }, tryOn));
	console.log([...fates].map(([fate, times]) => `${fate} ${times}`).join(", "));
	return survivors;
}

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
	if (values.help) return console.log(USAGE);
	const group = groupNamed(positionals.join(" "), root);
	const files = values.file.length > 0 ? values.file : group.files;
	const sample = numberOf(values.sample);
	const seed = numberOf(values.seed);
	const how = { kept: values.kept, sideBySide: numberOf(values["side-by-side"]) };
	const tree = copyTree();
	try {
		const all = files.flatMap((file) => mutantsOf(tree, file));
		const chosen = drawn(all, sample || all.length, seed);
		const tests: TestFile[] = [];
		for (const path of importersOf(tree, files, group.tests)) {
			tests.push(await measured(tree, path));
		}
		const nothing = { file: files[0] ?? "", from: 0, to: 0, text: "", line: 0, says: "" };
		const sound = await fateOf(tree, nothing, tests, "inherit");
		if (sound !== "survived") throw new Error(`with nothing planted: ${sound}`);
		console.log(`${chosen.length} of ${all.length} mutants; ${tests.length} test files`);
		printTable(chosen, await tryAll(tree, chosen, tests, how));
	} finally {
		rmSync(tree, { recursive: true, force: true });
	}
}

await main().catch((error: unknown) => refuseWords(error, USAGE));
