import { expect, test } from "bun:test";
import { pageAssets } from "./page-assets.ts";

test("the files of the API page, and nothing else of the package", async () => {
	const asset = pageAssets();
	expect((await asset("swagger-ui.css"))?.type).toBe("text/css; charset=utf-8");
	for (const name of ["package.json", "../../package.json", "", "constructor", "__proto__"]) {
		expect(await asset(name)).toBeNull();
	}
});
