/** A gateway under Deno, for tests: prints the port where workers dial in, and the one where it is asked. */
import type { Listening } from "../../../../edge/entry/listening.ts";
import type { Gateway } from "../../../../edge/link/gateway.ts";
import { answer, LISTEN, testGateway } from "./gateway-routes.ts";

/** What of Deno is used here. */
declare const Deno: {
	serve(
		options: {
			readonly hostname: string;
			readonly port: number;
			onListen(address: { readonly port: number }): void;
		},
		handle: (request: Request) => Response | Promise<Response>,
	): void;
};

/** By a name that is not known before: its types are Deno's, which the others' are not checked with. */
const ENTRY: string = "../../../../edge/entry/deno-server.ts";
const { serveLinks } = (await import(ENTRY)) as {
	serveLinks(gateway: Gateway, listen: typeof LISTEN): Listening;
};

const gateway = testGateway();
const links = serveLinks(gateway, LISTEN);
const { hostname } = LISTEN;
Deno.serve(
	{ hostname, port: 0, onListen: ({ port }) => console.log(links.port, port) },
	({ url }) => answer(gateway, new URL(url).pathname),
);
