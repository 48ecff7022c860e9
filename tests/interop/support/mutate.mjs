//! Copies of a document with one structural change each, the same ones every time.

/** A small generator (mulberry32): the same numbers from the same seed on every machine. */
export function random(seed) {
  return () => {
    seed = seed + 0x6D2B79F5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

/** Every place below the root as a path, containers included, `@context` left alone. */
function places(value, path = []) {
  if(value === null || typeof value !== 'object') {
    return path.length ? [path] : [];
  }
  const inner = Object.entries(value).filter(([key]) => key !== '@context')
    .flatMap(([key, item]) => places(item, [...path, key]));
  return path.length ? [path, ...inner] : inner;
}

const CHANGES = {
  remove: ({holder, key}) => Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key],
  double: ({holder, key, value}) => holder[key] = [value, structuredClone(value)].flat(),
  wrap: ({holder, key, value}) => holder[key] = [value],
  unwrap: ({holder, key, value}) => holder[key] = Array.isArray(value) ? value[0] ?? null : value,
  'to null': ({holder, key}) => holder[key] = null,
  'to a number': ({holder, key}) => holder[key] = 42,
  'to a fraction': ({holder, key}) => holder[key] = 0.25,
  'to a boolean': ({holder, key}) => holder[key] = true,
  'to text': ({holder, key}) => holder[key] = 'chữ',
  'to an IRI': ({holder, key}) => holder[key] = 'https://example.org/x y'.replace(' ', '%20'),
  'to an empty object': ({holder, key}) => holder[key] = {},
  'to an empty array': ({holder, key}) => holder[key] = [],
  'to a value object': ({holder, key}) => holder[key] = {'@value': 'giá trị', '@language': 'vi'},
  'to a typed value': ({holder, key}) => holder[key] = {'@value': '7', '@type': 'http://www.w3.org/2001/XMLSchema#integer'},
  'to a list object': ({holder, key, value}) => holder[key] = {'@list': [value].flat()},
  'to a set object': ({holder, key, value}) => holder[key] = {'@set': [value].flat()},
  'to a reference': ({holder, key}) => holder[key] = {id: 'did:example:elsewhere'},
  'to a graph object': ({holder, key, value}) => holder[key] = {'@graph': value},
  reverse: ({holder, key, value}) => holder[key] = Array.isArray(value) ? value.toReversed() : value,
  rename: ({holder, key, value}) => {
    if(!Array.isArray(holder)) {
      delete holder[key];
      holder[`${key}X`] = value;
    }
  },
  'to a blank node': ({holder, key, value}) => {
    if(value !== null && typeof value === 'object' && !Array.isArray(value)) {
      value.id = '_:x';
    }
  }
};

/** `count` copies of `document`, `{what, copy}`, each with one change at one place. */
export function mutated(document, count, seed = 20261122) {
  const next = random(seed);
  const pick = array => array[Math.floor(next() * array.length)];
  const all = places(document);
  return Array.from({length: count}, () => {
    const copy = structuredClone(document);
    const path = pick(all);
    const name = pick(Object.keys(CHANGES));
    const holder = path.slice(0, -1).reduce((value, key) => value[key], copy);
    const key = path.at(-1);
    CHANGES[name]({holder, key, value: holder[key]});
    return {what: `/${path.join('/')} ${name}`, copy};
  });
}
