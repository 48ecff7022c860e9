//! Digital Bazaar's stack as verifier and as signer, one function for each thing the tests do with it.
import * as bitstring from '@digitalbazaar/vc-bitstring-status-list';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {createHash} from 'node:crypto';
import jsigs from 'jsonld-signatures';
import {documentLoader} from './loader.mjs';

const verifySuites = () => [
  new DataIntegrityProof({cryptosuite: eddsaRdfc}),
  new DataIntegrityProof({cryptosuite: jcs.createVerifyCryptosuite()}),
  new DataIntegrityProof({cryptosuite: ecdsaRdfc}),
  new Ed25519Signature2020()
];

/** One line of why, from the nest of errors the library throws. */
export function why(result) {
  const all = [result.error, ...(result.error?.errors ?? []), result.statusResult?.error,
    result.statusResult?.error?.cause];
  return all.filter(Boolean).map(error => `${error.message}${error.details ? ` ${JSON.stringify(error.details).slice(0, 300)}` : ''}`)
    .join(' | ') || JSON.stringify(result.statusResult ?? result).slice(0, 300);
}

/**
 * Verifies every proof of `credential` by itself (the library is content with one of a set) with the status lists
 * looked up, unless `status` is false.
 *
 * @returns {Promise<{ok: boolean, why?: string}>}
 */
export async function theirs(credential, {status = true, now} = {}) {
  const proofs = [credential.proof].flat();
  for(const proof of proofs) {
    if(proof?.previousProof) {
      continue; // this library knows no chains
    }
    const alone = structuredClone({...credential, proof});
    if(proofs.length > 1 && !owns(credential, proof)) {
      // a co-signer: the signature must hold, but the issuer is somebody else
      const result = await jsigs.verify(alone, {
        suite: verifySuites(), purpose: new jsigs.purposes.AssertionProofPurpose(), documentLoader
      });
      if(!result.verified) {
        return {ok: false, why: why(result)};
      }
      continue;
    }
    const result = await vc.verifyCredential({
      credential: alone, suite: verifySuites(), documentLoader, now,
      checkStatus: status ? options => bitstring.checkStatus({...options, suite: verifySuites()}) :
        async () => ({verified: true})
    });
    if(!result.verified) {
      return {ok: false, why: why(result)};
    }
    // "verified" says the list was readable; what it says of the credential stands beside it
    const set = result.statusResult?.results?.find(({status}) => status === true);
    if(set) {
      return {ok: false, why: `${set.credentialStatus.statusPurpose} is set`};
    }
  }
  return {ok: true};
}

const issuerOf = ({issuer}) => typeof issuer === 'string' ? issuer : issuer?.id;
const owns = (credential, proof) => proof?.verificationMethod?.startsWith(`${issuerOf(credential)}#`);

const seed = name => new Uint8Array(createHash('sha256').update(`testamur-interop:${name}`).digest());

/** A signer with a key of its own: `kind` Ed25519, P-256 or P-384; `controller` defaults to its did:key. */
export async function signer(name, {kind = 'Ed25519', controller} = {}) {
  const key = kind === 'Ed25519' ?
    await Ed25519Multikey.generate({seed: seed(name)}) :
    await EcdsaMultikey.generate({curve: kind});
  const did = controller ?? `did:key:${key.publicKeyMultibase}`;
  key.controller = did;
  key.id = `${did}#${key.publicKeyMultibase}`;
  return {did, key, kind, id: key.id, publicKeyMultibase: key.publicKeyMultibase};
}

/** Names of the suites this stack can sign with. */
export const SUITES = ['eddsa-rdfc-2022', 'eddsa-jcs-2022', 'ecdsa-rdfc-2019', 'Ed25519Signature2020'];

async function suiteFor(name, {key}) {
  if(name === 'Ed25519Signature2020') {
    const old = await Ed25519VerificationKey2020.from({
      type: 'Ed25519VerificationKey2020', id: key.id, controller: key.controller,
      ...await oldKey(key)
    });
    return new Ed25519Signature2020({key: old});
  }
  const cryptosuite = {
    'eddsa-rdfc-2022': eddsaRdfc, 'ecdsa-rdfc-2019': ecdsaRdfc,
    'eddsa-jcs-2022': jcs.createSignCryptosuite()
  }[name];
  const own = key.signer();
  own.id = key.id;
  return new DataIntegrityProof({signer: own, cryptosuite});
}

async function oldKey(key) {
  const {publicKeyMultibase, secretKeyMultibase} = await key.export({publicKey: true, secretKey: true});
  return {publicKeyMultibase, privateKeyMultibase: secretKeyMultibase};
}

/** Signs `credential` by `by` with the suite called `suite`; the issuer is set to the signer unless `keep`. */
export async function sign(credential, suite, by, {keep = false} = {}) {
  const draft = structuredClone(credential);
  if(!keep) {
    draft.issuer = typeof draft.issuer === 'object' ? {...draft.issuer, id: by.did} : by.did;
  }
  return vc.issue({credential: draft, suite: await suiteFor(suite, by), documentLoader});
}

/** Signs a presentation of `credentials`. */
export async function present(credentials, by, {challenge, domain, holder = by.did, suite = 'eddsa-rdfc-2022'}) {
  const presentation = vc.createPresentation({verifiableCredential: credentials, holder, version: 2.0});
  return vc.signPresentation({
    presentation, suite: await suiteFor(suite, by), challenge, domain, documentLoader
  });
}

/** A Bitstring Status List credential (unsigned) at `id` with the bits of `set` on. */
export async function statusList(id, statusPurpose, set) {
  const list = await bitstring.createList({length: 131072});
  for(const index of set) {
    list.setStatus(index, true);
  }
  return bitstring.createCredential({id, list, statusPurpose});
}
