// Times peers over real evidence: node peers.mjs PEER CASE-FOLDER SECONDS. Prints one number, verifications per second.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , peer, folder, seconds] = process.argv;
const vector = JSON.parse(readFileSync(join(folder, 'vector.json'), 'utf8'));
const file = role => readFileSync(join(folder, vector.files[role]));
const at = Math.floor(Date.parse(vector.verifyAt) / 1000);
const require = createRequire(import.meta.url);

const der = bytes =>
  bytes[0] === 0x2d ? Buffer.from(bytes.toString('latin1').replace(/-----[^-]*-----|\s/g, ''), 'base64') : bytes;

// The signature covers the exact text of the value, so it is cut out and not written anew.
function signed(role, name) {
  const text = file(role).toString('utf8');
  const signature = JSON.parse(text).signature;
  const begin = text.indexOf('{', text.indexOf(`"${name}"`));
  let depth = 0;
  for (let i = begin; ; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return [text.slice(begin, i + 1), signature];
  }
}

function collateral(bytes) {
  const [tcbInfo, tcbSignature] = signed('tcbInfo', 'tcbInfo');
  const [identity, identitySignature] = signed('qeIdentity', 'enclaveIdentity');
  return {
    pck_crl_issuer_chain: file('pckCrlIssuerChain').toString('utf8'),
    root_ca_crl: bytes(file('rootCaCrl')),
    pck_crl: bytes(file('pckCrl')),
    tcb_info_issuer_chain: file('tcbInfoIssuerChain').toString('utf8'),
    tcb_info: tcbInfo,
    tcb_info_signature: bytes(Buffer.from(tcbSignature, 'hex')),
    qe_identity_issuer_chain: file('qeIdentityIssuerChain').toString('utf8'),
    qe_identity: identity,
    qe_identity_signature: bytes(Buffer.from(identitySignature, 'hex')),
    pck_certificate_chain: null,
  };
}

async function verification() {
  switch (peer) {
    case 'dcap-qvl': {
      const { verify } = await import('@phala/dcap-qvl');
      const quote = file('quote');
      const given = collateral(buffer => Array.from(buffer));
      return () => verify(quote, given, at);
    }
    case 'dcap-qvl-web': {
      const path = require.resolve('@phala/dcap-qvl-web');
      const { initSync, js_verify } = await import('@phala/dcap-qvl-web');
      initSync({ module: readFileSync(join(dirname(path), 'dcap-qvl-web_bg.wasm')) });
      const quote = new Uint8Array(file('quote'));
      const given = collateral(buffer => buffer.toString('hex'));
      return () => js_verify(quote, given, BigInt(at));
    }
    case 'tinfoil': {
      const base = join(dirname(fileURLToPath(import.meta.resolve('@tinfoilsh/verifier'))), 'sev');
      const { CertificateChain } = await import(join(base, 'cert-chain.js'));
      const { Report } = await import(join(base, 'report.js'));
      const { verifyAttestation } = await import(join(base, 'verify.js'));
      const report = new Uint8Array(file('report'));
      const vcek = new Uint8Array(der(file('vcek')));
      return async () => {
        const chain = await CertificateChain.fromReport(new Report(report), vcek);
        return verifyAttestation(chain, new Report(report));
      };
    }
    default:
      throw new Error(`no peer ${peer}`);
  }
}

const verify = await verification();
const first = await verify();
if (!first) throw new Error(`${peer} does not accept ${folder}`);
async function rate(forSeconds) {
  const begin = process.hrtime.bigint();
  let count = 0;
  let elapsed = 0;
  while (elapsed < forSeconds * 1e9) {
    await verify();
    count++;
    elapsed = Number(process.hrtime.bigint() - begin);
  }
  return count / (elapsed / 1e9);
}
await rate(Number(seconds) / 2);
console.log((await rate(Number(seconds))).toFixed(1));
