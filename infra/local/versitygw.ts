import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answersHttp } from "./ask.ts";
import { freePort, LOOPBACK } from "./free-port.ts";
import { AFTER_ALL } from "./give-way.ts";
import { installedOnce, type Say } from "./install-cache.ts";
import { type LocalServer, launch, type StartOptions } from "./local-server.ts";
import { programOnPath, runTool } from "./run-tool.ts";

const VERSION = "1.8.0";
const MODULE = "github.com/versity/versitygw/cmd/versitygw";

/** What a client signs with; nothing but this machine can reach the server. */
export const LOCAL_S3_ACCESS_KEY = "castle";
export const LOCAL_S3_SECRET_KEY = "castle-local";
export const LOCAL_S3_REGION = "us-east-1";

/**
 * An S3 server on a folder: versitygw.
 *
 * @throws Error when it cannot be built or does not start
 */
export async function startS3(options: StartOptions): Promise<LocalServer> {
	const program = await installVersitygw(options.say ?? (() => {}));
	const port = options.port ?? (await freePort());
	const [objects, attributes] = ["objects", "attributes"].map((name) => join(options.folder, name));
	for (const folder of [objects, attributes]) mkdirSync(folder as string, { recursive: true });
	return launch({
		name: "s3",
		command: [
			program,
			...["--port", `${LOOPBACK}:${port}`, "--region", LOCAL_S3_REGION],
			...["--keep-alive", "--quiet"],
			// Attributes in files beside the objects: not every file system keeps them with a file.
			...["posix", "--sidecar", attributes as string, objects as string],
		],
		env: {
			ROOT_ACCESS_KEY_ID: LOCAL_S3_ACCESS_KEY,
			ROOT_SECRET_ACCESS_KEY: LOCAL_S3_SECRET_KEY,
		},
		folder: options.folder,
		port,
		answers: () => answersHttp(port),
		niceness: AFTER_ALL,
	});
}

/**
 * Builds versitygw unless this machine has it: 2 to 4 minutes. Gives the program.
 *
 * @throws Error when there is no Go, or with the compiler's words
 */
export async function installVersitygw(say: Say): Promise<string> {
	const folder = await installedOnce(`versitygw-${VERSION}`, async (to) => {
		if (programOnPath("go") === null) {
			throw new Error("the S3 server versitygw is built with Go: install Go 1.24 or newer");
		}
		say(`building versitygw ${VERSION} with Go, which takes some minutes`);
		await runTool(["go", "install", `${MODULE}@v${VERSION}`], {
			env: { GOBIN: to, CGO_ENABLED: "0" },
		});
	});
	return join(folder, "versitygw");
}
