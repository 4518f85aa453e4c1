import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { openDerivedFile } from "./derived-file.ts";

const folder = temporaryFolder();

test("what is no database is named, with what to do about it", () => {
	const path = join(folder, "damaged.sqlite");
	writeFileSync(path, "damaged ".repeat(1_000));
	expect(() => openDerivedFile(path, 1, [])).toThrow(
		`${path} cannot be used (file is not a database): moved away, with its -wal and -shm, it is made again from the log`,
	);
});

test("what cannot be opened is named", () => {
	const path = join(folder, "folder.sqlite");
	mkdirSync(path);
	expect(() => openDerivedFile(path, 1, [])).toThrow(
		`${path} cannot be used (unable to open database file)`,
	);
});

test("so is a file of another version", () => {
	const path = join(folder, "other.sqlite");
	openDerivedFile(path, 1, []).close();
	expect(() => openDerivedFile(path, 2, [])).toThrow(
		`${path} is of version 1; this program reads 2`,
	);
});
