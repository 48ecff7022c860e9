//! @digitalcredentials/verifier-core, as wallets run it: our contexts, DID documents and status lists fetched from us.
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {context} from './support/loader.mjs';
import {demoCredentials} from './support/env.mjs';

// It fetches over the network what it has not built in (CLR contexts, JSON schemas): those contexts come from files
// here, schemas stay unreachable (it says so in its result), loopback is real.
const real = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const url = new URL(typeof input === 'string' ? input : input.url ?? input);
  if(url.hostname === 'localhost') {
    return real(input, init);
  }
  const document = context(url.href);
  if(document === undefined) {
    throw new TypeError(`fetch failed: ${url.href}`);
  }
  return new Response(JSON.stringify(document), {headers: {'Content-Type': 'application/ld+json'}});
};
const {verifyCredential} = await import('@digitalcredentials/verifier-core');

const verdict = async credential => {
  const noise = console.error;
  console.error = () => {}; // schemas it cannot reach
  try {
    const result = await verifyCredential({credential, knownDIDRegistries: []});
    const step = id => result.log?.find(entry => entry.id === id);
    return {
      signature: step('valid_signature')?.valid === true, status: step('revocation_status'),
      text: JSON.stringify({errors: result.errors, log: result.log}).slice(0, 600)
    };
  } finally {
    console.error = noise;
  }
};

describe('verifier-core', () => {
  for(const [name, credential] of demoCredentials()) {
    if([credential.proof].flat()[0].cryptosuite !== 'eddsa-rdfc-2022') {
      continue; // it knows no other of ours
    }
    it(name, async () => {
      const {signature, status, text} = await verdict(credential);
      assert.equal(signature, !/tampered/.test(name), text);
      if(!/tampered/.test(name) && credential.credentialStatus) {
        assert.equal(status?.valid, !/revoked/.test(name), text);
      }
    });
  }
});
