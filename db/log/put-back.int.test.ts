/** What a person does by docs/runbooks/log-trimmed.md, word for word. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DirectoryArchive } from "../archive/directory-archive.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { archiveSegment } from "./archive-segment.ts";
import { numbered } from "./log-contract.ts";
import { epochsOf, openSmall, segments } from "./testing/log-files.ts";

const RUNBOOK = join(import.meta.dir, "../../docs/runbooks/log-trimmed.md");
const RECORDS = 200;
const NEEDED = { orders: [120, RECORDS], trades: [RECORDS, RECORDS] };
const folder = temporaryFolder();

/** A log of many files, those before a record in the archive alone. */
async function trimmedLog(path: string, archive: DirectoryArchive, needed = NEEDED) {
	const log = await openSmall(path);
	for (let i = 0; i < RECORDS; i += 1) await log.orders.append(0, [numbered(i)]);
	const whole = new Map(segments(path).map((file) => [file, readFileSync(file)]));
	await log.trim(
		Date.now(),
		async () => needed,
		async (file) => (await archiveSegment(archive, file)) !== "",
	);
	await log.close();
	return whole;
}

/** Both outputs of the commands. */
async function putBack(dataDir: string): Promise<string> {
	const commands = /```sh\n(.*?)```/s.exec(readFileSync(RUNBOOK, "utf8"))?.[1];
	const text = (commands as string).replaceAll("DATA_DIR", dataDir);
	const shell = Bun.spawn(["sh", "-c", `{ ${text}\n} 2>&1`], { stdout: "pipe" });
	return new Response(shell.stdout).text();
}

test("files that went are put back, once and again; of a log that was lost before none is, and none is replaced", async () => {
	const dataDir = join(folder, "data");
	const path = join(dataDir, "log");
	const archive = await DirectoryArchive.open(join(dataDir, "archive"));
	// Its files have the numbers of those that the other still has, too.
	const all = { orders: [RECORDS, RECORDS], trades: [RECORDS, RECORDS] };
	await trimmedLog(join(folder, "lost"), archive, all);
	const whole = await trimmedLog(path, archive);
	const [first, second] = [...whole.keys()].map((file) => file.slice(dataDir.length + 1));
	expect(segments(path).length).toBeGreaterThan(2);
	expect(segments(path).length).toBeLessThan(whole.size - 1);

	for (let times = 0; times < 2; times += 1) {
		const said = await putBack(dataDir);
		expect(said.includes(`${first}`)).toBe(times === 0);
		expect(segments(path)).toEqual([...whole.keys()]);
		for (const file of segments(path).slice(0, -1)) {
			expect(readFileSync(file).equals(whole.get(file) as Buffer)).toBe(true);
		}
	}
	const log = await openSmall(path);
	expect(await epochsOf(log, 0)).toEqual(Array.from({ length: RECORDS }, (_, i) => i));
	await log.close();

	// One that is not as it was is told of, and does not get the name of a file of the log.
	rmSync(join(dataDir, `${first}`));
	rmSync(join(dataDir, `${second}`));
	const objects = readdirSync(join(dataDir, "archive")).filter((name) => name.includes(log.logId));
	const damaged = join(dataDir, "archive", objects.sort()[0] as string);
	const bytes = readFileSync(damaged);
	writeFileSync(damaged, bytes.subarray(0, bytes.length / 2));
	expect(await putBack(dataDir)).toContain("FAILED");
	expect(segments(path)).toEqual([...whole.keys()].slice(1));
});
