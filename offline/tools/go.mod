// The Go programs that drillbook builds for itself where the machine lacks them, each pinned with all it is made of.
module drillbook/offline/tools

go 1.26.4

tool (
	// A container registry, for the test of the way that uses one.
	github.com/distribution/distribution/v3/cmd/registry
	// kind, for a machine that has none.
	sigs.k8s.io/kind
)

require (
	github.com/distribution/distribution/v3 v3.1.1
	sigs.k8s.io/kind v0.33.0
)

require (
	al.essio.dev/pkg/shellescape v1.5.1 // indirect
	github.com/BurntSushi/toml v1.4.0 // indirect
	github.com/evanphx/json-patch/v5 v5.6.0 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/pelletier/go-toml v1.9.5 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/spf13/cobra v1.10.2 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	go.yaml.in/yaml/v3 v3.0.4 // indirect
	golang.org/x/sys v0.42.0 // indirect
	sigs.k8s.io/yaml v1.4.0 // indirect
)
