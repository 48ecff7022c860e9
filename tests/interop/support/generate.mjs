//! Made-up documents with made-up inline contexts: a small grammar over the JSON-LD 1.1 features, seeded.
//! Left out, because jsonld.js 9 departs from the specification there: a default @direction (lost when a context is
//! cloned), fractions it prints without a point (1e-7 becomes the integer 0), a term that its own context defines
//! anew, a term's @direction beside a @type.
import {random} from './mutate.mjs';

const v2 = 'https://www.w3.org/ns/credentials/v2';
const XSD = 'http://www.w3.org/2001/XMLSchema#';

/** The `index`-th document. */
export function generated(index) {
  const next = random(index * 7919 + 17);
  const below = n => Math.floor(next() * n);
  const pick = array => array[below(array.length)];
  const maybe = chance => next() < chance;
  const names = ['alpha', 'beta', 'gamma', 'delta', 'eps', 'zeta'];

  const iri = name => pick([`https://example.org/${name}`, `ex:${name}`, `https://example.org/${name}#x`, `urn:x:${name}`]);

  const container = () => pick([
    '@list', '@set', '@language', '@index', '@id', '@type', '@graph',
    ['@set', '@index'], ['@graph', '@id'], ['@graph', '@index'], ['@graph', '@set'], ['@set', '@language'], ['@id', '@set'], ['@type', '@set']
  ]);

  function definition(name, depth) {
    if(maybe(0.3)) {
      return iri(name);
    }
    if(maybe(0.04)) {
      return null;
    }
    if(depth === 2 && maybe(0.05)) {
      return {'@reverse': iri(name)};
    }
    const made = {'@id': iri(name)};
    if(maybe(0.35)) {
      made['@type'] = pick(['@id', '@vocab', '@json', '@none', `${XSD}date`, `${XSD}integer`, 'ex:kind']);
    }
    if(maybe(0.4) && made['@type'] !== '@json') {
      made['@container'] = container();
      if(JSON.stringify(made['@container']).includes('@index') && maybe(0.3)) {
        made['@index'] = 'ex:indexedBy';
      }
    }
    if(maybe(0.12)) {
      made['@language'] = pick(['vi', 'lo', 'EN-us', null]);
    }
    if(maybe(0.1) && !('@type' in made)) {
      made['@direction'] = pick(['ltr', 'rtl', null]);
    }
    if(maybe(0.08)) {
      made['@protected'] = true;
    }
    if(maybe(0.08)) {
      made['@nest'] = '@nest';
    }
    if(maybe(0.06)) {
      made['@prefix'] = true;
    }
    if(depth > 0 && maybe(0.25)) {
      made['@context'] = context(depth - 1);
      delete made['@context'][name];
    }
    return made;
  }

  function context(depth) {
    const made = {};
    if(depth === 2 || maybe(0.3)) {
      made.ex = 'https://example.org/v#';
    }
    if(maybe(0.25)) {
      made['@vocab'] = pick(['https://example.org/vocab#', 'ex:', null]);
    }
    if(maybe(0.1)) {
      made['@language'] = pick(['vi', 'zh-Hant', null]);
    }
    if(maybe(0.06)) {
      made['@propagate'] = pick([true, false]);
    }
    if(maybe(0.05)) {
      made['@version'] = 1.1;
    }
    if(maybe(0.04)) {
      made['@protected'] = true;
    }
    for(const name of names) {
      if(maybe(depth === 2 ? 1 : 0.35)) {
        made[name] = definition(name, depth);
      }
    }
    if(maybe(0.3)) {
      made.Kind = {'@id': 'https://example.org/Kind', ...(depth > 0 && maybe(0.7) ? {'@context': context(depth - 1)} : {})};
    }
    if(maybe(0.1)) {
      made.nested = '@nest';
    }
    return made;
  }

  const scalar = () => pick([
    'chữ', 'ສະບາຍດີ', 'did:example:x', 'ex:thing', 'https://example.org/one', 'alpha', 'Kind', '2026-01-01', '7',
    0, 1, -7, 2.5, 1e22, 1.5e-7, 123456789012, true, false
  ]);

  function value(depth) {
    const roll = below(depth > 0 ? 16 : 9);
    switch(roll) {
      case 0: case 1: case 2: case 3: return scalar();
      case 4: return {id: pick(['did:example:a', 'did:example:b', 'ex:c'])};
      case 5: return {'@value': pick(['x', 'giá trị', 7, true]), ...pick([{}, {'@language': 'vi'}, {'@type': `${XSD}string`}, {'@direction': 'rtl', '@language': 'ar'}])};
      case 6: return [scalar(), scalar()];
      case 7: return {vi: 'nhãn', lo: ['ປ້າຍ', 'x']};
      case 8: return pick([null, [], {}, [null]]);
      case 9: return {'@list': [scalar(), scalar()]};
      case 10: return {'@set': [scalar()]};
      case 11: return {'did:example:k': node(depth - 1), 'ex:l': [node(depth - 1)]};
      default: return maybe(0.3) ? [node(depth - 1), node(depth - 1)] : node(depth - 1);
    }
  }

  function node(depth) {
    const made = {};
    if(maybe(0.5)) {
      made.id = pick(['did:example:n1', 'did:example:n2', 'ex:n3', 'urn:uuid:1']);
    }
    if(maybe(0.4)) {
      made.type = pick(['Kind', ['Kind'], 'ex:T', ['https://example.org/T', 'Kind']]);
    }
    if(maybe(0.08)) {
      made['@index'] = 'i';
    }
    for(const name of names) {
      if(maybe(0.35)) {
        made[name] = value(depth);
      }
    }
    if(maybe(0.1)) {
      made['ex:direct'] = value(0);
    }
    if(maybe(0.06)) {
      made.nested = {alpha: scalar(), beta: value(0)};
    }
    if(maybe(0.05)) {
      made['@included'] = [node(0)];
    }
    if(depth > 0 && maybe(0.08)) {
      made['@context'] = context(1);
    }
    return made;
  }

  return {
    '@context': [v2, context(2), ...(maybe(0.2) ? [context(1)] : [])],
    type: ['VerifiableCredential'],
    issuer: 'did:example:issuer',
    credentialSubject: {id: 'did:example:s', ...node(2)}
  };
}
