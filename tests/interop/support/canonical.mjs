//! Canonical N-Quads twice: by jsonld.js (safe mode, RDFC-1.0, as the eddsa-rdfc-2022 cryptosuite does) and by ours.
import * as rdfCanonize from 'rdf-canonize';
import jsonld from 'jsonld';
import {spawn} from 'node:child_process';
import {documentLoader} from './loader.mjs';

/** jsonld.js: `{nquads}` or `{error}`. */
export async function oracle(document) {
  try {
    const dataset = await jsonld.toRDF(structuredClone(document), {
      base: null, safe: true, documentLoader, rdfDirection: 'i18n-datatype', produceGeneralizedRdf: false
    });
    // the default work factor of 1 gives up on a list of four
    const nquads = await rdfCanonize.canonize(dataset, {
      algorithm: 'RDFC-1.0', format: 'application/n-quads', maxWorkFactor: 3
    });
    // a dataset is a set: it leaves the same triple twice where a typed and a native number meet
    return {nquads: [...new Set(nquads.split('\n'))].join('\n')};
  } catch(error) {
    return {error: `${error.message} ${JSON.stringify(error.details ?? {}).slice(0, 300)}`};
  }
}

/** Ours: one `{nquads}` or `{error}` for each document, in order. Documents go as text, one a line. */
export async function canonicalized(documents) {
  const binary = process.env.TESTAMUR_CANONICALIZE;
  const child = spawn(binary, [], {stdio: ['pipe', 'pipe', 'inherit']});
  let output = '';
  child.stdout.setEncoding('utf8').on('data', chunk => output += chunk);
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.on('error', () => {}); // its end says why
  child.stdin.end(documents.map(document => `${JSON.stringify(document)}\n`).join(''));
  const code = await ended;
  const answers = output.trimEnd().split('\n').map(line => JSON.parse(line));
  if(code !== 0 || answers.length !== documents.length) {
    throw new Error(`${binary} ended with ${code} after ${answers.length} of ${documents.length} documents`);
  }
  return answers;
}
