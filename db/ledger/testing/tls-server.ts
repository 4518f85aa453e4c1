import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../../../infra/local/ends-with-us.ts";
import { freePort } from "../../../infra/local/free-port.ts";
import type { PostgresSettings } from "../connection-settings.ts";
import { silentLogger } from "../contract/silent-logger.ts";
import { startEmbeddedPostgres } from "../embedded/embedded-postgres.ts";
import { testCertificate } from "./test-certificate.ts";
import { runSql } from "./test-server.ts";

/** A real PostgreSQL that is reached as Aurora is with IAM: by TLS, and it wants the password as it is. */
export interface TlsServer {
	/** By its socket, where no password is asked for. */
	readonly admin: PostgresSettings;
	/** By TLS, with its certificate verified. */
	readonly remote: PostgresSettings & { readonly tls: { readonly ca: string } };
	close(): Promise<void>;
}

/** Not TLS, not let in; `password` is what PostgreSQL calls one that is sent as it is. */
const HBA = "local all all trust\nhostssl all all localhost password\n";

export async function startTlsServer(): Promise<TlsServer> {
	const dataDir = mkdtempSync(join(tmpdir(), "ledger-tls-test-"));
	const loopback = { port: await freePort(), password: "nobody's" };
	const launcher = endsWithUs("QUIT");
	const server = await startEmbeddedPostgres({
		dataDir,
		logger: silentLogger,
		loopback,
		launcher,
	});
	const admin = server.settings;
	const [row] = await runSql(admin, "show data_directory");
	const cluster = `${row?.["data_directory"]}`;
	const { uid, gid } = statSync(cluster);
	const { certificate, key } = testCertificate("localhost");
	const files = { "server.crt": certificate, "server.key": key, "pg_hba.conf": HBA };
	for (const [name, text] of Object.entries(files)) {
		const file = join(cluster, name);
		writeFileSync(file, text, { mode: 0o600 });
		chownSync(file, uid, gid);
	}
	await runSql(admin, "alter system set ssl = on");
	await runSql(admin, "select pg_reload_conf()");
	while ((await runSql(admin, "show ssl"))[0]?.["ssl"] !== "on");
	return {
		admin,
		remote: { ...admin, host: "localhost", port: loopback.port, tls: { ca: certificate } },
		close: async () => {
			await server.stop();
			rmSync(dataDir, { recursive: true });
		},
	};
}
