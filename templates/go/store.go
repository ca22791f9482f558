package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

const mostBytes = 1024 * 1024

var (
	names    = regexp.MustCompile(`^[a-z0-9-]{1,60}$`)
	errName  = errors.New("A name is 1 to 60 of a-z, 0-9 and -.")
	errStale = errors.New("Somebody else changed it.")
)

// store keeps data: any JSON value under a name, as a file in its folder.
//
//	GET /store/<name>   the value saved under that name, `null` before the first save
//	PUT /store/<name>   saves a value of at most 1 MB; with `If-Match: <etag>` only when nobody else changed it
type store struct {
	folder string
	lock   sync.Mutex
}

func newStore(folder string) *store { return &store{folder: folder} }

// load reads the value saved under a name into `value`, which stays as it is before the first save.
func (s *store) load(name string, value any) error {
	body, err := s.read(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, value)
}

// update reads the newest value into `value`, lets `change` change it, and saves it; nobody else can save in between.
func (s *store) update(name string, value any, change func() error) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if err := s.load(name, value); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.write(name, body)
}

// ServeHTTP answers for the name that the address ends in.
func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	var err error
	switch r.Method {
	case http.MethodGet:
		body, err = s.read(r.URL.Path)
	case http.MethodPut:
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, 2*mostBytes)); err != nil || len(body) > mostBytes {
			problem(w, http.StatusRequestEntityTooLarge, "That is more than 1 MB.")
			return
		}
		if !json.Valid(body) {
			problem(w, http.StatusBadRequest, "That is not JSON.")
			return
		}
		err = s.put(r.URL.Path, body, r.Header.Get("If-Match"))
	default:
		problem(w, http.StatusMethodNotAllowed, "Use GET or PUT.")
		return
	}
	switch {
	case errors.Is(err, errName):
		problem(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, errStale):
		problem(w, http.StatusPreconditionFailed, err.Error())
	case err != nil:
		problem(w, http.StatusInternalServerError, "The data could not be reached.")
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("ETag", tag(body))
		w.Write(body)
	}
}

func (s *store) put(name string, body []byte, wanted string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if wanted != "" {
		before, err := s.read(name)
		if err != nil {
			return err
		}
		if tag(before) != wanted {
			return errStale
		}
	}
	return s.write(name, body)
}

func (s *store) read(name string) ([]byte, error) {
	if !names.MatchString(name) {
		return nil, errName
	}
	body, err := os.ReadFile(filepath.Join(s.folder, name+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return []byte("null"), nil
	}
	return body, err
}

// write saves whole or not at all: somebody who reads meanwhile gets the old value.
func (s *store) write(name string, body []byte) error {
	if !names.MatchString(name) {
		return errName
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	draft, err := os.CreateTemp(s.folder, name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(body)
	if closing := draft.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(draft.Name(), filepath.Join(s.folder, name+".json"))
}

func tag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:])[:22] + `"`
}

func problem(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": words})
}
