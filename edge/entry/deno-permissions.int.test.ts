import { expect, test } from "bun:test";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dir, "../..");
/** The runtime's own program: the package's script needs Node. */
const DENO = join(checkout, "node_modules/deno/deno");

/** What Deno says when the edge reads each of these: "NotCapable" where it may not. */
async function readings(paths: readonly string[]): Promise<string[]> {
	const child = Bun.spawn([DENO, "run", "--quiet", "--no-prompt", "-P=edge", "-"], {
		cwd: checkout,
		stdin: new Blob([
			`const readings = ${JSON.stringify(paths)}.map((path) => {
				try {
					Deno.readFileSync(path);
					return "read";
				} catch (error) {
					return error.name;
				}
			});
			console.log(JSON.stringify(readings));`,
		]),
		stdout: "pipe",
		stderr: "inherit",
	});
	return JSON.parse(await new Response(child.stdout).text());
}

test("the edge under Deno may read its own page and what EKS gives a pod to sign in by, nothing else", async () => {
	const page = "node_modules/swagger-ui-dist/package.json";
	const role = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
	const pod = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token";
	const others = ["package.json", "/etc/hostname", "/var/run/secrets/other"];
	const [ofPage, ofRole, ofPod, ...ofOthers] = await readings([page, role, pod, ...others]);
	expect(ofPage).toBe("read");
	// Outside of EKS they are not there.
	for (const reading of [ofRole, ofPod]) expect(reading).not.toBe("NotCapable");
	expect(ofOthers).toEqual(["NotCapable", "NotCapable", "NotCapable"]);
});
