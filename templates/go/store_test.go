package main

import (
	"strings"
	"sync"
	"testing"
)

func TestKeepsData(t *testing.T) {
	app := routes(t.TempDir())
	if body := ask(t, app, "GET", "/store/items", "").Body.String(); body != "null" {
		t.Errorf("before the first save it holds %s", body)
	}
	if answer := ask(t, app, "PUT", "/store/items", `[{"name":"Tea"}]`); answer.Code != 200 {
		t.Errorf("saving answers %d", answer.Code)
	}
	if body := ask(t, app, "GET", "/store/items", "").Body.String(); body != `[{"name":"Tea"}]` {
		t.Errorf("it holds %s", body)
	}
}

func TestRefusesWhatItCannotKeep(t *testing.T) {
	app := routes(t.TempDir())
	for _, one := range []struct {
		address, body string
		code          int
	}{
		{"/store/Items", "1", 400},
		{"/store/a/b", "1", 400},
		{"/store/items", "not json", 400},
		{"/store/items", `"` + strings.Repeat("x", mostBytes) + `"`, 413},
	} {
		if answer := ask(t, app, "PUT", one.address, one.body); answer.Code != one.code {
			t.Errorf("%s answers %d, not %d", one.address, answer.Code, one.code)
		}
	}
}

func TestDoesNotLoseWhatSomebodyElseSavedInBetween(t *testing.T) {
	app := routes(t.TempDir())
	before := ask(t, app, "PUT", "/store/shared", "1").Header().Get("ETag")
	if answer := ask(t, app, "PUT", "/store/shared", "2", "If-Match", before); answer.Code != 200 {
		t.Errorf("the first answers %d", answer.Code)
	}
	if answer := ask(t, app, "PUT", "/store/shared", "3", "If-Match", before); answer.Code != 412 {
		t.Errorf("the second answers %d", answer.Code)
	}
}

func TestChangesAtTheSameTimeAllCount(t *testing.T) {
	data := newStore(t.TempDir())
	var all sync.WaitGroup
	for i := 0; i < 40; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			count := 0
			if err := data.update("count", &count, func() error { count++; return nil }); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	count := 0
	if err := data.load("count", &count); err != nil || count != 40 {
		t.Errorf("it counted %d (%v)", count, err)
	}
}
