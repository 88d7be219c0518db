// Stub answers every HTTP request with the same bytes, far quicker than any load generator asks.
//
// With -stall it answers nobody during the first part of each period: what comes in meanwhile is answered when the
// stall ends, so the true latency of a request is known from the time at which it came. It prints its port, and ends
// when its standard input is closed.
package main

import (
	"bufio"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

const body = `{"id": 1, "name": "amber anchor"}`

// A gate is shut during the first part of each period. Who comes to a shut gate is let through when it opens, in the
// order of coming.
type gate struct {
	shut, period time.Duration
	began        time.Time
	mutex        sync.Mutex
	waiting      []chan<- struct{}
	replies      []func()
}

// pass gives the reply at once, or has it given when the gate opens; it returns when it was given.
func (g *gate) pass(reply func()) {
	g.mutex.Lock()
	if time.Since(g.began)%g.period >= g.shut {
		g.mutex.Unlock()
		reply()
		return
	}
	given := make(chan struct{})
	g.waiting, g.replies = append(g.waiting, given), append(g.replies, reply)
	g.mutex.Unlock()
	<-given
}

// open lets the waiting through at the end of each time that the gate was shut.
func (g *gate) open() {
	for opens := g.began.Add(g.shut); ; opens = opens.Add(g.period) {
		time.Sleep(time.Until(opens) - 2*time.Millisecond) // a sleep may end a millisecond late
		for time.Now().Before(opens) {
		}
		g.mutex.Lock()
		waiting, replies := g.waiting, g.replies
		g.waiting, g.replies = nil, nil
		g.mutex.Unlock()
		for _, reply := range replies {
			reply()
		}
		for _, given := range waiting {
			close(given)
		}
	}
}

func main() {
	length := flag.Duration("stall", 0, "how long nobody is answered")
	period := flag.Duration("every", 2*time.Second, "from one stall's start to the next")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	stalls := &gate{shut: *length, period: *period, began: time.Now()}
	if *length > 0 {
		go stalls.open()
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				log.Fatal(err)
			}
			go serve(connection, stalls)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// serve answers one connection's requests, which have no body, until either side closes it.
func serve(connection net.Conn, stalls *gate) {
	defer connection.Close()
	reply := []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"+
		"X-Checksum-SHA256: %x\r\n\r\n%s", len(body), sha256.Sum256([]byte(body)), body))
	reader := bufio.NewReaderSize(connection, 2048)
	for {
		closes := false
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimRight(line, "\r\n")
			if line == "" {
				break
			}
			closes = closes || strings.EqualFold(line, "Connection: close")
		}
		var failed error
		stalls.pass(func() { _, failed = connection.Write(reply) })
		if failed != nil || closes {
			return
		}
	}
}
