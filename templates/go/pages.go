package main

import (
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// pages serves the files of a folder: "/" is index.html, "/about" is about.html. Names that begin with a dot are not
// served, and no link leads out of the folder.
func pages(folder string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Not allowed", http.StatusMethodNotAllowed)
			return
		}
		file, info := find(folder, r.URL.Path)
		if file == nil {
			http.Error(w, "There is no such page.", http.StatusNotFound)
			return
		}
		defer file.Close()
		// The browser asks each time, so that a new version shows at once, and gets the file only when it changed.
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
		http.ServeContent(w, r, info.Name(), info.ModTime(), file)
	}
}

func find(folder, address string) (*os.File, os.FileInfo) {
	clean := path.Clean("/" + address)
	if strings.Contains(clean, "/.") || strings.ContainsAny(clean, "\\\x00") {
		return nil, nil
	}
	wanted := filepath.Join(folder, filepath.FromSlash(clean))
	candidates := []string{wanted}
	if path.Ext(clean) == "" {
		candidates = []string{filepath.Join(wanted, "index.html"), wanted + ".html", wanted}
	}
	for _, candidate := range candidates {
		if !inside(folder, candidate) {
			continue
		}
		file, err := os.Open(candidate)
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return file, info
		}
		file.Close()
	}
	return nil, nil
}

// inside follows links before it compares.
func inside(folder, name string) bool {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(name)
	return err == nil && strings.HasPrefix(real, root+string(filepath.Separator))
}
