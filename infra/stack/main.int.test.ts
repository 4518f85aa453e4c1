/** What `./castle stack` refuses before it starts a server. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LOOPBACK } from "../local/free-port.ts";

const checkout = resolve(import.meta.dir, "../..");
const [stack, start] = ["infra/stack/main.ts", "workers/exchange/main.ts"];
const folder = mkdtempSync(join(tmpdir(), "castle-stack-refusals-"));
const taken = createServer();

beforeAll(() => new Promise<void>((pass) => taken.listen(0, LOOPBACK, pass)));
afterAll(() => {
	taken.close();
	rmSync(folder, { recursive: true });
});

async function refused(program: string, environment: Readonly<Record<string, string>>) {
	const child = Bun.spawn([process.execPath, join(checkout, program)], {
		env: { ...process.env, DATA_DIR: folder, PORT: "0", ...environment },
		stdout: "pipe",
		stderr: "pipe",
	});
	const [said, why] = [new Response(child.stdout).text(), new Response(child.stderr).text()];
	const code = await child.exited;
	expect(await said).not.toContain("stopping");
	expect(readdirSync(folder)).not.toContain("servers");
	return { code, why: await why };
}

test.each([
	["WEIGHT_PER_MINUTE", "x"],
	["ORDERS_PER_DAY", "0"],
	["CLIENT_ORDER_ID_MINUTES", "1"],
	["TRUST_FORWARDED_FOR", "yes"],
	["SIGN_UP", "2"],
	["OPERATOR_PORT", "-1"],
	["LOG_LEVEL", "loud"],
	["HOST", "192.0.2.1"],
])("%s=%s, which its processes are told, as ./castle start does", async (name, value) => {
	const wrong = { [name]: value };
	const { code, why } = await refused(stack, wrong);
	expect(code).toBe(64);
	expect(why).toStartWith(`castle: these settings are wrong:\n${name}=${value}: must be `);
	const ofStart = { ...wrong, DATA_DIR: join(folder, "start"), DEMO: "0" };
	if (name !== "HOST") expect(await refused(start, ofStart)).toEqual({ code, why });
});

test.each([
	[
		"SERVERS",
		'{"REDIS_HOST":"127.0.0.1"}',
		"KAFKA_BROKERS, POSTGRES_HOST, AWS_REGION must be given",
	],
	["KAFKA_SASL", "x", "KAFKA_SASL=x: must be "],
	["REDIS_TLS", "x", "REDIS_TLS=x: must be "],
])("%s=%s: what is wrong with servers", async (name, value, told) => {
	const { code, why } = await refused(stack, { [name]: value });
	expect(code).toBe(64);
	expect(why).toStartWith(`castle: these settings are wrong:\n${told}`);
});

test("a port that is taken", async () => {
	const { port } = taken.address() as { readonly port: number };
	expect(await refused(stack, { PORT: `${port}` })).toEqual({
		code: 69,
		why: `castle: cannot start: PORT=${port} is taken on 127.0.0.1: set it to another, 0 for any\n`,
	});
});
