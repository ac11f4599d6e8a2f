# Every target is one line: a swift command or a script. `make help` lists them.
export SWIFT_BACKTRACE = enable=no
CHECKED = --explicit-target-dependency-import-check error
# Nobody looks for symbols in a program; the runtime's list of them is a tenth of it.
# With -z now nothing can be redirected later in the table of functions, which the linker makes read-only.
RELEASE = swift build -c release --static-swift-stdlib -Xlinker --no-export-dynamic -Xlinker -z -Xlinker now --scratch-path $(SCRATCH) $(CHECKED) --product supervisor
SCRATCH ?= .build-release
BINARY = $(CURDIR)/.build-release/release/supervisor
# What the command line names, else nothing: then the package builds one that does not depend on this folder.
PACKED = $(if $(filter command,$(origin BINARY)),$(BINARY))
CONFIG ?= examples/quickstart.yaml
COMPLETIONS ?= .build-release/completions

.DEFAULT_GOAL := build
.PHONY: build release run completions deb test scenarios package-test reproducible embedding latency lint format tidy check deps clean help

build: deps ## build the debug binary and the tests
	swift build --build-tests $(CHECKED)

release: deps ## build the static release binary in SCRATCH=.build-release
	$(RELEASE)

run: release ## start the daemon; CONFIG=FILE chooses its configuration
	$(BINARY) -c $(CONFIG)

completions: release ## write the completions for bash, zsh and fish to COMPLETIONS=FOLDER
	mkdir -p $(COMPLETIONS)
	$(BINARY) --generate-completion-script bash >$(COMPLETIONS)/supervisor
	$(BINARY) --generate-completion-script zsh >$(COMPLETIONS)/_supervisor
	$(BINARY) --generate-completion-script fish >$(COMPLETIONS)/supervisor.fish

deb: ## build the Debian package in .build-deb, with BINARY=FILE or with a binary made for it
	scripts/install-dependencies packaging
	scripts/build-deb $(PACKED)

test: build ## run the unit tests
	scripts/run-unit-tests

tidy: release build ## check the rules of CONTRIBUTING.md on the sources
	SUPERVISOR_BINARY=$(BINARY) swift test --skip-build --filter '^TidyTests\.'

scenarios: release build ## run the release binary through its promises
	SUPERVISOR_BINARY=$(BINARY) swift test --skip-build --filter '^Scenarios\.'

package-test: deb ## install the package in a booted Debian and put it through its promises
	scripts/install-dependencies package-test
	Tests/Package/run .build-deb

reproducible: ## build the package twice, from nothing and in two folders, and compare
	scripts/install-dependencies packaging
	Tests/Package/reproducible $(PACKED)

embedding: deps ## build and run the example that embeds the library
	swift run --package-path examples/embedding --scratch-path .build-embedding

latency: release ## measure kill -9 to running again, next to s6 and runit
	scripts/install-dependencies benchmarks
	Benchmarks/restart-latency/run $(BINARY)

.PHONY: container-test cluster-test
container-test: release ## put the container image and the Kubernetes manifest through their promises; as root
	scripts/install-dependencies container
	Tests/Container/run $(BINARY)

cluster-test: ## measure three machines with Pacemaker and etcd; DEB=FILE is the package; as root, ten minutes
	scripts/install-dependencies cluster
	Tests/Cluster/run $(or $(DEB),$(wildcard .build-deb/swift-supervisor_*.deb)) .build-cluster

lint: ## check the format of the sources and of the manual pages
	swift format lint --strict --recursive Package.swift Sources Tests examples/embedding/Package.swift examples/embedding/Sources
	mandoc -Tlint -W warning man/*

format: ## format the sources in place
	swift format --in-place --recursive Package.swift Sources Tests

check: lint build test tidy scenarios embedding ## everything that must pass before a merge

deps: ## install the Debian packages that are missing
	scripts/install-dependencies

clean: ## remove what was built
	rm -rf .build .build-release .build-embedding .build-static .build-deb .build-cluster

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1 - /p' Makefile
