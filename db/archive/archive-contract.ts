import { describe, expect, test } from "bun:test";
import type { Archive } from "../../schemas/ports/archive.ts";

function bytesOf(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

/** What every Archive does. `make` gives an empty one. */
export function archiveContract(name: string, make: () => Promise<Archive>): void {
	describe(`${name}: the archive's contract`, () => {
		test("gets what was put, byte by byte, and null for the rest", async () => {
			const archive = await make();
			const all = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);
			await archive.put("all", all);
			await archive.put("empty", new Uint8Array());
			expect(await archive.get("all")).toEqual(all);
			expect(await archive.get("empty")).toEqual(new Uint8Array());
			expect(await archive.get("al")).toBeNull();
		});

		test("gives bytes in memory of their own, and no runtime's own kind of them", async () => {
			const archive = await make();
			await archive.put("a", bytesOf("some"));
			const got = await archive.get("a");
			expect(got?.constructor).toBe(Uint8Array);
			expect(got?.slice(0, 3).buffer.byteLength).toBe(3);
		});

		test("replaces an object of the same name", async () => {
			const archive = await make();
			await archive.put("a", bytesOf("a long first one"));
			await archive.put("a", bytesOf("second"));
			expect(await archive.get("a")).toEqual(bytesOf("second"));
			expect(await archive.list("")).toEqual(["a"]);
		});

		test("lists by prefix, ascending; names may hold what they like", async () => {
			const archive = await make();
			const names = ["s/1/b", "s/1/a", "s/10/a", "s/1", "s", "t%2F", "../u", "a b.tmp"];
			for (const each of names) await archive.put(each, bytesOf(each));
			expect(await archive.list("")).toEqual([...names].sort());
			expect(await archive.list("s/1/")).toEqual(["s/1/a", "s/1/b"]);
			expect(await archive.list("x")).toEqual([]);
			for (const each of names) expect(await archive.get(each)).toEqual(bytesOf(each));
		});

		test("deletes, also what is not there", async () => {
			const archive = await make();
			await archive.put("a", bytesOf("1"));
			await archive.delete("a");
			await archive.delete("a");
			expect(await archive.get("a")).toBeNull();
			expect(await archive.list("")).toEqual([]);
		});

		test("keeps what was put, whatever becomes of the caller's bytes", async () => {
			const archive = await make();
			const mine = bytesOf("first");
			const done = archive.put("a", mine);
			mine.fill(0);
			await done;
			const got = await archive.get("a");
			expect(got).toEqual(bytesOf("first"));
			got?.fill(0);
			expect(await archive.get("a")).toEqual(bytesOf("first"));
		});

		test("puts at the same time leave one of them, whole", async () => {
			const archive = await make();
			const versions = Array.from({ length: 20 }, (_, i) => new Uint8Array(50_000).fill(i));
			await Promise.all(versions.map((bytes) => archive.put("a", bytes)));
			const got = (await archive.get("a")) as Uint8Array;
			expect(got).toEqual(versions[got[0] as number] as Uint8Array);
		});
	});
}
