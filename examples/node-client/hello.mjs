#!/usr/bin/env node
// Asks the enclave of examples/hello for a greeting, after it has proven itself.
//
//   node hello.mjs 127.0.0.1:8443 --anchor keeper.anchor --signer HEX --product 1 --svn 1 [--allow-same-user] NAME
//
// Exit codes as those of innerkeep: 0 greeted, 1 refused or failed, 2 the command line is wrong.

import { readFileSync } from 'node:fs';
import { connect, explain, parseAnchor, Policy, RefusedError } from './innerkeep.mjs';

// What `Greeting` says on the wire; docs/protocol.md, section 5.4, tells how to write it down.
const GREETING = `innerkeep interface 1
interface org.innerkeep.examples.hello.Greeting
method greet(text): text
`;

const USAGE = `usage: node hello.mjs HOST:PORT --anchor FILE
         (--signer HEX --product N --svn N | --measurement sha-256:HEX) [--allow-same-user] [--allow-debug] NAME`;

class UsageError extends Error {}

function parseArguments(list) {
  const options = { positional: [] };
  const valued = ['--anchor', '--signer', '--product', '--svn', '--measurement'];
  for (let i = 0; i < list.length; i++) {
    if (valued.includes(list[i])) {
      if (i + 1 === list.length) throw new UsageError(`${list[i]} needs a value`);
      options[list[i].slice(2)] = list[++i];
    } else if (list[i] === '--allow-same-user' || list[i] === '--allow-debug') {
      options[list[i].slice(2)] = true;
    } else if (list[i].startsWith('--')) {
      throw new UsageError(`unknown option ${list[i]}`);
    } else {
      options.positional.push(list[i]);
    }
  }
  return options;
}

function policy(options) {
  const wanted = {
    anchors: [parseAnchor(readFileSync(options.anchor ?? missing('--anchor'), 'utf8').trim())],
    allowSameUser: options['allow-same-user'] === true,
    allowDebug: options['allow-debug'] === true,
  };
  if (options.measurement !== undefined) {
    if (!options.measurement.startsWith('sha-256:')) throw new UsageError('--measurement: expected sha-256:HEX');
    wanted.measurements = [digest('--measurement', options.measurement.slice('sha-256:'.length))];
  }
  if (options.signer !== undefined || wanted.measurements === undefined) {
    wanted.signer = digest('--signer', options.signer ?? missing('--signer'));
    wanted.product = count('--product', options.product ?? missing('--product'));
    wanted.svn = count('--svn', options.svn ?? missing('--svn'));
  }
  return new Policy(wanted);
}

function digest(option, text) {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new UsageError(`${option}: expected 64 hexadecimal digits in lower case`);
  return Buffer.from(text, 'hex');
}

function count(option, text) {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) throw new UsageError(`${option}: expected a number`);
  return Number(text);
}

function missing(option) {
  throw new UsageError(`${option} is missing`);
}

async function main(list) {
  const options = parseArguments(list);
  const [address, name, ...more] = options.positional;
  const [, host, port] = /^(.+):([0-9]{1,5})$/.exec(address ?? '') ?? missing('HOST:PORT');
  if (name === undefined || more.length > 0) throw new UsageError('say one NAME');
  const enclave = await connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port), policy: policy(options) });
  try {
    console.log(await enclave.bind(GREETING).greet(name));
  } finally {
    enclave.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (e) {
  if (e instanceof UsageError) {
    console.error(`hello: ${e.message}\n${USAGE}`);
    process.exitCode = 2;
  } else if (e instanceof RefusedError) {
    console.error(`hello: the enclave is refused (${e.purpose}):\n${e.reasons.map(explain).join('\n')}`);
    process.exitCode = 1;
  } else {
    console.error(`hello: ${e.message}`);
    process.exitCode = 1;
  }
}
