//! What Digital Bazaar's stack signs verifies in ours: four suites, proof sets, did:web issuers with status lists
//! of their own, presentations. What is wrong with them is refused, never with a 5xx.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {call, examples, ours} from './support/env.mjs';
import {foreignHost, foreignIssuer, foreignList} from './support/foreign.mjs';
import {SUITES, present, sign, signer} from './support/theirs.mjs';

const v2 = 'https://www.w3.org/ns/credentials/v2';
const ob = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';
const old = 'https://w3id.org/security/suites/ed25519-2020/v1';

const plain = (more = {}) => ({
  '@context': [v2], id: 'urn:uuid:0b7d6a52-6a8d-4b9a-9a4e-3a5f3c1c2d10', type: ['VerifiableCredential'],
  validFrom: '2026-01-15T00:00:00+07:00', credentialSubject: {id: 'did:example:learner', name: 'Đặng Thị Ngọc Ánh'}, ...more
});

const badge = () => plain({
  '@context': [v2, ob], type: ['VerifiableCredential', 'OpenBadgeCredential'], name: 'Hàn TIG cơ bản',
  issuer: {id: 'did:example:i', type: ['Profile'], name: 'Foreign College'},
  credentialSubject: {
    id: 'did:example:learner', type: ['AchievementSubject'],
    achievement: {
      id: 'https://college.example/achievements/tig', type: ['Achievement'], name: 'TIG welding, basic',
      description: 'Thirty hours', criteria: {narrative: 'Three test pieces pass'}
    }
  }
});

const vc11 = () => ({
  '@context': ['https://www.w3.org/2018/credentials/v1', 'https://w3id.org/security/data-integrity/v2'],
  id: 'urn:uuid:6dc9b1c4-1a5c-4d8e-9a07-8a1d3f3c1a55', type: ['VerifiableCredential'],
  issuanceDate: '2023-06-01T00:00:00Z', credentialSubject: {id: 'did:example:learner'}
});

async function accepted(credential, options) {
  const {ok, body, status} = await ours(credential, options);
  assert.ok(ok, `${status} ${JSON.stringify(body)}`);
  return body;
}

async function refused(credential, options) {
  const {ok, status, body} = await ours(credential, options);
  assert.equal(ok, false, JSON.stringify(body));
  assert.ok([400, 422].includes(status), `answers ${status}: ${JSON.stringify(body)}`);
  return body;
}

describe('credentials by did:key issuers', () => {
  for(const suite of SUITES) {
    for(const kind of suite.startsWith('ecdsa') ? ['P-256', 'P-384'] : ['Ed25519']) {
      for(const [title, draft] of [['VC 2.0', plain()], ['Open Badge', badge()], ['VC 1.1', vc11()]]) {
        it(`${suite} ${kind} ${title}`, async () => {
          const by = await signer(`${suite} ${title}`, {kind});
          const document = structuredClone(draft);
          if(suite === 'Ed25519Signature2020') {
            document['@context'].push(old);
          }
          const credential = await sign(document, suite, by);
          await accepted(credential);
          const other = structuredClone(credential);
          other.credentialSubject.id = 'did:example:somebody-else';
          await refused(other);
          await refused(other, {checks: ['proof']});
        });
      }
    }
  }
  it('an issuer who does not control the key is refused, and passes as a mere proof', async () => {
    const by = await signer('thief');
    const victim = await signer('victim');
    // the library signs whatever issuer it is told; only verifiers mind
    const credential = await sign({...plain(), issuer: victim.did}, 'eddsa-rdfc-2022', by, {keep: true});
    await refused(credential);
    await accepted(credential, {checks: ['proof']});
  });
  it('an expired credential is refused, and passes as a mere proof', async () => {
    const credential = await sign(plain({validFrom: '2020-01-01T00:00:00Z', validUntil: '2021-01-01T00:00:00Z'}),
      'eddsa-rdfc-2022', await signer('a'));
    await refused(credential);
    await accepted(credential, {checks: ['proof']});
  });
  it('a term the signer\'s context lacks is refused under both suites', async () => {
    for(const suite of ['eddsa-rdfc-2022', 'eddsa-jcs-2022']) {
      const credential = await sign(plain(), suite, await signer('a'));
      credential.credentialSubject.unheardOf = 'x';
      await refused(credential);
    }
    // JCS itself has nothing against an undefined term: a signer can sign one, we still refuse it
    const credential = await sign(plain({credentialSubject: {id: 'did:example:a'}}), 'eddsa-jcs-2022', await signer('a'));
    await accepted(credential);
  });
});

describe('proof sets', () => {
  const make = async () => {
    const [issuer, cosigner] = [await signer('set issuer'), await signer('set co-signer')];
    const one = await sign(plain(), 'eddsa-rdfc-2022', issuer);
    const {proof, ...unsigned} = one;
    const two = await sign(unsigned, 'eddsa-jcs-2022', cosigner, {keep: true});
    return {...unsigned, proof: [proof, two.proof]};
  };
  it('two signers, two suites', async () => {
    await accepted(await make());
  });
  for(const index of [0, 1]) {
    it(`proof ${index} broken`, async () => {
      const credential = await make();
      credential.proof[index].created = '2026-01-01T00:00:00Z';
      await refused(credential);
    });
  }
  it('without the issuer\'s own proof', async () => {
    const credential = await make();
    await refused({...credential, proof: [credential.proof[1]]});
  });
  it('the same proof twice', async () => {
    const credential = await make();
    await accepted({...credential, proof: [credential.proof[0], credential.proof[0]]});
  });
});

