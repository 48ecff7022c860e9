//! One changed value at a time: refused by us and by Digital Bazaar's stack, as a mere proof, without the status.
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {changed} from './support/change.mjs';
import {demoCredentials, ours} from './support/env.mjs';
import {SUITES, sign, signer, theirs} from './support/theirs.mjs';

async function refusedByAll(credential) {
  const taken = [];
  for(const {at, copy} of changed(credential)) {
    const own = await ours(copy, {checks: ['proof']});
    if(own.ok || ![400, 422].includes(own.status)) {
      taken.push(`${at}: ours answers ${own.status}`);
    }
    if((await theirs(copy, {status: false}).catch(() => ({ok: false}))).ok) {
      taken.push(`${at}: theirs`);
    }
  }
  assert.deepEqual(taken, []);
}

describe('changed copies of what the demo issued', () => {
  for(const [name, credential] of demoCredentials().filter(([name]) => !/tampered/.test(name))) {
    it(name, () => refusedByAll(credential));
  }
});

describe('changed copies of what they signed', () => {
  for(const suite of SUITES) {
    it(suite, async () => {
      const by = await signer(`tampered ${suite}`, {kind: suite.startsWith('ecdsa') ? 'P-256' : 'Ed25519'});
      const context = ['https://www.w3.org/ns/credentials/v2'];
      await refusedByAll(await sign({
        '@context': suite.startsWith('Ed25519') ? [...context, 'https://w3id.org/security/suites/ed25519-2020/v1'] : context,
        id: 'urn:uuid:5d3a9e0e-52f1-4f6c-8d56-7b0d5b9b8a01', type: ['VerifiableCredential'],
        name: [{'@value': 'Thợ hàn', '@language': 'vi'}, {'@value': 'Welder', '@language': 'en'}],
        validFrom: '2026-01-01T00:00:00Z', validUntil: '2036-01-01T00:00:00Z',
        credentialSubject: {id: 'did:example:s', name: 'Phạm Văn Đức', description: 'level 4'}
      }, suite, by));
    });
  }
});
