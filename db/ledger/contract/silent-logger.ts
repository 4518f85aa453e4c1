import type { Logger } from "../../../schemas/ports/logger.ts";

/** For tests that do not look at what is logged. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