describe('a did:web issuer with status lists on its own host', () => {
  let host;
  before(async () => host = await foreignHost());
  after(() => host.close());

  it('good, then revoked', async () => {
    const by = await foreignIssuer(host, 'good');
    const entry = await foreignList(host, 'good', 'revocation', by, {set: [7]});
    await accepted(await sign(plain({credentialStatus: entry(6)}), 'eddsa-rdfc-2022', by));
    await refused(await sign(plain({credentialStatus: entry(7)}), 'eddsa-rdfc-2022', by));
    await refused(await sign(plain({credentialStatus: [entry(6), entry(7)]}), 'eddsa-jcs-2022', by));
  });
  const wrong = {
    'no list there': async (host, by) => (await foreignList(host, 'w0', 'gone', by))(3, {statusListCredential: `${host.url}/w0/elsewhere`}),
    'a list by somebody else': async host => (await foreignList(host, 'w1', 'l', await signer('stranger')))(3),
    'a list for another purpose': async (host, by) => (await foreignList(host, 'w2', 'l', by, {purpose: 'suspension'}))(3, {statusPurpose: 'revocation'}),
    'a list that claims another URL': async (host, by) => (await foreignList(host, 'w3', 'l', by, {change: list => ({...list, id: `${host.url}/w3/other`})}))(3),
    'an expired list': async (host, by) => (await foreignList(host, 'w4', 'l', by, {change: list => ({...list, validUntil: '2025-01-01T00:00:00Z'})}))(3),
    'a changed list': async (host, by) => {
      const entry = await foreignList(host, 'w5', 'l', by, {set: [3]});
      const clear = await foreignList(host, 'w5', 'clear', by);
      const list = host.pages.get('/w5/l');
      list.credentialSubject.encodedList = host.pages.get('/w5/clear').credentialSubject.encodedList;
      return clear && entry(3);
    },
    'an index past the end': async (host, by) => (await foreignList(host, 'w6', 'l', by))(131072),
    'an index that is no number': async (host, by) => (await foreignList(host, 'w7', 'l', by))('0x3'),
    'a list that is no JSON': async (host, by) => {
      const entry = await foreignList(host, 'w8', 'l', by);
      host.pages.set('/w8/l', '<html>');
      return entry(3);
    }
  };
  for(const [title, make] of Object.entries(wrong)) {
    it(`${title}: not verified`, async () => {
      const by = await foreignIssuer(host, 'wrong');
      const credentialStatus = await make(host, by);
      await refused(await sign(plain({credentialStatus}), 'eddsa-rdfc-2022', by));
    });
  }
  it('a key that may not assert', async () => {
    const by = await foreignIssuer(host, 'authonly', {assertion: false});
    const {did, key} = by;
    const allowed = await foreignIssuer(host, 'authonly');
    const credential = await sign(plain(), 'eddsa-rdfc-2022', allowed);
    await foreignIssuer(host, 'authonly', {assertion: false});
    assert.ok(did && key);
    await refused(credential);
  });
  it('a DID document that is another\'s', async () => {
    const by = await foreignIssuer(host, 'swapped');
    const credential = await sign(plain(), 'eddsa-rdfc-2022', by);
    host.pages.set('/swapped/did.json', {...host.pages.get('/swapped/did.json'), id: 'did:web:elsewhere.example'});
    await refused(credential);
  });
});

describe('presentations', () => {
  const options = {challenge: 'c-7f3a', domain: 'verifier.example'};
  const post = (verifiablePresentation, more = options) =>
    call('POST', '/presentations/verify', {verifiablePresentation, options: more}, {token: null});
  const make = async (more = {}) => {
    const by = await signer('holder');
    const credential = await sign(plain(), 'eddsa-rdfc-2022', await signer('issuer'));
    return present([credential], by, {...options, ...more});
  };
  it('signed by the holder', async () => {
    const {status, body} = await post(await make());
    assert.equal(status, 200, JSON.stringify(body));
  });
  for(const suite of ['eddsa-jcs-2022']) {
    it(`signed by the holder, ${suite}`, async () => {
      const {status, body} = await post(await make({suite}));
      assert.equal(status, 200, JSON.stringify(body));
    });
  }
  it('for another challenge', async () => {
    assert.equal((await post(await make(), {...options, challenge: 'other'})).status, 422);
  });
  it('for another domain', async () => {
    assert.equal((await post(await make(), {...options, domain: 'other.example'})).status, 422);
  });
  it('with a credential changed inside', async () => {
    const presentation = await make();
    presentation.verifiableCredential[0].credentialSubject.name = 'Somebody Else';
    assert.equal((await post(presentation)).status, 422);
  });
  it('with a holder who did not sign', async () => {
    const presentation = await make({holder: 'did:example:another'});
    assert.equal((await post(presentation)).status, 422);
  });
});

describe('the examples, as proofs', () => {
  // their hosts end in .example: nothing is resolved, so only what needs no network can be asked
  for(const [name, document] of examples()) {
    it(`${name} is answered with a verdict`, async () => {
      const {status, body} = await ours(document);
      assert.ok([200, 422].includes(status), `${status} ${JSON.stringify(body)}`);
    });
  }
});
