//! jsonld.js as oracle: the same canonical N-Quads for everything we sign, read or were given as an example.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {describe, it} from 'node:test';
import {GENERIC, REFUSED} from './documents/generic.mjs';
import {canonicalized, oracle} from './support/canonical.mjs';
import {demoCredentials, examples} from './support/env.mjs';
import {generated} from './support/generate.mjs';
import {mutated} from './support/mutate.mjs';

const binary = process.env.TESTAMUR_CANONICALIZE ?? 'TESTAMUR_CANONICALIZE';
const missing = existsSync(binary) ? false : `${binary} is not there: cargo build --release --example canonicalize`;

const bare = ({proof, ...document}) => document;

/** Asserts that both say the same of each of `[name, document]`. */
function alike(name, documents) {
  describe(name, {skip: missing}, () => {
    const own = missing ? null : canonicalized(documents.map(([, document]) => document));
    own?.catch(() => {}); // told by each test below
    documents.forEach(([title, document], index) => it(title, async () => {
      const [expected, got] = [await oracle(document), (await own)[index]];
      assert.equal(got.error, undefined, `refused by us: ${got.error}; jsonld.js: ${expected.error ?? 'fine'}`);
      assert.equal(expected.error, undefined, `refused by jsonld.js only: ${expected.error}`);
      assert.equal(got.nquads, expected.nquads);
    }));
  });
}

alike('examples, with their proofs', examples());
alike('examples, without', examples().map(([name, document]) => [name, bare(document)]));
alike('what the demo issued', demoCredentials());
alike('corners of JSON-LD', GENERIC);

describe('documents safe mode refuses', {skip: missing}, () => {
  const own = missing ? null : canonicalized(REFUSED.map(([, document]) => document));
  own?.catch(() => {});
  REFUSED.forEach(([title, document], index) => it(title, async () => {
    assert.notEqual((await oracle(document)).error, undefined, 'jsonld.js takes it');
    assert.notEqual((await own)[index].error, undefined, 'we take it');
  }));
});

describe('changed shapes of the examples and corners', {skip: missing}, () => {
  const seeds = [...GENERIC, ...examples().filter(([name]) => /^(01|04|07|10)-[^.]*\.json$/.test(name))];
  for(const [title, document] of seeds) {
    it(title, async () => {
      await same(mutated(document, 40));
    });
  }
});

describe('made-up documents with made-up contexts', {skip: missing}, () => {
  const BATCH = 500;
  for(let from = 0; from < 3000; from += BATCH) {
    it(`${from} to ${from + BATCH - 1}`, async () => {
      await same(Array.from({length: BATCH}, (_, index) => (
        {what: `generated ${from + index}`, copy: generated(from + index)})));
    });
  }
});

/**
 * An input both refuse is fine; one that only we take, or that both read otherwise, is not. One that only we refuse is
 * safe, and tolerated where it is rare: jsonld.js lets some nonsense through that the specification does not.
 */
async function same(all) {
  const own = await canonicalized(all.map(({copy}) => copy));
  const [wrong, stricter] = [[], []];
  for(const [index, {what, copy}] of all.entries()) {
    const [expected, got] = [await oracle(copy), own[index]];
    if(got.error !== undefined && expected.error === undefined) {
      stricter.push(`${what}: only we refuse it: ${got.error}`);
    } else if(expected.error?.includes('"empty object"')) {
      continue; // a blank node about which nothing is said is still a node that was pointed to
    } else if(got.error === undefined && expected.nquads !== got.nquads) {
      wrong.push(`${what}: ${expected.error ? `only we take it: ${expected.error}` : `\n${diff(expected.nquads, got.nquads)}`}`);
    }
  }
  if(stricter.length > Math.max(1, all.length / 20)) {
    wrong.push(...stricter);
  }
  assert.equal(wrong.length, 0, `${wrong.length} of ${all.length}\n${wrong.slice(0, 12).join('\n')}`);
}

function diff(expected, got) {
  const [theirs, ours] = [expected.split('\n'), got.split('\n')];
  return [
    ...theirs.filter(line => !ours.includes(line)).map(line => `- ${line}`),
    ...ours.filter(line => !theirs.includes(line)).map(line => `+ ${line}`)
  ].slice(0, 8).join('\n');
}
