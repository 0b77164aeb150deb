// The types that are carried as one item, or as a pair of numbers. docs/protocol.md, section 5.5.

import { INT64_MAX, INT64_MIN } from './cbor.mjs';
import { MalformedError } from './errors.mjs';

const MAX_BIG_BYTES = 2048;
const MAX_SCALE = 9999;
const INSTANT_MIN = -31557014167219200n;
const INSTANT_MAX = 31556889864403199n;
const MAX_NANOS = 999_999_999;
const MAX_ISO_BYTES = 35;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DATE = /^(\d{4}|-\d{4,9}|\+\d{5,9})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}|\d{6}|\d{9}))?)?$/;

function wrong(field, wanted) {
  throw new TypeError(`${field}: expected ${wanted}`);
}

/** A number of so few bits that a double holds it. */
const small = (least, most) => ({
  write(writer, value, field) {
    if (!Number.isInteger(value) || value < least || value > most) wrong(field, `an integer from ${least} to ${most}`);
    writer.integer(value);
  },
  read: (reader, field) => reader.number(field, least, most),
});

/** A BigInt. Where written, a safe integer will do. */
const int64 = {
  write(writer, value, field) {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) wrong(field, 'a BigInt or a safe integer');
    if (BigInt(value) < INT64_MIN || BigInt(value) > INT64_MAX) wrong(field, 'an integer of 64 bits');
    writer.integer(value);
  },
  read: (reader, field) => reader.integer(field),
};

const float = (method, holds) => ({
  write(writer, value, field) {
    if (typeof value !== 'number' || !holds(value)) wrong(field, `a number that ${method} holds exactly`);
    writer[method](value);
  },
  read: (reader, field) => reader[method](field),
});

function toTwosComplement(value, field) {
  if (typeof value !== 'bigint') wrong(field, 'a BigInt');
  let size = 1;
  while (BigInt.asIntN(8 * size, value) !== value) {
    if (++size > MAX_BIG_BYTES) wrong(field, `a number of at most ${MAX_BIG_BYTES} bytes`);
  }
  return Buffer.from(BigInt.asUintN(8 * size, value).toString(16).padStart(2 * size, '0'), 'hex');
}

function readTwosComplement(reader, field) {
  const bytes = reader.byteString(field, 1, MAX_BIG_BYTES);
  if (bytes.length > 1 && ((bytes[0] === 0 && bytes[1] < 0x80) || (bytes[0] === 0xff && bytes[1] >= 0x80))) {
    throw new MalformedError(field, "expected the shortest two's complement, found a longer one");
  }
  return BigInt.asIntN(8 * bytes.length, BigInt('0x' + bytes.toString('hex')));
}

/** An object { seconds: BigInt, nanos: number }; nanos are never negative. */
const time = (least, most) => ({
  write(writer, value, field) {
    const { seconds, nanos } = value;
    if (typeof seconds !== 'bigint' || seconds < least || seconds > most) wrong(field, 'seconds in range, a BigInt');
    if (!Number.isInteger(nanos) || nanos < 0 || nanos > MAX_NANOS) wrong(field, `nanos from 0 to ${MAX_NANOS}`);
    writer.array(2).integer(seconds).integer(nanos);
  },
  read(reader, field) {
    reader.array(field, 2);
    return { seconds: reader.integer(field, least, most), nanos: reader.number(field, 0, MAX_NANOS) };
  },
});

function isDate(text) {
  const found = DATE.exec(text);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number);
  // One text for each year: no sign below 10,000, no leading zeros beyond four digits, no minus zero.
  const digits = String(Math.abs(year)).padStart(4, '0');
  const canonical = year < 0 ? `-${digits}` : year > 9999 ? `+${digits}` : digits;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return found[1] === canonical && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

function isTime(text) {
  const found = TIME.exec(text);
  if (!found) return false;
  const [, hour, minute, second, fraction] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return false;
  // The shortest text: seconds only where there are any below a minute, fractions in the fewest groups of three digits.
  if (second === '00' && fraction === undefined) return false;
  return fraction === undefined || !fraction.endsWith('000');
}

function isDateTime(text) {
  const at = text.indexOf('T');
  return at > 0 && isDate(text.slice(0, at)) && isTime(text.slice(at + 1));
}

const isoText = (isCanonical) => ({
  write(writer, value, field) {
    if (typeof value !== 'string' || !isCanonical(value)) wrong(field, 'ISO 8601 text in its shortest form');
    writer.text(value);
  },
  read(reader, field) {
    const text = reader.text(field, MAX_ISO_BYTES);
    if (!isCanonical(text)) throw new MalformedError(field, 'expected ISO 8601 text in its shortest form');
    return text;
  },
});

export const SCALARS = Object.freeze({
  bool: {
    write: (writer, value, field) => writer.bool(typeof value === 'boolean' ? value : wrong(field, 'true or false')),
    read: (reader, field) => reader.bool(field),
  },
  int8: small(-0x80, 0x7f),
  int16: small(-0x8000, 0x7fff),
  int32: small(-0x80000000, 0x7fffffff),
  int64,
  char: small(0, 0xffff),
  float32: float('float32', (value) => Number.isNaN(value) || Math.fround(value) === value),
  float64: float('float64', () => true),
  text: {
    write: (writer, value, field) => writer.text(typeof value === 'string' ? value : wrong(field, 'a string')),
    read: (reader, field) => reader.text(field, 1 << 30),
  },
  bytes: {
    write: (writer, value, field) => writer.byteString(value instanceof Uint8Array ? value : wrong(field, 'bytes')),
    read: (reader, field) => reader.byteString(field, 0, 1 << 30),
  },
  /** The lower-case text of RFC 9562. */
  uuid: {
    write(writer, value, field) {
      if (!UUID.test(value)) wrong(field, 'a UUID in lower case');
      writer.byteString(Buffer.from(value.replaceAll('-', ''), 'hex'));
    },
    read(reader, field) {
      const hex = reader.byteString(field, 16, 16).toString('hex');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
  },
  bigint: {
    write: (writer, value, field) => writer.byteString(toTwosComplement(value, field)),
    read: readTwosComplement,
  },
  /** An object { scale: number, unscaled: BigInt }: unscaled times ten to the power of minus scale. */
  decimal: {
    write(writer, { scale, unscaled }, field) {
      if (!Number.isInteger(scale) || Math.abs(scale) > MAX_SCALE) wrong(field, `a scale from -${MAX_SCALE} to ${MAX_SCALE}`);
      writer.array(2).integer(scale).byteString(toTwosComplement(unscaled, field));
    },
    read(reader, field) {
      reader.array(field, 2);
      return { scale: reader.number(field, -MAX_SCALE, MAX_SCALE), unscaled: readTwosComplement(reader, field) };
    },
  },
  instant: time(INSTANT_MIN, INSTANT_MAX),
  duration: time(INT64_MIN, INT64_MAX),
  date: isoText(isDate),
  time: isoText(isTime),
  datetime: isoText(isDateTime),
});
