//! One changed value at a time: the deterministic sample of tampered copies that everybody must refuse.

/** Every leaf of `value` as a path; objects and arrays are walked in document order. */
export function leaves(value, path = []) {
  if(value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  }
  return [path];
}

const pointer = path => path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** A value of the same type that says something else. */
function other(value) {
  if(typeof value === 'string') {
    const date = /^(\d{3})(\d)(-\d\d-\d\dT.*)$/.exec(value);
    if(date) {
      return `${date[1]}${(Number(date[2]) + 9) % 10}${date[3]}`;
    }
    // inside the string, so that a URL stays a URL and a number a number
    const at = Math.floor(value.length / 2);
    const mark = value[at] === '7' ? '3' : '7';
    return value.slice(0, at) + mark + value.slice(at + 1);
  }
  return typeof value === 'number' ? value + 1 : !value;
}

/**
 * Up to `most` copies of `document`, each with one leaf changed, spread evenly over the document.
 *
 * @returns {{at: string, copy: object}[]} `at` is the JSON pointer of the change.
 */
export function changed(document, most = 24) {
  const all = leaves(document);
  const count = Math.min(most, all.length);
  return Array.from({length: count}, (_, index) => {
    const path = all[Math.floor(index * all.length / count)];
    const copy = structuredClone(document);
    const last = path.at(-1);
    const holder = path.slice(0, -1).reduce((value, key) => value[key], copy);
    holder[last] = other(holder[last]);
    return {at: pointer(path), copy};
  });
}
