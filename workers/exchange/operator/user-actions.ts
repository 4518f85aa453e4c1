import * as v from "valibot";
import { Sessions } from "../../../edge/users/sessions.ts";
import { formatUnits } from "../../../schemas/decimal.ts";
import type { User } from "../../../schemas/ports/users.ts";
import { action, flagsOf, OperatorRefusal, textFlag, userIdFlag } from "./action.ts";
import { audit, auditOnce } from "./audit-entry.ts";
import { refusedFor } from "./refusal-words.ts";
import type { OperatorServices } from "./services.ts";

/** As `Passwords` writes them; a hash of another kind would be a user who can never sign in. */
const PHC = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

const passwordFlags = {
	password: v.optional(
		v.pipe(
			textFlag,
			v.minLength(12, "12 characters at least"),
			v.maxLength(128, "128 characters at most"),
		),
	),
	"password-hash": v.optional(v.pipe(textFlag, v.regex(PHC, "must be an argon2id hash"))),
};

/** Either a password or its hash. */
function isOnePassword(
	flags: { readonly [flag in keyof typeof passwordFlags]?: string | undefined },
) {
	return (flags.password === undefined) !== (flags["password-hash"] === undefined);
}

const userCreate = action({
	name: "user create",
	usage: "--email E --password P | --password-hash ARGON2ID",
	says: "a user who can sign in; a hash is for one who moves here from elsewhere; said again, it is answered as the first time",
	flags: v.pipe(
		flagsOf({
			email: v.pipe(textFlag, v.toLowerCase(), v.email("must be an address")),
			...passwordFlags,
		}),
		v.forward(
			v.check((given) => isOnePassword(given), "is missing"),
			["password"],
		),
	),
	async run({ edge }, { email, password = "", "password-hash": given }) {
		const createdAtMs = edge.clock.nowMs();
		const passwordHash = given ?? (await edge.passwords.hash(password));
		const isAsked = async ({ passwordHash: stored }: User) =>
			given === undefined ? edge.passwords.verify(password, stored) : stored === given;
		const made = await edge.users.createUser({ email, passwordHash, createdAtMs });
		const user = made ?? (await edge.users.userByEmail(email));
		// The first time its answer may have been lost, or that of its entry.
		if (user === null || (made === null && !(await isAsked(user)))) {
			throw new OperatorRefusal(`${email} is taken`);
		}
		const { userId } = user;
		await auditOnce({ edge }, "user.create", `user:${userId}`, { email, id: String(userId) });
		return { userId, email };
	},
});

const userSetPassword = action({
	name: "user set-password",
	usage: "--user ID --password P | --password-hash ARGON2ID",
	says: "for who has lost the password: this one signs in, and all sessions end; second factor and keys stay",
	flags: v.pipe(
		flagsOf({ user: userIdFlag, ...passwordFlags }),
		v.forward(
			v.check((given) => isOnePassword(given), "is missing"),
			["password"],
		),
	),
	async run(services, { user: userId, password = "", "password-hash": given }) {
		const { edge } = services;
		const { passwordHash: before } = await knownUser(services, userId);
		const after = given ?? (await edge.passwords.hash(password));
		await audit(services, "password.set", `user:${userId}`, {});
		if (!(await edge.users.setPassword(userId, before, after))) {
			throw new OperatorRefusal(
				"it was changed at this moment; say it again if it shall be this one",
			);
		}
		await new Sessions(edge).endAll(userId);
		return { userId };
	},
});

const userFreeze = action({
	name: "user freeze",
	usage: "--user ID",
	says: "no trading and no withdrawal until unfrozen; open orders stay",
	flags: flagsOf({ user: userIdFlag }),
	run: (services, { user }) => setFrozen(services, user, true),
});

const userUnfreeze = action({
	name: "user unfreeze",
	usage: "--user ID",
	says: "takes a freeze back",
	flags: flagsOf({ user: userIdFlag }),
	run: (services, { user }) => setFrozen(services, user, false),
});

const userRemoveTotp = action({
	name: "user remove-totp",
	usage: "--user ID",
	says: "for who has lost app and recovery codes: the password is enough again, and all sessions end",
	flags: flagsOf({ user: userIdFlag }),
	async run(services, { user }) {
		await knownUser(services, user);
		const { edge } = services;
		await audit(services, "totp.remove", `user:${user}`, {});
		const removed = await edge.users.removeTotp(user);
		await new Sessions(edge).endAll(user);
		return { userId: user, removed };
	},
});

const balances = action({
	name: "balances",
	usage: "--user ID",
	says: "what a user has, available and held",
	flags: flagsOf({ user: userIdFlag }),
	async run(services, { user }) {
		await knownUser(services, user);
		const { edge } = services;
		const outcome = await edge.accounts(user).account(user);
		if (!outcome.ok) throw refusedFor(outcome.refusal.reason);
		const lines = outcome.value.balances.map((line) => {
			const asset = edge.marketData.venue.assetById(line.assetId);
			const text = (units: bigint) => formatUnits(units, asset?.decimals ?? 0);
			return {
				asset: asset?.asset ?? String(line.assetId),
				available: text(line.available),
				held: text(line.held),
			};
		});
		return { userId: user, frozen: outcome.value.frozen, balances: lines };
	},
});

async function setFrozen(services: OperatorServices, userId: number, frozen: boolean) {
	await knownUser(services, userId);
	await audit(services, frozen ? "user.freeze" : "user.unfreeze", `user:${userId}`, {});
	await services.edge.users.setFrozen(userId, frozen);
	await services.edge.accounts(userId).setFrozen(userId, frozen);
	return { userId, frozen };
}

/** @throws OperatorRefusal when there is no such user */
export async function knownUser({ edge }: OperatorServices, userId: number): Promise<User> {
	const user = await edge.users.userById(userId);
	if (user === null) throw new OperatorRefusal(`there is no user ${userId}`);
	return user;
}

export const userActions = [
	userCreate,
	userSetPassword,
	userFreeze,
	userUnfreeze,
	userRemoveTotp,
	balances,
];
