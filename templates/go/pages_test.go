package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func ask(t *testing.T, handler http.Handler, method, address, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, "/", strings.NewReader(body))
	request.URL.Path = address
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

func TestThePageOpensHasATitleAndFitsAPhone(t *testing.T) {
	answer := ask(t, routes(t.TempDir()), "GET", "/", "")
	page := answer.Body.String()
	if answer.Code != 200 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("the page answers %d as %q", answer.Code, answer.Header().Get("Content-Type"))
	}
	if !regexp.MustCompile(`<title>[^<]+</title>`).MatchString(page) || !strings.Contains(page, `name="viewport"`) {
		t.Error("the page has no title, or does not fit a phone")
	}
	again := ask(t, routes(t.TempDir()), "GET", "/", "", "If-None-Match", answer.Header().Get("ETag"))
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again it answers %d", again.Code)
	}
}

func TestEverythingThatThePageLoadsIsThere(t *testing.T) {
	page := ask(t, routes(t.TempDir()), "GET", "/", "").Body.String()
	for _, found := range regexp.MustCompile(`(?:src|href)="/?([^"#?:]+\.\w+)"`).FindAllStringSubmatch(page, -1) {
		if answer := ask(t, routes(t.TempDir()), "GET", "/"+found[1], ""); answer.Code != 200 {
			t.Errorf("%s answers %d", found[1], answer.Code)
		}
	}
}

func TestWhatIsNotPartOfThePageIsNotServed(t *testing.T) {
	folder := t.TempDir()
	os.WriteFile(filepath.Join(folder, ".hidden"), []byte("x"), 0o644)
	os.WriteFile(filepath.Join(folder, "about.html"), []byte("x"), 0o644)
	os.Symlink("/etc/passwd", filepath.Join(folder, "link.txt"))
	os.Mkdir(filepath.Join(folder, "empty"), 0o755)
	handler := pages(folder)
	for _, path := range []string{"/.hidden", "/link.txt", "/empty", "/../main.go", "/..\\main.go", "/nothing.html"} {
		if answer := ask(t, handler, "GET", path, ""); answer.Code != 404 {
			t.Errorf("%s answers %d", path, answer.Code)
		}
	}
	if answer := ask(t, handler, "GET", "/about", ""); answer.Code != 200 {
		t.Errorf("/about answers %d", answer.Code)
	}
	if answer := ask(t, handler, "POST", "/about", ""); answer.Code != 405 {
		t.Errorf("a POST is answered with %d", answer.Code)
	}
}
