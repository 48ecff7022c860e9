//! The worked examples as drafts for a running institution: what a registrar would post.
import {call, examples, issue, server} from './env.mjs';

const bare = ({proof, id, credentialStatus, ...draft}) => draft;

/** Puts `did` in as issuer and takes out what the service fills in or what was signed over the old issuer. */
function redraft(document, did) {
  const draft = structuredClone(bare(document));
  draft.issuer = typeof draft.issuer === 'object' ? {...draft.issuer, id: did} : did;
  delete draft.endorsement; // its digest covers the credential with the old issuer in it
  delete draft.replaces;
  return draft;
}

/** Kinds by example file: everything an institution may issue by POST (authority documents are refused there). */
export const KINDS = {
  diploma: '01-vn-college-diploma-welding.json',
  'high diploma': '02-la-high-diploma-electrical.json',
  'joint diploma': '03-cn-la-dual-programme-diploma.json',
  transcript: '04-vn-transcript-clr.json',
  'micro-credential': '05-vn-la-micro-credential.json',
  'skill certificate': '06-vn-occupational-skill-certificate.json',
  'workplace learning': '07-workplace-learning-dual-training.json',
  'transcribed diploma': '17-vn-transcribed-reissued-diploma.json'
};

const contracted = new Set();

/** Puts the training contract that a workplace record names on record: of `did` with its enterprise, signed on paper. */
async function contract({agreementId, source, workplaceStart}, did) {
  if(contracted.has(did)) {
    return;
  }
  const [institution] = Object.entries(server().institutions).find(([, known]) => known === did);
  const agreement = {
    agreementId, kind: 'training-contract', signedOn: workplaceStart, effectiveFrom: workplaceStart,
    party: [{id: did, territory: 'VN'}, {id: source.id, territory: 'VN'}],
    instrument: {title: 'Contract on paper', digestMultibase: 'uEiCuzRsC9paQ3zpV-MoNmmFizrJf-cH2f0N01AzGHLFnhQ'}
  };
  for(const [path, body] of [
    ['/agreements', {institution, agreement}],
    [`/agreements/${encodeURIComponent(agreementId)}/state`, {state: 'signed'}]
  ]) {
    const {status, body: told} = await call('POST', path, body);
    if(status >= 300) {
      throw new Error(`${path} refused with ${status}: ${JSON.stringify(told)}`);
    }
  }
  contracted.add(did);
}

/** The draft of one kind for `did`; the credentials inside a transcript are issued first. */
export async function draftOf(kind, did, options) {
  const document = new Map(examples()).get(KINDS[kind]);
  const draft = redraft(document, did);
  if(kind === 'workplace learning') {
    await contract(draft.credentialSubject, did);
  }
  const inner = draft.credentialSubject.verifiableCredential;
  if(Array.isArray(inner)) {
    draft.credentialSubject.verifiableCredential = [];
    for(const one of inner) {
      draft.credentialSubject.verifiableCredential.push(await issue(redraft(one, did), options));
    }
  }
  return draft;
}

/** Every signed credential inside `document`, `[JSON pointer, credential]`, itself not included. */
export function embedded(document, at = '') {
  if(document === null || typeof document !== 'object') {
    return [];
  }
  return Object.entries(document).flatMap(([key, value]) => {
    const here = `${at}/${key}`;
    const own = value?.proof && value['@context'] ? [[here, value]] : [];
    return [...own, ...embedded(value, here)];
  });
}
