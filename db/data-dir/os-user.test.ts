import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultDataDir } from "./default-data-dir.ts";
import { closedFolder, serverUser } from "./os-user.ts";

describe("folders another user may enter", () => {
	let root: string;
	let inner: string;
	const stranger = { name: "stranger", uid: 54_321, gid: 54_321 };
	const groupmate = { name: "groupmate", uid: 54_321, gid: process.getgid!() };

	beforeEach(() => {
		root = realpathSync(mkdtempSync(join(tmpdir(), "user-test-")));
		inner = join(root, "inner");
		mkdirSync(inner, { mode: 0o755 });
	});
	afterEach(() => rmSync(root, { recursive: true }));

	test("the outermost closed one is named", () => {
		expect(closedFolder(inner, stranger)).toBe(root);
		chmodSync(root, 0o711);
		expect(closedFolder(inner, stranger)).toBeNull();
		chmodSync(inner, 0o700);
		expect(closedFolder(inner, stranger)).toBe(inner);
	});

	test("the group's bits count for the group, and only they", () => {
		chmodSync(root, 0o710);
		expect(closedFolder(inner, groupmate)).toBeNull();
		expect(closedFolder(inner, stranger)).toBe(root);
		chmodSync(root, 0o701);
		expect(closedFolder(inner, groupmate)).toBe(root);
	});

	test("data lies in the checkout unless the server's user cannot come there", () => {
		chmodSync(root, 0o755);
		expect(defaultDataDir(inner)).toBe(join(inner, "data"));
		chmodSync(root, 0o700);
		const closed = defaultDataDir(inner);
		if (serverUser() === null) expect(closed).toBe(join(inner, "data"));
		else expect(closed).toMatch(/^\/var\/lib\/castle-exchange\/[0-9a-f]{12}$/);
	});
});
