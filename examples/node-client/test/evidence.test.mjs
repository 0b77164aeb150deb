import assert from 'node:assert/strict';
import test from 'node:test';
import { RefusedError } from '../errors.mjs';
import { MECHANISMS, composeMeasurement, hex, p256Key, parseAnchor, reportData, verifyEvidence } from '../evidence.mjs';
import { Policy } from '../policy.mjs';
import { bytes, vectors } from './vectors.mjs';

const file = vectors('evidence.json');
const anchor = parseAnchor(file.anchor);
const now = Number(file.now);
const evidence = new Map(file.reports.map((report) => [report.name, bytes(report.evidence)]));

/** Bytes of no known form are MALFORMED here; Java tells an unknown kind apart. */
const form = (code) => (code === 'KIND_UNKNOWN' ? 'MALFORMED' : code);
const codes = (reasons) => reasons.map((each) => each.code);

/** The codes of a refusal; none where nothing is refused. */
function refusal(action) {
  try {
    action();
    return [];
  } catch (e) {
    if (!(e instanceof RefusedError)) throw e;
    return codes(e.reasons);
  }
}

test('an anchor is its key, and has one text', () => {
  assert.equal(hex(anchor.id), file.anchorId);
  for (const text of file.refusedAnchors) assert.throws(() => parseAnchor(text), text);
});

test('a measurement follows from platform and digests', () => {
  for (const { platform, bundle, runtime, launch, measurement } of file.measurements) {
    const composed = composeMeasurement(platform, bytes(bundle), bytes(runtime), bytes(launch));
    assert.equal(`sha-256:${hex(composed)}`, measurement);
  }
});

test('report data binds label and parts', () => {
  for (const { label, parts, reportData: wanted } of file.reportData) {
    assert.equal(hex(reportData(label, ...parts.map(bytes))), wanted);
  }
});

for (const report of file.reports) {
  test(`report ${report.name} is ${report.claims ? 'accepted' : 'refused'}`, () => {
    const { claims, reasons } = verifyEvidence(bytes(report.evidence), [anchor], now);
    if (!report.claims) {
      assert.deepEqual(codes(reasons), report.codes.map(form));
      assert.equal(claims, undefined);
      return;
    }
    assert.deepEqual(reasons, []);
    assert.deepEqual(
      {
        platform: claims.platform,
        measurement: `sha-256:${hex(claims.measurement)}`,
        signer: hex(claims.signer),
        'product-id': String(claims.productId),
        'security-version': String(claims.securityVersion),
        debug: claims.debug,
        'report-data': hex(claims.reportData),
        'issued-at': String(claims.issuedAt),
        anchor: hex(claims.anchor),
        'bundle-digest': hex(claims.bundleDigest),
        'enclave-id': hex(claims.enclaveId),
        ...Object.fromEntries(MECHANISMS.map((name) => [name, String(claims.confinement.includes(name))])),
        isolation: claims.isolation,
        'launch-digest': hex(claims.launchDigest),
        'memory-readable-by': report.claims['memory-readable-by'], // A conclusion that this client does not draw.
        'runtime-digest': hex(claims.runtimeDigest),
      },
      report.claims,
    );
  });
}

test('nothing is accepted without an anchor, or from another', () => {
  const good = evidence.get('good');
  assert.deepEqual(codes(verifyEvidence(good, [], now).reasons), ['ANCHOR_NOT_PINNED']);
  assert.deepEqual(codes(verifyEvidence(good, [parseAnchor(file.otherAnchor)], now).reasons), ['ANCHOR_NOT_PINNED']);
});

test('no byte of a report can be changed', () => {
  const good = evidence.get('good');
  for (let i = 0; i < good.length; i++) {
    const changed = Buffer.from(good);
    changed[i] ^= 1;
    assert.notDeepEqual(verifyEvidence(changed, [anchor], now).reasons, [], `byte ${i}`);
    assert.notDeepEqual(verifyEvidence(good.subarray(0, i), [anchor], now).reasons, [], `cut at ${i}`);
  }
});

function policy({ signer, product, svn, measurements, runtimes, ...floors }) {
  return new Policy({
    anchors: [anchor],
    now: () => now,
    ...(signer && { signer: bytes(signer), product: Number(product), svn: Number(svn) }),
    ...(measurements && { measurements: measurements.map(bytes) }),
    ...(runtimes && { runtimes: runtimes.map(bytes) }),
    ...floors,
  });
}

file.appraisals.forEach((each, index) => {
  test(`appraisal ${index + 1}, ${each.report}: ${each.codes.join(', ') || 'accepted'}`, () => {
    const { wanted, report, purpose } = each;
    const found = refusal(() => policy(wanted).appraise(evidence.get(report), bytes(each.reportData), purpose));
    assert.deepEqual(found, each.codes);
  });
});

