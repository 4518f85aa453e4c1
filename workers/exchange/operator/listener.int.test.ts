import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { ENDPOINT_FILE } from "../../../db/data-dir/operator-endpoint.ts";
import { NoAnswer } from "../../../edge/link/worker-link.ts";
import { fakeServices } from "../../../edge/testing/fake-services.ts";
import type { AuditRecord } from "../../../schemas/ports/audit-log.ts";
import { KeyValueUnavailable } from "../../../schemas/ports/key-value.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { VenueStopped } from "../../venue/worker.ts";
import { OperatorListener, type OperatorRequest } from "./listener.ts";
import { refusedFor } from "./refusal-words.ts";
import type { OperatorServices } from "./services.ts";

const folder = mkdtempSync(join(tmpdir(), "castle-listener-"));
const edge = fakeServices();
const listener = new OperatorListener({ edge } as unknown as OperatorServices, folder, 0);
const { url, token } = JSON.parse(readFileSync(join(folder, ENDPOINT_FILE), "utf8"));
afterAll(async () => {
	await listener.stop();
	rmSync(folder, { recursive: true });
});

async function ask(request: OperatorRequest) {
	const headers = { authorization: `Bearer ${token}` };
	const reply = await fetch(url, { method: "POST", headers, body: JSON.stringify(request) });
	return { status: reply.status, body: await reply.json() };
}

test("nobody is heard without the token, nor from another machine", async () => {
	const body = '{"action":"audit log","flags":{}}';
	for (const shown of ["", "Bearer", `Bearer ${token.slice(1)}`, `Bearer x${token.slice(1)}`]) {
		const headers = shown === "" ? {} : { authorization: shown };
		const reply = await fetch(url, { method: "POST", headers, body });
		expect([reply.status, await reply.json()]).toEqual([401, { error: "token refused" }]);
	}
	const addresses = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
	for (const { address } of addresses.filter((one) => !one.internal && one.family === "IPv4")) {
		await expect(fetch(url.replace("127.0.0.1", address))).rejects.toThrow(/connect/i);
	}
});

test("PostgreSQL that is away: what was asked may be done, and the log says what failed", async () => {
	edge.audit.read = (): Promise<AuditRecord[]> =>
		Promise.reject(new LedgerUnavailable("no answer"));
	expect(await ask({ action: "audit log", flags: {} })).toEqual({
		status: 503,
		body: {
			error: "PostgreSQL is away (no answer): it may be done, all or in part; say it again",
		},
	});
	const fields = { action: "audit log", error: "no answer" };
	expect(edge.logger.lines).toMatchObject([{ message: "operator command failed", fields }]);
});

test("Redis that is away: a second factor may be removed, and its user's sessions not ended", async () => {
	await edge.users.createUser({ email: "ada@example.com", passwordHash: "", createdAtMs: 1 });
	edge.keyValue.delete = () => Promise.reject(new KeyValueUnavailable("no answer"));
	expect(await ask({ action: "user remove-totp", flags: { user: "1" } })).toEqual({
		status: 503,
		body: { error: "Redis is away (no answer): it may be done, all or in part; say it again" },
	});
});

test("a shard that says nothing has not refused", async () => {
	edge.audit.read = () => Promise.reject(refusedFor("unknown"));
	const { status, body } = await ask({ action: "audit log", flags: {} });
	expect([status, body.error]).toEqual([503, expect.stringContaining("say it again")]);
	edge.audit.read = () => Promise.reject(refusedFor("overloaded"));
	expect((await ask({ action: "audit log", flags: {} })).status).toBe(400);
});

test("a worker whose answer is lost: what was asked may be done", async () => {
	edge.audit.read = () => Promise.reject(new NoAnswer("the socket closed"));
	expect(await ask({ action: "audit log", flags: {} })).toEqual({
		status: 503,
		body: {
			error: "no answer (the socket closed): it may be done, all or in part; say it again",
		},
	});
});

test("a venue that another takes over meanwhile: what was asked may be done", async () => {
	edge.audit.read = () => Promise.reject(new VenueStopped("the venue stopped"));
	expect(await ask({ action: "audit log", flags: {} })).toEqual({
		status: 503,
		body: {
			error: "no answer (the venue stopped): it may be done, all or in part; say it again",
		},
	});
});

test("a listener that stops takes its own endpoint away, not its successor's", async () => {
	const own = mkdtempSync(join(tmpdir(), "castle-listener-"));
	const file = join(own, ENDPOINT_FILE);
	const open = () => new OperatorListener({ edge } as unknown as OperatorServices, own, 0);
	const [before, successor] = [open(), open()];
	const endpoint = readFileSync(file, "utf8");
	await before.stop();
	expect(readFileSync(file, "utf8")).toBe(endpoint);
	await successor.stop();
	expect(existsSync(file)).toBe(false);
	rmSync(own, { recursive: true });
});

test.each([
	...["", "x", "null", "[]", "{}", '{"action":"audit"}', '{"action":"audit","flags":null}'],
	...['{"action":5,"flags":{}}', '{"action":"user freeze","flags":{"user":1}}'],
])("%s is no command", async (body) => {
	const headers = { authorization: `Bearer ${token}` };
	const reply = await fetch(url, { method: "POST", headers, body });
	expect([reply.status, await reply.text()]).toEqual([
		...[400, '{"error":"must be JSON: an action and its flags, all texts"}'],
	]);
});

test("an address that is none is refused over the listener too", async () => {
	const flags = { user: "1", type: "hmac", scopes: "read", ips: "1.2.3" };
	expect(await ask({ action: "key create", flags })).toMatchObject({
		status: 400,
		body: { error: "--ips must be addresses, IPv4 or IPv6, without a range" },
	});
});
