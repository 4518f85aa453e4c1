/** How times are written; a client may ask for microseconds. */
export type TimeUnit = "MILLISECOND" | "MICROSECOND";

/** -1194 */
export const INVALID_TIME_UNIT =
	"Invalid value for time unit; expected either MICROSECOND or MILLISECOND.";

/** The unit that a client asks for, in any case; milliseconds without a word, null for any other. */
export function timeUnitOf(asked: string | null | undefined): TimeUnit | null {
	const unit = asked ? asked.toUpperCase() : "MILLISECOND";
	return unit === "MILLISECOND" || unit === "MICROSECOND" ? unit : null;
}
