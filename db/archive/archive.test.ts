import { expect, test } from "bun:test";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { archiveContract } from "./archive-contract.ts";
import { DirectoryArchive } from "./directory-archive.ts";
import { MemoryArchive } from "./memory-archive.ts";

const root = temporaryFolder();
let folders = 0;

function newFolder(): string {
	folders += 1;
	return join(root, `${folders}`, "archive");
}

archiveContract("directory", () => DirectoryArchive.open(newFolder()));
archiveContract("in memory", async () => new MemoryArchive({ scheduler: turnScheduler }));

test("a folder keeps its objects, and loses what was half-written", async () => {
	const folder = newFolder();
	await (await DirectoryArchive.open(folder)).put("a/b", new Uint8Array([1, 2, 3]));
	writeFileSync(join(folder, "7.tmp"), "half");
	const again = await DirectoryArchive.open(folder);
	expect(await again.get("a/b")).toEqual(new Uint8Array([1, 2, 3]));
	expect(readdirSync(folder)).toHaveLength(1);
});

test("a damaged object is told, wherever the damage is", async () => {
	const folder = newFolder();
	const archive = await DirectoryArchive.open(folder);
	const put = async () => {
		await archive.put("a", new Uint8Array(1_000).fill(7));
		return join(folder, readdirSync(folder)[0] as string);
	};
	for (const at of [0, 10, 40, 1_039]) {
		const path = await put();
		const content = readFileSync(path);
		content[at] = (content[at] as number) ^ 1;
		writeFileSync(path, content);
		await expect(archive.get("a")).rejects.toBeInstanceOf(ArchiveCorrupt);
	}
	for (const length of [0, 20, 40, 1_039]) {
		truncateSync(await put(), length);
		await expect(archive.get("a")).rejects.toBeInstanceOf(ArchiveCorrupt);
	}
});
