import { ApiError } from "../api-error.ts";

const COOKIE = "__Host-session";

/** Where a token came from: only a cookie is sent without the page's doing. */
export interface SentToken {
	readonly token: string;
	readonly byCookie: boolean;
}

/** The token of `Authorization: Bearer`, else of the cookie; null without one. */
export function sentToken(headers: Headers): SentToken | null {
	const authorization = headers.get("authorization");
	if (authorization !== null) {
		const bearer = /^Bearer ([A-Za-z0-9]+)$/i.exec(authorization);
		return bearer === null ? null : { token: bearer[1]!, byCookie: false };
	}
	for (const pair of (headers.get("cookie") ?? "").split(";")) {
		const equals = pair.indexOf("=");
		if (equals > 0 && pair.slice(0, equals).trim() === COOKIE) {
			return { token: pair.slice(equals + 1).trim(), byCookie: true };
		}
	}
	return null;
}

/** Sets the cookie, or with "" takes it back. */
export function sessionCookie(token: string, maxAgeMs: number): string {
	const seconds = Math.floor(maxAgeMs / 1_000);
	return `${COOKIE}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`;
}

/**
 * Refuses what another site may have made the browser send. A page of this site sends its own
 * Origin; where there is none and the browser added the cookie by itself, a header that another
 * site's page cannot set must stand in.
 *
 * @throws ApiError 403
 */
export function checkSameSite(request: Request, byCookie: boolean): void {
	const origin = request.headers.get("origin");
	const same =
		origin === null
			? !byCookie || request.headers.has("x-requested-with")
			: hostOf(origin) === (request.headers.get("host") ?? hostOf(request.url));
	if (!same) throw new ApiError(-1002, "This request must come from the exchange's own page.", 403);
}

function hostOf(url: string): string | null {
	try {
		return new URL(url).host;
	} catch {
		return null;
	}
}
