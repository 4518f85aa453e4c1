import { beforeEach, describe, expect, test } from "bun:test";
import * as v from "valibot";
import { fakeServices } from "../../../edge/testing/fake-services.ts";
import { Sessions } from "../../../edge/users/sessions.ts";
import { OPERATOR_ACTIONS } from "./actions.ts";
import type { OperatorServices } from "./services.ts";

let edge = fakeServices();

beforeEach(() => {
	edge = fakeServices();
});

/** Has the operator set a user's password. */
async function setPassword(user: string, password: string): Promise<unknown> {
	const action = OPERATOR_ACTIONS.get("user set-password")!;
	const flags = v.parse(action.flags, { user, password });
	return action.run({ edge } as unknown as OperatorServices, flags);
}

describe("a lost password", () => {
	test("is another, and all sessions of that user end, which is written down", async () => {
		const sessions = new Sessions(edge);
		const tokens: string[] = [];
		for (const email of ["ada@example.com", "bob@example.com"]) {
			const user = await edge.users.createUser({ email, passwordHash: "lost", createdAtMs: 1 });
			tokens.push((await sessions.start(user!.userId)).token);
		}
		expect(await setPassword("1", "battery staple")).toEqual({ userId: 1 });
		const { passwordHash } = (await edge.users.userById(1))!;
		expect(await edge.passwords.verify("battery staple", passwordHash)).toBe(true);
		expect(await edge.users.userById(2)).toMatchObject({ passwordHash: "lost" });
		expect(await sessions.find(tokens[0]!)).toBeNull();
		expect(await sessions.find(tokens[1]!)).toMatchObject({ userId: 2 });
		expect(edge.audit.records).toMatchObject([{ action: "password.set", subject: "user:1" }]);
		await expect(setPassword("3", "battery staple")).rejects.toThrow("there is no user 3");
	});

	test("who changes it himself at that moment keeps his own", async () => {
		await edge.users.createUser({ email: "a@example.com", passwordHash: "lost", createdAtMs: 1 });
		const { append } = edge.audit;
		Object.assign(edge.audit, {
			append: async (entry: Parameters<typeof append>[0]) => {
				await edge.users.setPassword(1, "lost", "his own");
				await append.call(edge.audit, entry);
			},
		});
		await expect(setPassword("1", "battery staple")).rejects.toThrow("say it again");
		expect(await edge.users.userById(1)).toMatchObject({ passwordHash: "his own" });
	});
});
