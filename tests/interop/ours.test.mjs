//! What we issue verifies in Digital Bazaar's stack: every kind, both suites, embedded credentials, status included.
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {GENERIC} from './documents/generic.mjs';
import {demoCredentials, haveShared, issue, ours, server} from './support/env.mjs';
import {KINDS, draftOf, embedded} from './support/drafts.mjs';
import {theirs} from './support/theirs.mjs';

const CRYPTOSUITES = ['eddsa-rdfc-2022', 'eddsa-jcs-2022'];
const {institutions} = server();
const colleges = Object.entries(institutions).filter(([slug]) => slug !== 'conformance');

describe('what the demo issued', () => {
  for(const [name, credential] of demoCredentials()) {
    if(/tampered/.test(name)) {
      it(`${name} is refused`, async () => {
        assert.equal((await theirs(credential, {status: false})).ok, false);
        assert.equal((await ours(credential)).ok, false);
      });
      continue;
    }
    if(/revoked/.test(name)) {
      it(`${name} is well signed, and refused for its status`, async () => {
        const signed = await theirs(credential, {status: false});
        assert.ok(signed.ok, signed.why);
        assert.equal((await theirs(credential)).ok, false);
        assert.equal((await ours(credential)).ok, false);
      });
      continue;
    }
    it(`${name} verifies`, async () => {
      const result = await theirs(credential);
      assert.ok(result.ok, result.why);
      const own = await ours(credential);
      assert.ok(own.ok, JSON.stringify(own.body));
    });
    for(const [at, inner] of embedded(credential)) {
      it(`${name}${at} verifies`, async () => {
        const result = await theirs(inner);
        assert.ok(result.ok, result.why);
      });
    }
  }
});

describe('each kind by POST /credentials/issue', {skip: haveShared('examples') ? false : 'no shared/examples'}, () => {
  for(const kind of Object.keys(KINDS)) {
    for(const cryptosuite of CRYPTOSUITES) {
      it(`${kind}, ${cryptosuite}`, async () => {
        const [, did] = colleges[0];
        const credential = await issue(await draftOf(kind, did, {cryptosuite}), {cryptosuite});
        assert.equal([credential.proof].flat()[0].cryptosuite, cryptosuite);
        for(const [at, one] of [['', credential], ...embedded(credential)]) {
          const result = await theirs(one);
          assert.ok(result.ok, `${at}: ${result.why}`);
        }
        const own = await ours(credential);
        assert.ok(own.ok, JSON.stringify(own.body));
      });
    }
  }
});

describe('generic credentials by POST /credentials/issue', () => {
  for(const [title, document, except] of GENERIC.filter(([, , except]) => except !== 'oracle')) {
    // their JCS verifier compares contexts by identity: an inline one never equals itself
    const inline = document['@context'].some(context => typeof context === 'object');
    for(const cryptosuite of CRYPTOSUITES) {
      it(`${title}, ${cryptosuite}`, async () => {
        const {issuer} = document;
        const did = institutions.conformance;
        const draft = {...structuredClone(document), issuer: typeof issuer === 'object' ? {...issuer, id: did} : did};
        const credential = await issue(draft, {cryptosuite});
        const own = await ours(credential);
        assert.ok(own.ok, JSON.stringify(own.body));
        if(except === undefined && !(inline && cryptosuite === 'eddsa-jcs-2022')) {
          const result = await theirs(credential);
          assert.ok(result.ok, result.why);
        }
      });
    }
  }
});
