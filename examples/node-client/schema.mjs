// The canonical text of an interface, and values of its types. docs/protocol.md, sections 5.4 and 5.5. The text is the one
// source: its digest is what both ends compare, and the types that a call encodes are read from it.

import { Writer } from './cbor.mjs';
import { MalformedError } from './errors.mjs';
import { sha256 } from './evidence.mjs';
import { SCALARS } from './scalars.mjs';

const MAX_DEPTH = 64;
const NAME = /^[^\s(),:<>]+/u;

/** An interface: its name, its digest and its methods in the order of their indices. */
export class Schema {
  /** @param {string} text the canonical text, each line ended by a line feed */
  constructor(text) {
    const lines = text.split('\n');
    if (lines.pop() !== '' || lines[0] !== 'innerkeep interface 1') fail(lines[0], 'expected the first line of an interface');
    this.digest = sha256(Buffer.from(text, 'utf8'));
    this.name = /^(?:host )?interface ([^\s(),:<>]+)$/u.exec(lines[1] ?? '')?.[1] ?? fail(lines[1], 'expected an interface');
    this.methods = [];
    const named = new Map();
    for (const line of lines.slice(2)) {
      const [, word, rest] = /^(method|record|sealed|enum) (.+)$/u.exec(line) ?? fail(line, 'expected a method or a type');
      const parser = new Parser(rest, line, named);
      if (word === 'method') this.methods.push(parser.method());
      else parser[word]();
    }
    for (const [name, type] of named) if (!type.write) fail(name, 'expected its declaration, found none');
  }

  /** The declared type of that name, for values outside of calls. */
  static type(text, term) {
    const named = new Map();
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const [, word, rest] = /^(record|sealed|enum) (.+)$/u.exec(line) ?? fail(line, 'expected a type');
      new Parser(rest, line, named)[word]();
    }
    return new Parser(term, term, named).whole();
  }
}

function fail(line, problem) {
  throw new MalformedError(`schema line "${line}"`, problem);
}

class Parser {
  constructor(rest, line, named) {
    this.rest = rest;
    this.line = line;
    this.named = named;
  }

  method() {
    const name = this.name();
    const parameters = this.list('(', ')', () => this.type());
    this.expect(': ');
    const result = this.skip('void') ? null : this.type();
    const exceptions = [];
    if (this.skip(' throws ')) {
      do {
        const type = this.name();
        exceptions.push({ type, detail: this.list('(', ')', () => this.type())[0] ?? null });
      } while (this.skip(', '));
    }
    this.end();
    return { name, parameters, result, exceptions };
  }

  record() {
    const type = this.reference(this.name());
    const components = this.list('(', ')', () => {
      const name = this.name();
      this.expect(': ');
      return { name, type: this.type() };
    });
    this.end();
    Object.assign(type, recordType(components));
  }

  sealed() {
    const type = this.reference(this.name());
    this.expect(': ');
    const cases = new Map();
    do {
      const name = this.name();
      // A nested class is Outer$Inner, a local one Outer$1Inner; the simple name is what follows.
      cases.set(name.replace(/^.*[.$]\d*/u, ''), this.reference(name));
    } while (this.skip(', '));
    this.end();
    Object.assign(type, sealedType(cases));
  }

  enum() {
    const type = this.reference(this.name());
    this.expect(': ');
    const constants = [];
    if (this.rest !== '') {
      do constants.push(this.name());
      while (this.skip(', '));
    }
    this.end();
    Object.assign(type, enumType(constants));
  }

  whole() {
    const type = this.type();
    this.end();
    return type;
  }

  type() {
    const name = this.name();
    switch (name) {
      case 'list':
        return listType(...this.list('<', '>', () => this.type()));
      case 'set':
        return setType(...this.list('<', '>', () => this.type()));
      case 'map':
        return mapType(...this.list('<', '>', () => this.type()));
      case 'optional':
        return optionalType(...this.list('<', '>', () => this.type()));
      default:
        return SCALARS[name] ?? (name.includes('.') ? this.reference(name) : fail(this.line, `no type ${name} is known`));
    }
  }

  /** A named type; its declaration may come later, or be the one that is being read. */
  reference(name) {
    if (!this.named.has(name)) this.named.set(name, {});
    return this.named.get(name);
  }

  name() {
    const found = NAME.exec(this.rest)?.[0] ?? fail(this.line, `expected a name before "${this.rest}"`);
    this.rest = this.rest.slice(found.length);
    return found;
  }

  list(open, close, item) {
    this.expect(open);
    const items = [];
    if (this.skip(close)) return items;
    do items.push(item());
    while (this.skip(', '));
    this.expect(close);
    return items;
  }

  skip(text) {
    if (!this.rest.startsWith(text)) return false;
    this.rest = this.rest.slice(text.length);
    return true;
  }

  expect(text) {
    if (!this.skip(text)) fail(this.line, `expected "${text}" before "${this.rest}"`);
  }

  end() {
    if (this.rest !== '') fail(this.line, `expected the end, found "${this.rest}"`);
  }
}

