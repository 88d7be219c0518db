// Command registry is a container registry on loopback that keeps its images in a directory: drillbook tests its way
// with a registry against it. It is made of the distribution project's handlers without the drivers for clouds, which
// take ten times as long to compile.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem" // the one driver that is needed
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: registry DIRECTORY")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	config := &configuration.Configuration{
		Storage: configuration.Storage{"filesystem": configuration.Parameters{"rootdirectory": os.Args[1]}},
	}
	config.HTTP.Secret = "one process: nobody to share it with"
	config.Log.Level = "warn"
	app := handlers.NewApp(context.Background(), config)
	// The kernel chose the port: whoever started this reads it from the first line.
	fmt.Println(listener.Addr())
	log.Fatal(http.Serve(listener, app))
}
