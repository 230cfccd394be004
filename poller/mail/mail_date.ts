const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const DATE = new RegExp(
  "^(?:(?:mon|tue|wed|thu|fri|sat|sun) ?, ?)?" +
    `(?<day>\\d{1,2}) ?(?<month>${MONTHS.join("|")}) ?(?<year>\\d{2,}) ` +
    "(?<hour>\\d{1,2}) ?: ?(?<minute>\\d{2})(?: ?: ?(?<second>\\d{2}))?" +
    " ?(?<zone>[+-]\\d{4}|[a-ik-z]|ut|[a-z]{3,5})?$",
  "i",
);

/** Hours east of Greenwich (RFC 5322 section 4.3). All other names count as UTC: their meaning is unknown. */
const ZONE_HOURS: Readonly<Record<string, number>> = {
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
};

const DAY_MS = 86_400_000;
/** A later time has no form in ISO 8601 that others read. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * Reads the Date header (RFC 5322 sections 3.3 and 4.3). It is null for any other form, and for an impossible day or time. The
 * day's name is not checked: it is redundant.
 */
export function mailDate(value: string): Date | null {
  const groups = withoutComments(value).match(DATE)?.groups;
  if (groups === undefined) return null;
  const { day, month = "", hour, minute, second = "0", zone = "" } = groups;
  const offset = offsetMinutes(zone);
  const date = new Date(0);
  date.setUTCFullYear(
    fullYear(groups.year ?? ""),
    MONTHS.indexOf(month.toLowerCase()),
    Number(day),
  );
  const isDay = date.getUTCDate() === Number(day) && date.getUTCFullYear() >= 1900;
  const isTime = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 60;
  if (!isDay || !isTime || offset === undefined) return null;
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second));
  // A leap second occurs only at midnight UTC.
  const isNoTime = second === "60" && date.getTime() % DAY_MS !== 0;
  return !isNoTime && date.getTime() <= LAST_MS ? date : null;
}

/** Replaces comments, which nest (RFC 5322 section 3.2.2), and the white space around them with one blank. */
function withoutComments(value: string): string {
  let text = "";
  let depth = 0;
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index);
    if (character === "(") depth++;
    if (depth === 0) text += character;
    else if (character === "\\") index++;
    else if (character === ")" && --depth === 0) text += " ";
  }
  return text.replace(/[ \t\r\n]+/g, " ").trim();
}

function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year + (year < 50 ? 2000 : 1900);
  return digits.length === 3 ? year + 1900 : year;
}

function offsetMinutes(zone: string): number | undefined {
  const { sign, hours, minutes } =
    zone.match(/^(?<sign>[+-])(?<hours>\d{2})(?<minutes>\d{2})$/)?.groups ?? {};
  if (sign === undefined) return (ZONE_HOURS[zone.toUpperCase()] ?? 0) * 60;
  if (Number(minutes) > 59) return undefined;
  return Number(`${sign}1`) * (60 * Number(hours) + Number(minutes));
}
