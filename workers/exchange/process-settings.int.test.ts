import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dir, "../..");
/** The runtimes' own programs: the packages' scripts need Node. */
const DENO = join(checkout, "node_modules/deno/deno");

/** Every process: how it is run, and settings that it cannot do without. */
const PROCESSES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
	["matching", [process.execPath, "workers/matching/main.ts"], ["KAFKA_BROKERS", "POSTGRES_HOST"]],
	["accounts", [process.execPath, "workers/accounts/main.ts"], ["GATEWAYS", "LINK_TOKEN"]],
	["market-data", [process.execPath, "workers/market-data/main.ts"], ["AWS_REGION", "GATEWAYS"]],
	["order-log", [process.execPath, "workers/order-log/main.ts"], ["AWS_REGION", "REDIS_HOST"]],
	["streams", [process.execPath, "workers/streams/main.ts"], ["LINK_PORT", "LINK_TOKEN"]],
	["venue", [process.execPath, "workers/venue/main.ts"], ["VENUE_KEY", "KAFKA_BROKERS"]],
	["edge", [process.execPath, "edge/main.bun.ts"], ["VENUE_KEY", "LINK_PORT"]],
	["edge", [DENO, "run", "--no-prompt", "-P=edge", "edge/main.deno.ts"], ["VENUE_KEY"]],
];

async function run(words: readonly string[], environment: Record<string, string>) {
	const child = Bun.spawn([...words], {
		cwd: checkout,
		env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...environment },
		stdout: "pipe",
		stderr: "pipe",
	});
	const [out, err] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
	]);
	return { code: await child.exited, out, err };
}

test.each(PROCESSES)(
	"%s by %p tells its settings, and names what is missing or wrong",
	async (name, words, needed) => {
		expect(existsSync(join(checkout, words.at(-1) as string))).toBe(true);
		const help = await run([...words, "--help"], {});
		expect(help.code).toBe(0);
		expect(help.out).toStartWith(`${name}: `);
		const wrong = await run(words, {
			HEALTH_PORT: "99999",
			VENUE: "No Such",
			POSTGRES_CA: "/ca.pem",
		});
		expect(wrong.code).toBe(64);
		if (name !== "streams")
			expect(wrong.err).toContain("POSTGRES_CA=/ca.pem: must be certificates");
		expect(wrong.err).toContain("HEALTH_PORT=99999: must be");
		expect(wrong.err).toContain("VENUE=No Such: must be");
		for (const setting of needed) {
			expect(help.out).toMatch(new RegExp(`^  ${setting} .*\\(must be given\\)$`, "m"));
			expect(wrong.err).toMatch(new RegExp(`\\b${setting}\\b.* must be given`));
		}
	},
);

const SERVERS = {
	...{ KAFKA_BROKERS: "127.0.0.1:1", POSTGRES_HOST: "127.0.0.1", REDIS_HOST: "127.0.0.1" },
	...{ AWS_REGION: "x", GATEWAYS: "127.0.0.1:1", LINK_TOKEN: "0123456789abcdef" },
};
const [matching, accounts] = [PROCESSES[0]?.[1] ?? [], PROCESSES[1]?.[1] ?? []];

test("a partition or shard that the venue does not have is named", async () => {
	const partition = await run(matching, { ...SERVERS, PARTITIONS: "2", PARTITIONS_OWNED: "0,2" });
	expect(partition.code).toBe(64);
	expect(partition.out).toContain("PARTITIONS_OWNED: there is no 2, only 0 to 1");
	const shard = await run(accounts, { ...SERVERS, ACCOUNT_SHARDS: "2", SHARDS: "0" });
	expect(shard.code).toBe(64);
	expect(shard.out).toContain("SHARDS: there is no 0, only 1 to 2");
});

test("what does not go with a token for PostgreSQL is named, and no secret", async () => {
	const byToken = {
		...SERVERS,
		AWS_REGION: "",
		POSTGRES_IAM: "1",
		POSTGRES_PASSWORD: "secret-one",
	};
	const wrong = await run(accounts, byToken);
	expect(wrong.code).toBe(64);
	for (const name of ["POSTGRES_TLS", "POSTGRES_PASSWORD", "AWS_REGION"]) {
		expect(wrong.out).toContain(`with POSTGRES_IAM=1, ${name} must`);
	}
	expect(wrong.out + wrong.err).not.toContain("secret-one");
});
