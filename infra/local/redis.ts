import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { askSocket } from "./ask.ts";
import { freePort, LOOPBACK } from "./free-port.ts";
import { installedOnce, type Say } from "./install-cache.ts";
import { type LocalServer, launch, type StartOptions } from "./local-server.ts";
import { programOnPath, runTool } from "./run-tool.ts";

/** The server and the libraries of its own; the others every Debian has. */
const DEBIAN_PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1"];

/** A program, and what it needs to find its libraries. */
interface RedisProgram {
	readonly path: string;
	readonly env: Readonly<Record<string, string>>;
}

/**
 * A Redis that keeps nothing on disk: the one on the PATH, else Debian's package, unpacked into the
 * cache, which root and others can, and which starts no service.
 *
 * @throws Error when it cannot be installed or does not start
 */
export async function startRedis(options: StartOptions): Promise<LocalServer> {
	const program = await installRedis(options.say ?? (() => {}));
	const port = options.port ?? (await freePort());
	const settings: Record<string, string> = {
		bind: LOOPBACK,
		port: `${port}`,
		save: "",
		appendonly: "no",
		daemonize: "no",
	};
	return launch({
		name: "redis",
		command: [program.path, ...Object.entries(settings).flatMap(([name, v]) => [`--${name}`, v])],
		env: program.env,
		folder: options.folder,
		port,
		answers: async () => (await askSocket(port, "PING\r\n")).toString().startsWith("+PONG"),
	});
}

/**
 * Finds or unpacks Redis.
 *
 * @throws Error that says what to install where Debian's packages do not help
 */
export async function installRedis(say: Say): Promise<RedisProgram> {
	const installed = programOnPath("redis-server");
	if (installed !== null) return { path: installed, env: {} };
	if (programOnPath("apt-get") === null || programOnPath("dpkg-deb") === null) {
		throw new Error("there is no `redis-server` on the PATH: install Redis 7 or newer");
	}
	const folder = await installedOnce(`redis-of-${systemName()}`, (to) => unpackDebian(to, say));
	const libraries = join(folder, "usr", "lib");
	const perArchitecture = readdirSync(libraries).find((name) => name.includes("-linux-gnu"));
	return {
		path: join(folder, "usr", "bin", "redis-server"),
		env: { LD_LIBRARY_PATH: join(libraries, perArchitecture ?? "") },
	};
}

/** The system whose packages they are, such as debian-12: those of another may not run here. */
function systemName(): string {
	const text = readFileSync("/etc/os-release", "utf8");
	const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "";
	return `${field("ID")}-${field("VERSION_ID")}`;
}

async function unpackDebian(folder: string, say: Say): Promise<void> {
	say(`downloading ${DEBIAN_PACKAGES.join(", ")} by apt-get`);
	const download = () => runTool(["apt-get", "download", ...DEBIAN_PACKAGES], { cwd: folder });
	await download().catch(async (error: unknown) => {
		// A new machine has no list of packages yet, or an old one; only root can get it.
		if (process.getuid?.() !== 0) throw error;
		await runTool(["apt-get", "update"]);
		await download();
	});
	for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
		await runTool(["dpkg-deb", "--extract", join(folder, file), folder]);
	}
	if (!existsSync(join(folder, "usr", "bin", "redis-server"))) {
		throw new Error("Debian's packages hold no redis-server");
	}
}
