/** Keys as a role's are: with a session, whose token is as long as theirs. No one's. */
export const AWS_KEYS = {
	AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
	AWS_SECRET_ACCESS_KEY: "the secret key of a role",
	AWS_SESSION_TOKEN: "session".repeat(200),
} as const;

/** Puts the keys where AWS' clients look first; undo it by what is returned. */
export function giveAwsKeys(): () => void {
	const names = [...Object.keys(AWS_KEYS), "AWS_PROFILE"];
	const before = names.map((name) => [name, process.env[name]] as const);
	delete process.env["AWS_PROFILE"];
	Object.assign(process.env, AWS_KEYS);
	return () => {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	};
}
