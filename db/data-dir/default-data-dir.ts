import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { closedFolder, serverUser } from "./os-user.ts";

/** For what only root could reach where it belongs. */
export const SYSTEM_FOLDER = "/var/lib/castle-exchange";

/**
 * Where the data goes unless DATA_DIR says otherwise: `data` in the checkout. Run by root in a checkout
 * that only root can enter, PostgreSQL's user could not reach it there: then it goes to a folder of the
 * system that is named after the checkout's path.
 */
export function defaultDataDir(checkoutDir: string): string {
	const path = realpathSync(checkoutDir);
	const user = serverUser();
	if (user === null || closedFolder(path, user) === null) return join(path, "data");
	const name = createHash("sha256").update(path).digest("hex").slice(0, 12);
	return join(SYSTEM_FOLDER, name);
}