/** Writes a value with the rules that hold for all. */
export function writeValue(type, writer, value, field, depth = MAX_DEPTH) {
  if (depth === 0) throw new TypeError(`${field} is nested more than ${MAX_DEPTH} deep`);
  type.write(writer, value, field, depth);
}

/** Reads a value with the rules that hold for all. */
export function readValue(type, reader, field, depth = MAX_DEPTH) {
  if (depth === 0) throw new MalformedError(field, `nested more than ${MAX_DEPTH} deep`);
  return type.read(reader, field, depth);
}

function encoded(type, value, field, depth) {
  const writer = new Writer();
  writeValue(type, writer, value, field, depth);
  return writer.toBytes();
}

function readComponents(components, reader, field, depth) {
  const entries = components.map(({ name, type }) => [name, readValue(type, reader, `${field}.${name}`, depth - 1)]);
  return Object.fromEntries(entries);
}

function writeComponents(components, writer, value, field, depth) {
  for (const { name, type } of components) writeValue(type, writer, value[name], `${field}.${name}`, depth - 1);
}

/** An object with the record's components. */
const recordType = (components) => ({
  components,
  write(writer, value, field, depth) {
    writer.array(components.length);
    writeComponents(components, writer, value, field, depth);
  },
  read(reader, field, depth) {
    reader.array(field, components.length);
    return readComponents(components, reader, field, depth);
  },
});

/** An object with the record's components, and its simple name as `$type`. */
const sealedType = (cases) => ({
  write(writer, value, field, depth) {
    const { components } = cases.get(value.$type) ?? wrong(field, `one of ${[...cases.keys()].join(', ')} as $type`);
    writer.array(1 + components.length).text(value.$type);
    writeComponents(components, writer, value, field, depth);
  },
  read(reader, field, depth) {
    const items = reader.array(field, 1, 1 << 30);
    const $type = reader.text(field, 1 << 30);
    const record = cases.get($type);
    if (!record || items !== 1 + record.components.length) throw new MalformedError(field, 'expected a permitted record');
    return { $type, ...readComponents(record.components, reader, field, depth) };
  },
});

const enumType = (constants) => ({
  write(writer, value, field) {
    writer.text(constants.includes(value) ? value : wrong(field, `one of ${constants.join(', ')}`));
  },
  read(reader, field) {
    const found = reader.text(field, 1 << 30);
    if (!constants.includes(found)) throw new MalformedError(field, 'expected a constant, found another name');
    return found;
  },
});

const listType = (element) => ({
  write(writer, value, field, depth) {
    const items = [...value];
    writer.array(items.length);
    for (const item of items) writeValue(element, writer, item, field, depth - 1);
  },
  read(reader, field, depth) {
    const items = [];
    for (let left = reader.array(field, 0, 1 << 30); left > 0; left--) {
      items.push(readValue(element, reader, field, depth - 1));
    }
    return items;
  },
});

/** An array, ascending by the elements' bytes when read; in any order when written. */
const setType = (element) => ({
  write(writer, value, field, depth) {
    const items = [...value].map((item) => encoded(element, item, field, depth - 1)).sort(Buffer.compare);
    writer.array(items.length);
    items.forEach((item, i) => {
      if (i > 0 && items[i - 1].equals(item)) wrong(field, 'elements that differ');
      writer.raw(item);
    });
  },
  read(reader, field, depth) {
    const items = [];
    let before;
    for (let left = reader.array(field, 0, 1 << 30); left > 0; left--) {
      const start = reader.at;
      items.push(readValue(element, reader, field, depth - 1));
      before = ascending(before, reader.bytes.subarray(start, reader.at), field);
    }
    return items;
  },
});

/** A Map. */
const mapType = (key, value) => ({
  write(writer, map, field, depth) {
    const pairs = [...map].map(([k, v]) => [encoded(key, k, field, depth - 1), v]);
    pairs.sort((a, b) => Buffer.compare(a[0], b[0]));
    writer.map(pairs.length);
    pairs.forEach(([k, v], i) => {
      if (i > 0 && pairs[i - 1][0].equals(k)) wrong(field, 'keys that differ');
      writeValue(value, writer.raw(k), v, field, depth - 1);
    });
  },
  read(reader, field, depth) {
    const map = new Map();
    let before;
    for (let left = reader.map(field, 0, 1 << 30); left > 0; left--) {
      const start = reader.at;
      const k = readValue(key, reader, field, depth - 1);
      before = ascending(before, reader.bytes.subarray(start, reader.at), field);
      map.set(k, readValue(value, reader, field, depth - 1));
    }
    return map;
  },
});

/** The value, or null where there is none. */
const optionalType = (value) => ({
  write(writer, content, field, depth) {
    if (content === null || content === undefined) writer.nil();
    else writeValue(value, writer, content, field, depth - 1);
  },
  read(reader, field, depth) {
    if (reader.peek() !== 'null') return readValue(value, reader, field, depth - 1);
    reader.nil(field);
    return null;
  },
});

function ascending(before, key, field) {
  if (before && Buffer.compare(before, key) >= 0) {
    throw new MalformedError(field, 'expected keys in ascending order of their bytes, each once');
  }
  return key;
}

function wrong(field, wanted) {
  throw new TypeError(`${field}: expected ${wanted}`);
}

