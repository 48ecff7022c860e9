// Checks a log in a folder with the code behind Go's checksum database, golang.org/x/mod/sumdb:
// main FOLDER, as tests/log/write_log.rs writes it, or main URL, the base of a log as a service serves it. Each checkpoint's signature and cosignatures, each tile, the
// inclusion of every leaf, and the consistency of every two sizes; then that nothing broken passes.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	full   = 1 << height
)

var passed, failed int

func main() {
	folder := os.Args[1]
	log, err := note.NewVerifier(line(read(folder, "key")))
	must(err)
	known := []note.Verifier{log}
	names := []string{"checkpoint"}
	if !served(folder) {
		for _, key := range strings.Fields(string(read(folder, "witnesses"))) {
			known = append(known, newWitness(key))
		}
		names, err = filepath.Glob(filepath.Join(folder, "checkpoint.*"))
		must(err)
	}
	var trees []tlog.Tree
	var messages = map[int64][]byte{}
	for _, name := range names {
		message := read(folder, filepath.Base(name))
		tree, err := open(message, known)
		check(err, "%s is signed and cosigned", filepath.Base(name))
		messages[tree.N] = message
		trees = append(trees, tree)
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	if len(trees) == 0 {
		must(fmt.Errorf("no checkpoint in %s", folder))
	}
	for _, tree := range trees {
		check(leaves(folder, tree), "every leaf of the tree of %d", tree.N)
	}
	for i, older := range trees {
		for _, newer := range trees[i:] {
			check(consistent(folder, older, newer), "%d is the beginning of %d", older.N, newer.N)
		}
	}
	last := trees[len(trees)-1]
	broken(folder, last, messages[last.N], known)
	fmt.Printf("golog: %d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

// open verifies a checkpoint signed by the first of the keys and cosigned by all others.
func open(message []byte, known []note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(message, note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(known) {
		return tlog.Tree{}, fmt.Errorf("%d of %d have signed", len(opened.Sigs), len(known))
	}
	// origin, size, root: as tlog-checkpoint lays down
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != known[0].Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", known[0].Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// leaves finds every entry of the bundles at its place in the tree, by the hashes of authenticated tiles and by proofs.
func leaves(folder string, tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, &tiles{folder: folder})
	if root, err := tlog.TreeHash(tree.N, reader); err != nil || root != tree.Hash {
		return fmt.Errorf("the root is %v, %v", root, err)
	}
	// A proof reads its tiles anew; in a large tree every 97th leaf is proved, the others are compared.
	step := int64(1)
	if tree.N > 2000 {
		step = 97
	}
	for first := int64(0); first < tree.N; first += full {
		width := tree.N - first
		if width > full {
			width = full
		}
		bundle := tlog.Tile{H: height, L: -1, N: first / full, W: int(width)}
		data, err := get(folder, path(bundle))
		if err != nil {
			return err
		}
		var indexes []int64
		for n := first; n < first+width; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, n))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for n := first; n < first+width; n++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("bundle %d is short", bundle.N)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			leaf := tlog.RecordHash(data[2:end])
			data = data[end:]
			if hashes[n-first] != leaf {
				return fmt.Errorf("leaf %d is another", n)
			}
			if n%step != 0 && n != tree.N-1 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, n, reader)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf); err != nil {
				return err
			}
		}
		if len(data) > 0 {
			return fmt.Errorf("bundle %d is long", bundle.N)
		}
	}
	return nil
}

func consistent(folder string, older, newer tlog.Tree) error {
	proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer, &tiles{folder: folder}))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash)
}

// broken shows that the checks above can fail.
func broken(folder string, tree tlog.Tree, message []byte, known []note.Verifier) {
	size := []byte(fmt.Sprintf("\n%d\n", tree.N))
	other := bytes.Replace(message, size, []byte(fmt.Sprintf("\n%d\n", tree.N+1)), 1)
	_, err := open(other, known)
	refuse(err, "a checkpoint of another size")

	reader := tlog.TileHashReader(tree, &tiles{folder: folder, flip: true})
	_, err = reader.ReadHashes([]int64{tlog.StoredHashIndex(0, 0)})
	refuse(err, "a tile with a bit flipped")
}

// tiles reads the files of a log; with flip, each with one bit wrong.
type tiles struct {
	folder string
	flip   bool
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := get(t.folder, path(tile))
		if err != nil {
			return nil, err
		}
		if t.flip {
			data[0] ^= 1
		}
		all = append(all, data)
	}
	return all, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// path is the name tlog-tiles gives a tile: without the height, and "entries" for "data".
func path(tile tlog.Tile) string {
	name := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	return strings.Replace(name, "tile/data/", "tile/entries/", 1)
}

// witness verifies timestamped cosignatures, as tlog-cosignature lays down.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newWitness(text string) *witness {
	parts := strings.SplitN(text, "+", 3)
	id, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		must(fmt.Errorf("not a witness: %s", text))
	}
	return &witness{parts[0], uint32(id), key[1:]}
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.id }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	return ed25519.Verify(w.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)), signature[8:])
}

func check(err error, format string, arguments ...interface{}) {
	if err == nil {
		passed++
		return
	}
	failed++
	fmt.Printf("FAILED: "+format+": %v\n", append(arguments, err)...)
}

func refuse(err error, what string) {
	if err != nil {
		passed++
		return
	}
	failed++
	fmt.Printf("FAILED: %s was accepted\n", what)
}

func read(folder, name string) []byte {
	data, err := get(folder, name)
	must(err)
	return data
}

// get reads a file of the log, from its folder or over HTTP.
func get(base, name string) ([]byte, error) {
	if !served(base) {
		return os.ReadFile(filepath.Join(base, name))
	}
	answer, err := http.Get(base + "/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", name, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func served(base string) bool { return strings.HasPrefix(base, "http://") }

func line(data []byte) string {
	return strings.TrimSuffix(string(data), "\n")
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
