import { expect, test } from "bun:test";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dir, "../..");
/** The runtime's own program: the package's script needs Node. */
const DENO = join(checkout, "node_modules/deno/deno");

/** What a program says under Deno, as JSON. */
async function said<T>(program: string, ...permissions: readonly string[]): Promise<T> {
	const child = Bun.spawn([DENO, "run", "--quiet", "--no-prompt", ...permissions, "-"], {
		cwd: checkout,
		stdin: new Blob([program]),
		stdout: "pipe",
		stderr: "inherit",
	});
	return JSON.parse(await new Response(child.stdout).text());
}

/** What Deno says when the edge reads each of these: "NotCapable" where it may not. */
function readings(paths: readonly string[]): Promise<string[]> {
	const program = `
		const readings = ${JSON.stringify(paths)}.map((path) => {
			try {
				Deno.readFileSync(path);
				return "read";
			} catch (error) {
				return error.name;
			}
		});
		console.log(JSON.stringify(readings));`;
	return said(program, "-P=edge");
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

test("of all else that Deno asks leave for it has the network, the environment and the system's release", async () => {
	const rest = ["run", "write", "ffi", "import", "sys", "env", "net"].map((name) => ({ name }));
	const system = ["osRelease", "hostname", "uid"].map((kind) => ({ name: "sys", kind }));
	const program = `
		const granted = ${JSON.stringify([...rest, ...system])}
			.filter((each) => Deno.permissions.querySync(each).state === "granted");
		console.log(JSON.stringify(granted));`;
	expect(await said<unknown>(program, "-P=edge")).toEqual([
		{ name: "env" },
		{ name: "net" },
		{ name: "sys", kind: "osRelease" },
	]);
});

test("the order log cannot be asked without any of the three", async () => {
	const program = `
		const said = async () => {
			try {
				const { DynamoDBClient, ListTablesCommand } = await import("@aws-sdk/client-dynamodb");
				const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
				const at = { region: "x", endpoint: "http://127.0.0.1:1", credentials, maxAttempts: 1 };
				await new DynamoDBClient(at).send(new ListTablesCommand({}));
			} catch (error) {
				return error.name === "NotCapable" ? error.name : error.code;
			}
		};
		console.log(JSON.stringify(await said()));`;
	const all = ["--allow-net", "--allow-env", "--allow-sys=osRelease"];
	expect(await said<string>(program, ...all)).toBe("ECONNREFUSED");
	for (const one of all) {
		const others = all.filter((each) => each !== one);
		expect([one, await said<string>(program, ...others)]).toEqual([one, "NotCapable"]);
	}
});
