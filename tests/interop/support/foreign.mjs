//! A foreign institution on its own https host: did:web document and status lists, made by the JavaScript stack.
import {readFileSync} from 'node:fs';
import https from 'node:https';
import {server} from './env.mjs';
import {sign, signer, statusList} from './theirs.mjs';

/** Starts the host; `pages` maps a path to a JSON document (or a function giving status and body). */
export async function foreignHost() {
  const {foreign} = server();
  const pages = new Map();
  const listener = https.createServer({
    cert: readFileSync(process.env.TESTAMUR_FOREIGN_CERT), key: readFileSync(process.env.TESTAMUR_FOREIGN_KEY)
  }, (request, response) => {
    const page = pages.get(request.url);
    if(page === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = request.url.endsWith('/did.json') ? 'application/did+json' : 'application/vc+ld+json';
    response.writeHead(200, {'Content-Type': type}).end(typeof page === 'string' ? page : JSON.stringify(page));
  });
  await new Promise((resolve, reject) => {
    listener.on('error', reject);
    listener.listen(Number(new URL(foreign).port), '127.0.0.1', resolve);
  });
  return {
    url: foreign, pages,
    close: () => new Promise(resolve => {
      listener.closeAllConnections();
      listener.close(resolve);
    })
  };
}

/** A did:web issuer on `host`: its signer, its DID document published. */
export async function foreignIssuer(host, slug, {assertion = true} = {}) {
  const {port} = new URL(host.url);
  const controller = `did:web:localhost%3A${port}:${slug}`;
  const by = await signer(`foreign ${slug}`, {controller});
  host.pages.set(`/${slug}/did.json`, {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: controller,
    verificationMethod: [{id: by.id, type: 'Multikey', controller, publicKeyMultibase: by.publicKeyMultibase}],
    assertionMethod: assertion ? [by.id] : [],
    authentication: [by.id]
  });
  return by;
}

/** Publishes a signed status list at `/slug/NAME` with the given bits set; returns an entry maker. */
export async function foreignList(host, slug, name, by, {set = [], purpose = 'revocation', change = list => list, suite = 'eddsa-rdfc-2022'} = {}) {
  const id = `${host.url}/${slug}/${name}`;
  const draft = change(await statusList(id, purpose, set));
  host.pages.set(`/${slug}/${name}`, await sign(draft, suite, by));
  return (index, more = {}) => ({
    type: 'BitstringStatusListEntry', statusPurpose: purpose, statusListIndex: String(index),
    statusListCredential: id, ...more
  });
}
