// The app: serves the pages in web/ and keeps their data. Runs with nothing but Go: `go run .`
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	asked, done := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer done()
	listener, err := net.Listen("tcp", net.JoinHostPort(setting("HOST", "127.0.0.1"), setting("PORT", "3000")))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: routes(setting("DATA_DIR", "data")), ReadHeaderTimeout: 30 * time.Second}
	fmt.Printf("Listening on http://%s/\n", listener.Addr())

	ended := make(chan struct{})
	go func() {
		<-asked.Done()
		// What is being answered gets a moment to finish.
		limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(limit)
		close(ended)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-ended
}

// routes says which address is answered by what.
func routes(data string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/store/", http.StripPrefix("/store/", newStore(data)))
	mux.Handle("/", pages("web"))
	return mux
}

func setting(name, usual string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return usual
}
