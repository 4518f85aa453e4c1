import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ENDPOINT_FILE, type OperatorEndpoint } from "../../../db/data-dir/operator-endpoint.ts";

/**
 * Says something as the operator to the exchange that runs on a data folder, without a process of its own.
 *
 * @throws Error with the answer, unless it was done
 */
export async function askOperator<T = Record<string, unknown>>(
	dataDir: string,
	action: string,
	flags: Readonly<Record<string, string>>,
): Promise<T> {
	const { url, token } = JSON.parse(
		readFileSync(join(dataDir, ENDPOINT_FILE), "utf8"),
	) as OperatorEndpoint;
	const response = await fetch(url, {
		method: "POST",
		headers: { authorization: `Bearer ${token}` },
		body: JSON.stringify({ action, flags }),
	});
	const text = await response.text();
	if (!response.ok) throw new Error(`operator ${action}: ${response.status} ${text}`);
	return JSON.parse(text) as T;
}