test('a policy that says nothing about the code cannot be made', () => {
  assert.throws(() => new Policy({ anchors: [anchor] }), TypeError);
  assert.throws(() => new Policy({ anchors: [anchor], signer: Buffer.alloc(32), product: 1 }), TypeError);
  assert.throws(() => new Policy({ anchors: [anchor], signer: Buffer.alloc(31), product: 1, svn: 1 }), TypeError);
  assert.throws(() => new Policy({ anchors: [anchor], measurements: [Buffer.alloc(31)] }), TypeError);
  assert.throws(() => new Policy({ anchors: [anchor], measurements: [Buffer.alloc(32)], allowDegub: true }), TypeError);
});

const TEN_YEARS = 10 * 366 * 24 * 3600;
const WANTED = file.appraisals[0].wanted;

/** Appraises the good evidence ten years after it was made. */
function late(settings, purpose) {
  const { report, reportData: bound } = file.appraisals[0];
  return refusal(() =>
    policy({ ...WANTED, now: () => now + TEN_YEARS, ...settings }).appraise(evidence.get(report), bytes(bound), purpose));
}

test('what is undefined is absent, so evidence does not stay fresh', () => {
  for (const purpose of ['session', 'certificate']) {
    assert.deepEqual(late({}, purpose), ['EVIDENCE_STALE']);
    assert.deepEqual(late({ maxSessionAge: undefined, maxCertificateAge: undefined }, purpose), ['EVIDENCE_STALE']);
    assert.deepEqual(late({ platforms: undefined, allowDebug: undefined }, purpose), ['EVIDENCE_STALE']);
  }
  const { report, reportData: bound } = file.appraisals[0];
  assert.throws(
    () => policy({ ...WANTED, now: undefined, maxCertificateAge: 0 }).appraise(evidence.get(report), bytes(bound), 'certificate'),
    RefusedError);
});

test('an age is a number of seconds', () => {
  for (const age of ['5m', '300', NaN, Infinity, -1, null, true, 300n, {}]) {
    assert.throws(() => policy({ ...WANTED, maxSessionAge: age }), TypeError, `session ${String(age)}`);
    assert.throws(() => policy({ ...WANTED, maxCertificateAge: age }), TypeError, `certificate ${String(age)}`);
  }
  assert.deepEqual(late({ maxSessionAge: 0 }, 'session'), ['EVIDENCE_STALE']);
});

test('a clock that tells no time accepts nothing', () => {
  for (const time of [NaN, undefined, null, Infinity, -Infinity, String(now), new Date(now * 1000)]) {
    for (const purpose of ['session', 'certificate', 'statement']) {
      assert.throws(() => late({ now: () => time }, purpose), TypeError, `${purpose} ${String(time)}`);
    }
  }
  assert.throws(() => policy({ ...WANTED, now }), TypeError);
  assert.throws(() => policy({ ...WANTED, now: null }), TypeError);
});

test('a purpose that there is not has no age that is young enough', () => {
  assert.throws(() => late({}, 'sesion'), TypeError);
  assert.throws(() => late({}, undefined), TypeError);
});

test('a floor is lifted by true and nothing else', () => {
  for (const name of ['allowDebug', 'allowSameUser', 'allowMock']) {
    for (const value of ['false', 0, 1, null, []]) {
      assert.throws(() => policy({ ...WANTED, [name]: value }), TypeError, `${name} ${value}`);
    }
  }
});

test('a list is a list', () => {
  for (const name of ['anchors', 'platforms', 'confined']) assert.throws(() => policy({ ...WANTED, [name]: 'process' }), TypeError);
});

test('a mechanism that there is not is refused', () => {
  assert.throws(() => policy({ ...WANTED, confined: ['secret-haep'] }), TypeError);
});

test('statements', () => {
  const { statement, purpose, content, publicKey, refused } = vectors('statement.json');
  const good = file.appraisals[0].wanted;
  const proven = policy(good).verifyStatement(bytes(statement));
  assert.equal(proven.purpose, purpose);
  assert.equal(hex(proven.content), content);
  p256Key(bytes(publicKey));
  for (const each of refused) {
    assert.deepEqual(refusal(() => policy(good).verifyStatement(bytes(each.statement))), each.codes, each.name);
  }
  for (let i = 0; i < statement.length / 2; i += 7) {
    const changed = bytes(statement);
    changed[i] ^= 1;
    assert.notDeepEqual(refusal(() => policy(good).verifyStatement(changed)), [], `byte ${i}`);
  }
});
