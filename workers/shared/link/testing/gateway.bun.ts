/** A gateway under Bun, for tests: prints the port where workers dial in, and the one where it is asked. */
import { serveLinks } from "../../../../edge/entry/bun-server.ts";
import { answer, LISTEN, testGateway } from "./gateway-routes.ts";

const gateway = testGateway();
const links = serveLinks(gateway, LISTEN);
const questions = Bun.serve({
	hostname: LISTEN.hostname,
	port: 0,
	fetch: ({ url }) => answer(gateway, new URL(url).pathname),
});
console.log(links.port, questions.port);
