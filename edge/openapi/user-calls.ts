import type { UserRoute } from "../users/user-route.ts";
import { errorResponse, idOf, jsonAnswer, queryParameters } from "./call-parts.ts";
import { inputSchema } from "./json-schema.ts";

/** What the calls for people stand under in the document. */
export const USER_GROUP = "Sign-in and keys";

/** Either of the two is a session. */
export const USER_SECURITY_SCHEMES = {
	sessionCookie: { type: "apiKey", in: "cookie", name: "__Host-session" },
	sessionToken: {
		type: "http",
		scheme: "bearer",
		description: "The token that /auth/sign-in answers where it is asked for with `bearer`.",
	},
} as const;

/** One call of the accounts API, as the document has it. */
export function userCallOf(route: UserRoute): object {
	const { method, path, needsSession } = route;
	return {
		tags: [USER_GROUP],
		// One line, shown as it is.
		summary: route.summary.split(/\.(?: |$)/)[0]?.replaceAll("`", ""),
		description: `${route.summary}\n\n${needsSession ? "For who is signed in." : "Open to anyone."}`,
		operationId: idOf(method, path),
		parameters: route.query === null ? [] : queryParameters(route.query),
		...(route.body !== null && {
			requestBody: {
				required: true,
				content: { "application/json": { schema: inputSchema(route.body) } },
			},
		}),
		...(needsSession && { security: [{ sessionCookie: [] }, { sessionToken: [] }] }),
		"x-security": "session",
		responses: {
			"2XX": { description: "Done.", content: jsonAnswer(route.result) },
			"4XX": errorResponse("Refused: nothing happened.", {
				code: -1130,
				msg: "password: must have 12 to 128 characters",
			}),
			"429": errorResponse("Too many attempts: wait for `Retry-After` seconds.", {
				code: -1003,
				msg: "Too many attempts; try again later.",
			}),
		},
	};
}
