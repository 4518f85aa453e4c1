/**
 * What limits count by: an IPv4 address itself, of an IPv6 address its first 64 bits, since one
 * subscriber has all addresses behind them.
 */
export function limitKey(ip: string): string {
	if (!ip.includes(":")) return ip;
	const [head = "", tail] = ip.split("::", 2);
	const first = head === "" ? [] : head.split(":");
	if (tail !== undefined) {
		const last = tail === "" ? [] : tail.split(":");
		while (first.length + last.length < 8) first.push("0");
		first.push(...last);
	}
	return first
		.slice(0, 4)
		.map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
		.join(":");
}

/** True for an address of this machine that no other can send from. */
export function isLoopback(ip: string): boolean {
	return ip === "::1" || ip.startsWith("127.");
}

/** An IPv4 address that came as IPv6 (::ffff:1.2.3.4), as IPv4. */
export function plainAddress(ip: string): string {
	return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(ip) ? ip.slice(7) : ip;
}
