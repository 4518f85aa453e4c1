import type { GenericSchema } from "valibot";
import { inputSchema, outputSchema, parameterSchema } from "./json-schema.ts";

/** "getTicker24hr", "putOrderAmendKeepPriority": the path without its version, in one word. */
export function idOf(method: string, path: string): string {
	const words = path.replace(/^\/api\/v3\//, "").split(/[^A-Za-z0-9]+/);
	const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
	return method.toLowerCase() + name;
}

/** What a call takes in its query. */
export function queryParameters(schema: GenericSchema): readonly object[] {
	const { properties = {}, required = [] } = inputSchema(schema);
	return Object.entries(properties).map(([name, property]) => ({
		name,
		in: "query",
		required: required.includes(name),
		...(property.description !== undefined && { description: property.description }),
		schema: parameterSchema(property),
	}));
}

/** The body of an answer. */
export function jsonAnswer(schema: GenericSchema): object {
	return { "application/json": { schema: outputSchema(schema) } };
}

/** An answer with a code and what it means. */
export function errorResponse(
	description: string,
	example: { readonly code: number; readonly msg: string },
): object {
	const schema = { $ref: "#/components/schemas/Error" };
	return { description, content: { "application/json": { schema, example } } };
}
