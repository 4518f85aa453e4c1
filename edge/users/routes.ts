import type { KeyCache } from "../auth/key-cache.ts";
import type { PlainRoute } from "../plain-route.ts";
import type { EdgeServices } from "../services.ts";
import { addKey, dropKey, listKeys } from "./key-routes.ts";
import { changePassword } from "./password.ts";
import { Sessions } from "./sessions.ts";
import { currentSession, signIn, signOut, signOutEverywhere, signUp } from "./sign-in.ts";
import { confirmTotp, removeTotp, renewRecoveryCodes, startTotp } from "./totp-routes.ts";
import { toPlainRoute, type UserRoute } from "./user-route.ts";

/** The accounts API for people, in JSON. */
export const USER_ROUTES: readonly UserRoute[] = [
	signUp,
	signIn,
	signOut,
	signOutEverywhere,
	changePassword,
	currentSession,
	startTotp,
	confirmTotp,
	renewRecoveryCodes,
	removeTotp,
	listKeys,
	addKey,
	dropKey,
];

/** @param keys what the edge remembers of keys: one that is revoked here is forgotten at once */
export function userRoutes(services: EdgeServices, keys: KeyCache): readonly PlainRoute[] {
	const sessions = new Sessions(services);
	return USER_ROUTES.map((route) => toPlainRoute(route, sessions, keys));
}
