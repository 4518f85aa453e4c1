import type { PlainRoute } from "../plain-route.ts";
import type { EdgeServices } from "../services.ts";
import { addKey, dropKey, listKeys } from "./key-routes.ts";
import { Sessions } from "./sessions.ts";
import { currentSession, signIn, signOut, signUp } from "./sign-in.ts";
import { toPlainRoute, type UserRoute } from "./user-route.ts";

/** The accounts API for people, in JSON; the OpenAPI document has the calls of Binance Spot only. */
const USER_ROUTES: readonly UserRoute[] = [
	signUp,
	signIn,
	signOut,
	currentSession,
	listKeys,
	addKey,
	dropKey,
];

export function userRoutes(services: EdgeServices): readonly PlainRoute[] {
	const sessions = new Sessions(services);
	return USER_ROUTES.map((route) => toPlainRoute(route, sessions));
}
