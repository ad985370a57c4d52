# GNU make. `make help` lists the targets; variables to set are at the top.

PREFIX = /usr/local
DESTDIR =
# The folder built into. Sanitizer and coverage builds have their own.
OUT = build
CFLAGS = -O2 -g
# `make WERROR=` where a compiler newer than ours knows new warnings.
WERROR = -Werror

# --- What is there -----------------------------------------------------------
# LUA=lua5.5 chooses another interpreter; LUA_CFLAGS, SSL_CFLAGS, SSL_LIBS and
# IDN_CFLAGS, IDN_LIBS may be given where pkg-config does not know.

# Asked anew below the sanitizer's and coverage's inner makes: never inherited.
found := $(shell sh tools/findlua.sh $(LUA))
LUA := $(word 1,$(found))
LUA_VERSION := $(word 2,$(found))
LUA_PACKAGE := $(word 3,$(found))
PKG_CONFIG = pkg-config
# Darwin, Linux, ...; "Windows" also to compile for it elsewhere: tools/windows.sh.
system := $(shell uname -s | sed 's/^\(MINGW\|MSYS\).*/Windows/')
ifeq ($(system),Darwin)
# Homebrew's OpenSSL is out of pkg-config's sight.
export PKG_CONFIG_PATH := $(PKG_CONFIG_PATH):$(shell brew --prefix openssl@3)/lib/pkgconfig
PKG_CONFIG = PKG_CONFIG_PATH='$(PKG_CONFIG_PATH)' pkg-config
endif

# Headers of others are system headers: their macros are not ours to warn of.
system_headers = $(patsubst -I%,-isystem%,$(1))
ifneq ($(LUA_PACKAGE),-)
LUA_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LUA_PACKAGE))
LUA_LIBS := $(shell $(PKG_CONFIG) --libs $(LUA_PACKAGE))
endif
SSL_CFLAGS := $(shell $(PKG_CONFIG) --cflags openssl 2>/dev/null)
SSL_LIBS := $(or $(shell $(PKG_CONFIG) --libs openssl 2>/dev/null),-lssl -lcrypto)
IDN_LIBS := $(shell $(PKG_CONFIG) --libs libidn2 2>/dev/null)
ifneq ($(strip $(IDN_LIBS)),)
IDN_CFLAGS := -DLSSL_HAVE_IDN2 $(shell $(PKG_CONFIG) --cflags libidn2)
endif

ifeq ($(system),Darwin)
SHARED = -bundle -undefined dynamic_lookup
else ifeq ($(system),Windows)
SHARED = -shared -static-libgcc
SO = dll
SYSTEM_LIBS = $(LUA_LIBS) -lws2_32 -lcrypt32 -Wl,-Bstatic -lssp -Wl,-Bdynamic
PIC =
HARDENING = -fstack-protector-strong
else
# nodelete: what OpenSSL is told of once stays valid when the last Lua state goes.
SHARED = -shared -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodelete
endif

SO ?= so
PIC ?= -fPIC -fvisibility=hidden

# --- Flags -------------------------------------------------------------------

# Those of $(1) that this compiler takes.
accepted = $(shell for flag in $(1); do $(CC) -Werror $$flag -x c -fsyntax-only \
  /dev/null >/dev/null 2>&1 && printf '%s ' $$flag; done)

# What the habits of Lua and LPeg ask for, in every compiler ...
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wvla \
  -Wcast-qual -Wwrite-strings -Wpointer-arith \
  -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations \
  -Wold-style-definition -Wredundant-decls -Wnested-externs \
  -Wformat=2 -Wdouble-promotion -Wconversion -Wno-sign-conversion
# ... and what only some of them know.
MORE_WARNINGS := $(call accepted,-Wlogical-op -Wduplicated-cond -Wduplicated-branches \
  -Wjump-misses-init -Wnull-dereference -Wunused-result -Wcomma)
ifeq ($(HARDENING),)
HARDENING := -D_FORTIFY_SOURCE=2 $(call accepted,-fstack-protector-strong \
  -fstack-clash-protection -fcf-protection)
endif

# OpenSSL and Lua are called straight by their addresses, not through stubs.
ifneq ($(system),Windows)
CALLS := $(call accepted,-fno-plt)
endif

FLAGS = -std=c99 -D_GNU_SOURCE -Isrc -Iinclude $(PIC) $(CALLS) $(WARNINGS) $(MORE_WARNINGS) \
  $(WERROR) $(CFLAGS) -U_FORTIFY_SOURCE $(HARDENING) $(CPPFLAGS) \
  $(call system_headers,$(LUA_CFLAGS) $(SSL_CFLAGS) $(IDN_CFLAGS))
LIBS = $(SSL_LIBS) $(IDN_LIBS) $(SYSTEM_LIBS)

# --- The module --------------------------------------------------------------

# The rooms of src/, from the ground up. The test kit is a shared object of its
# own, with its own copy of the ground floor.
ROOMS = base x509 context connection socket luasec
LUA_SOURCES := $(patsubst lua/%,%,$(sort $(wildcard lua/*.lua lua/ssl/*.lua \
  lua/ssl/*/*.lua lua/ssl/*/*/*.lua)))
objects = $(patsubst src/%.c,$(OUT)/obj/%.o,$(sort $(wildcard $(1:%=src/%/*.c))))
OBJECTS := $(call objects,$(ROOMS)) $(OUT)/obj/module.o
TESTING_OBJECTS := $(call objects,testing)
MODULE := $(OUT)/_ssl.$(SO)
TESTING := $(OUT)/_ssl_testing.$(SO)

# make V=1 shows the whole commands.
brief = $(if $(V),,@echo '$(1)';)

.PHONY: all
all: $(MODULE) $(TESTING)

$(MODULE): $(OBJECTS)
$(TESTING): $(TESTING_OBJECTS) $(call objects,base)
$(MODULE) $(TESTING):
	$(call brief,link $@)$(CC) $(SHARED) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(OUT)/obj/%.o: src/%.c $(OUT)/obj/flags | ready
	@mkdir -p $(@D)
	$(call brief,$(CC) $<)$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

# Changes only when a command line would: another Lua or compiler builds anew.
$(OUT)/obj/flags: always
	@mkdir -p $(@D)
	@echo '$(CC) $(FLAGS) $(SHARED) $(LDFLAGS) $(LIBS)' | cmp -s - $@ || \
	  echo '$(CC) $(FLAGS) $(SHARED) $(LDFLAGS) $(LIBS)' > $@

-include $(OBJECTS:.o=.d) $(TESTING_OBJECTS:.o=.d)

# --- For programs in C that embed Lua: include/lssl.h, docs/embedding.md --------

# One file of C has it all, the sources in Lua too; the static library is made of
# it, so that both show what lssl.h declares and nothing else. They use OpenSSL and
# Lua alone: CPPFLAGS=-DLSSL_HAVE_IDN2 adds libidn2, -DLSSL_TESTING ssl.testing.
AMALGAMATION := $(OUT)/lssl.c
STATIC := $(OUT)/liblssl.a
HOST_FLAGS = -std=c99 $(CALLS) -Wall -Wextra $(WERROR) $(CFLAGS) -U_FORTIFY_SOURCE $(HARDENING) \
  $(CPPFLAGS) $(call system_headers,$(LUA_CFLAGS) $(SSL_CFLAGS))
HOST_PROGRAMS := $(patsubst examples/host/%.c,$(OUT)/host/%,$(wildcard examples/host/*.c))

.PHONY: amalgamation static host
amalgamation: $(AMALGAMATION)
static: $(STATIC)
host: $(HOST_PROGRAMS)

$(AMALGAMATION): tools/amalgamation.lua tools/embed.lua $(wildcard include/*.h src/*.[ch] \
  src/*/*.[ch]) $(LUA_SOURCES:%=lua/%) | ready
	@mkdir -p $(@D)
	$(call brief,write $@)LUA_PATH='$(CURDIR)/?.lua;'"$$LUA_PATH" $(LUA) tools/amalgamation.lua $(@D)

$(OUT)/lssl.o: $(AMALGAMATION) $(OUT)/obj/flags
	$(call brief,$(CC) $<)$(CC) $(HOST_FLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(STATIC): $(OUT)/lssl.o
	$(call brief,archive $@)rm -f $@ && $(AR) rcs $@ $<

$(OUT)/host/%: examples/host/%.c $(STATIC)
	@mkdir -p $(@D)
	$(call brief,$(CC) $<)$(CC) $(HOST_FLAGS) -I$(OUT) $(LDFLAGS) -o $@ $< $(STATIC) \
	  $(LUA_LIBS) $(SSL_LIBS) -lm -pthread

.PHONY: always ready
always:
ready:
	@test '$(LUA_VERSION)' != - || { \
	  echo 'no Lua 5.4 or newer found: tools/setup.sh build, or make LUA=...' >&2; exit 1; }
	@test -n '$(LUA_CFLAGS)' || { \
	  echo 'no headers of Lua $(LUA_VERSION) found: tools/setup.sh build' >&2; exit 1; }

# --- Running it from the tree ------------------------------------------------

# Modules in pure Lua that the system packages for another version only (copas
# for 5.4, busted for 5.5) are looked for last.
others_lua := ;/usr/share/lua/5.4/?.lua;/usr/share/lua/5.4/?/init.lua;/usr/share/lua/5.3/?.lua$\
;/usr/share/lua/5.2/?.lua

# Programs started from here find the tree's modules before installed ones; the
# version-named variables, which Lua prefers, would hide these.
export LUA
export LSSL_BUILD := $(OUT)
export LSSL_HOST_CFLAGS := $(call system_headers,$(LUA_CFLAGS) $(SSL_CFLAGS))
export LSSL_HOST_LIBS := $(LUA_LIBS) $(SSL_LIBS) -lm
export LUA_PATH := $(CURDIR)/lua/?.lua;$(or $(LUA_PATH_5_4),$(LUA_PATH),;)$(others_lua)
export LUA_CPATH := $(CURDIR)/$(OUT)/?.so;$(or $(LUA_CPATH_5_4),$(LUA_CPATH),;)
unexport LUA_PATH_5_4 LUA_CPATH_5_4 LUA_PATH_5_5 LUA_CPATH_5_5
BUSTED = $(LUA) tools/busted.lua
# What of the suite, tools/suite.sh tells more:
# make test SPEC=spec/connection/memorybio_spec.lua JOBS=1
SPEC = spec
quiet = $(MAKE) --no-print-directory

.PHONY: demo test run-demo run-test
MEMFAIL = $(OUT)/memfail.so
EMBEDDER = $(OUT)/embedder.so $(OUT)/states
demo:
	@sh tools/setup.sh demo
	@$(quiet) run-demo
test:
	@sh tools/setup.sh test
	@$(quiet) run-test

run-demo: all
	@$(LUA) examples/demo.lua $(if $(URL),'$(URL)')
run-test: all $(MEMFAIL) $(EMBEDDER) $(HOST_PROGRAMS)
	@sh tools/suite.sh $(SPEC)

# For specs: the allocator that fails. OpenSSL needs it to its very end.
$(MEMFAIL): spec/native/memfail.c $(OUT)/obj/flags | ready
	$(call brief,$(CC) $<)$(CC) $(FLAGS) $(SHARED) $(LDFLAGS) \
	  $(if $(filter Darwin,$(system)),,-Wl$(comma)-z$(comma)nodelete) -o $@ $< $(LIBS)
comma = ,

# For specs: a host, which drives the static library from Lua.
$(OUT)/embedder.so: spec/native/embedder.c $(STATIC)
	$(call brief,$(CC) $<)$(CC) $(HOST_FLAGS) -fPIC $(SHARED) -I$(OUT) $(LDFLAGS) -o $@ $< \
	  $(STATIC) $(SSL_LIBS) -lm

$(OUT)/states: spec/native/states.c $(STATIC)
	$(call brief,$(CC) $<)$(CC) $(HOST_FLAGS) -D_GNU_SOURCE -I$(OUT) $(LDFLAGS) -o $@ $< \
	  $(STATIC) $(LUA_LIBS) $(SSL_LIBS) -lm -pthread

# STRIDE=1 lets every allocation fail, in twenty minutes.
.PHONY: memfail
STRIDE = 10
memfail: all $(MEMFAIL) $(EMBEDDER) $(HOST_PROGRAMS)
	LUA_PATH='$(CURDIR)/?.lua;'"$$LUA_PATH" $(LUA) tools/memfail.lua -v -s $(STRIDE) $(SCENARIO)

.PHONY: examples parity bench guard fuzz soak peers luasec bogo limbo manual fleet
examples: all
	$(BUSTED) $(wildcard spec/whole/examples*_spec.lua)
parity: all
	$(LUA) tools/parity.lua
bench: all  # ROWS= ROUNDS= TRIES= PEERS= choose; QUIET= waits
	$(LUA) bench/run.lua
# What a request costs a C host with a script, beside plain C and nginx's Lua module.
.PHONY: bench-host
bench-host: all host $(OUT)/bench/host/plain
	LUA_PATH='$(CURDIR)/spec/?.lua;'"$$LUA_PATH" $(LUA) bench/host/run.lua $(ROUNDS) $(SECONDS)
$(OUT)/bench/host/plain: bench/host/plain.c $(OUT)/obj/flags
	@mkdir -p $(@D)
	$(call brief,$(CC) $<)$(CC) $(HOST_FLAGS) $(LDFLAGS) -o $@ $< $(SSL_LIBS)
# What grows with the number of states, contexts, names and idle connections.
.PHONY: bench-scale
bench-scale: all $(OUT)/bench/scale
	$(LUA) bench/scale/run.lua $(ROUNDS)
$(OUT)/bench/scale: bench/scale/scale.c bench/net.h $(STATIC)
	@mkdir -p $(@D)
	$(call brief,$(CC) $<)$(CC) $(HOST_FLAGS) -D_GNU_SOURCE -Iinclude $(LDFLAGS) -o $@ $< $(STATIC) \
	  $(LUA_LIBS) $(SSL_LIBS) -lm -pthread
guard: all
	$(LUA) bench/guard.lua
fuzz: all  # TIME= seconds in all; TARGETS= SEED= choose
	TIME='$(or $(TIME),60)' sh fuzz/run.sh '$(LUA_CFLAGS) $(IDN_CFLAGS)' '$(LUA_LIBS) $(IDN_LIBS)'
soak: all
	$(LUA) tools/soak.lua $(TIME)
peers: all
	sh tools/peers.sh $(OUT)
.PHONY: gauntlet policy-peers
policy-peers: all
	$(LUA) tools/policypeers.lua $(OUT)
gauntlet: all
	$(LUA) tools/gauntlet.lua $(OUT)
luasec: all  # LUASEC SAMPLES COPAS LUAMQTT PGMOON: folders; ONLY= chooses
	@sh tools/luasec.sh $(OUT)
bogo: all  # RUNNER=path of BoringSSL's; TESTS= ARGS= SHIM= choose
	@sh tools/bogo.sh $(OUT) '$(RUNNER)' '$(TESTS)' $(ARGS)
limbo: all  # CASES= x509-limbo's file; PROFILE=none for OpenSSL's rules alone
	LUA_PATH='$(CURDIR)/spec/?.lua;'"$$LUA_PATH" $(LUA) spec/limbo/run.lua '$(CASES)' '$(PROFILE)'
fleet: all  # CLIENTS= CONNECTIONS= SECONDS= PARTS= choose: spec/fleet/run.lua
	LUA_PATH='$(CURDIR)/?.lua;'"$$LUA_PATH" $(LUA) spec/fleet/run.lua $(or $(CLIENTS),50) \
	  $(or $(CONNECTIONS),1000) $(or $(SECONDS),10) '$(or $(PARTS),day store costs)'
manual: all
	$(LUA) tools/manual.lua
	LUA_PATH='$(CURDIR)/?.lua;'"$$LUA_PATH" $(LUA) tools/command.lua
# The documentation as HTML, from the file system: build/site/index.html
.PHONY: site site-test diagrams
site:
	@sh tools/setup.sh site
	@$(LUA) tools/site/build.lua build/site
site-test: site
	@$(LUA) tools/site/browser.lua build/site build/site-pictures
diagrams:
	@sh tools/setup.sh diagrams
	$(LUA) tools/diagrams.lua

# --- Looking harder ----------------------------------------------------------

.PHONY: lint sanitize valgrind coverage matrix
lint:
	@sh tools/setup.sh lint
	@$(quiet) run-lint
run-lint: all
	sh tools/lint.sh '$(LUA_CFLAGS) $(SSL_CFLAGS) $(IDN_CFLAGS)'

# -z nodelete: a leak's stack names our functions only while we are loaded.
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
  -fno-sanitize-recover=all
sanitize:
	@sh tools/setup.sh test
	@$(quiet) OUT=build/sanitize CFLAGS='$(SANITIZE)' HARDENING=-U_FORTIFY_SOURCE WERROR= \
	  LDFLAGS=-Wl,-z,nodelete run-sanitize
run-sanitize: all $(MEMFAIL) $(EMBEDDER) $(HOST_PROGRAMS)
	sh tools/sanitize.sh $(SPEC)

.PHONY: tsan run-tsan
tsan:
	@$(quiet) OUT=build/tsan CFLAGS='-O1 -g -fsanitize=thread' HARDENING=-U_FORTIFY_SOURCE \
	  WERROR= run-tsan
run-tsan: all $(OUT)/states
	sh tools/tsan.sh '$(LUA_CFLAGS)' '$(LUA_LIBS)'

valgrind:
	@sh tools/setup.sh test valgrind
	@$(quiet) run-valgrind
run-valgrind: all $(MEMFAIL) $(EMBEDDER) $(HOST_PROGRAMS)
	sh tools/valgrind.sh $(SPEC)

coverage:
	@sh tools/setup.sh test
	@$(quiet) OUT=build/coverage CFLAGS='-O0 -g --coverage -include tools/coverage.h' \
	  HARDENING=-U_FORTIFY_SOURCE WERROR= run-coverage
run-coverage: all $(MEMFAIL) $(EMBEDDER) $(HOST_PROGRAMS)
	STRIDE=$(STRIDE) sh tools/coverage.sh $(SPEC)

# For Windows, by MinGW-w64 and wine: docs/windows.md. LSSL_WINDOWS names the folder
# that keeps what is not ours.
.PHONY: mingw windows windows-test
mingw:
	sh tools/mingw.sh '$(LUA_CFLAGS)'
windows:
	@sh tools/windows.sh build
windows-test:
	@sh tools/windows.sh test $(SPEC)

# make matrix ONLY=trixie, ONLY=patches, ONLY='oldest newest'; BENCH= measures instead
matrix:
	sh tools/matrix.sh $(ONLY)

# --- A release: CONTRIBUTING.md tells the steps ---------------------------------

VERSION := $(shell awk '/^.define LSSL_VERSION_(MAJOR|MINOR|PATCH)/ \
  { v = v (v == "" ? "" : ".") $$3 } END { print v }' include/lssl.h)
DIST = $(OUT)/dist/lua-ssl-$(VERSION)

# The tarball of what was committed last, the same bytes each time, and its checksum. The
# rockspec and Debian's folder are for packagers: beside it.
.PHONY: dist deb
dist:
	@mkdir -p $(OUT)/dist
	git archive --format=tar --prefix=lua-ssl-$(VERSION)/ HEAD | gzip -n9 > $(DIST).tar.gz
	git show HEAD:rockspec/lua-ssl-$(VERSION)-1.rockspec > $(DIST)-1.rockspec
	cd $(OUT)/dist && sha256sum lua-ssl-$(VERSION).tar.gz lua-ssl-$(VERSION)-1.rockspec \
	  > SHA256SUMS && cat SHA256SUMS

# Debian's packages, from the tarball: needs what debian/control says, and no network.
deb: dist
	rm -rf $(OUT)/deb && mkdir -p $(OUT)/deb
	cp $(DIST).tar.gz $(OUT)/deb/lua-ssl_$(VERSION).orig.tar.gz
	tar -xzf $(DIST).tar.gz -C $(OUT)/deb
	git archive --prefix=debian/ HEAD:debian | tar -x -C $(OUT)/deb/lua-ssl-$(VERSION)
	cd $(OUT)/deb/lua-ssl-$(VERSION) && env -u LUA_PATH -u LUA_CPATH -u MAKEFLAGS \
	  dpkg-buildpackage -us -uc
	cd $(OUT)/deb && lintian --fail-on error,warning *.changes

# --- Installing --------------------------------------------------------------

LIBDIR = $(PREFIX)/lib
LUA_DIR = $(PREFIX)/share/lua/$(LUA_VERSION)
LUA_LIBDIR = $(LIBDIR)/lua/$(LUA_VERSION)
TYPES := $(wildcard types/*.lua types/*/*.lua)
LUA_FOLDERS = $(patsubst %/,%,$(filter-out ./ ssl/,$(sort $(dir $(LUA_SOURCES)))))
# The other way round, so that a folder comes after those in it.
reversed = $(if $(1),$(call reversed,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
INSTALL = install
COMMANDS = lua-ssl lua-ssl-cert
# The man page and the completion of shells; tools/command.lua writes them.
SHARED_FILES = man/man1/lua-ssl.1 man/man1/lua-ssl-cert.1 bash-completion/completions/lua-ssl \
  zsh/site-functions/_lua-ssl

.PHONY: install uninstall clean help
install: all static
	$(INSTALL) -d '$(DESTDIR)$(LUA_LIBDIR)' '$(DESTDIR)$(PREFIX)/bin' \
	  '$(DESTDIR)$(PREFIX)/include' '$(DESTDIR)$(LIBDIR)/pkgconfig' \
	  '$(DESTDIR)$(PREFIX)/share/lssl/types/ssl' \
	  $(LUA_FOLDERS:%='$(DESTDIR)$(LUA_DIR)/%')
	$(INSTALL) -m 755 $(MODULE) $(TESTING) '$(DESTDIR)$(LUA_LIBDIR)'
	for file in $(LUA_SOURCES); do \
	  $(INSTALL) -m 644 "lua/$$file" "$(DESTDIR)$(LUA_DIR)/$$file" || exit 1; done
	for file in $(TYPES); do \
	  $(INSTALL) -m 644 "$$file" "$(DESTDIR)$(PREFIX)/share/lssl/$$file" || exit 1; done
	for file in $(COMMANDS); do \
	  sed '1s|lua$$|$(notdir $(LUA))|' "bin/$$file" > "$(OUT)/$$file" && \
	  $(INSTALL) -m 755 "$(OUT)/$$file" "$(DESTDIR)$(PREFIX)/bin/$$file" || exit 1; done
	for file in $(SHARED_FILES); do \
	  $(INSTALL) -d "$(DESTDIR)$(PREFIX)/share/$${file%/*}" && \
	  $(INSTALL) -m 644 "share/$$file" "$(DESTDIR)$(PREFIX)/share/$$file" || exit 1; done
	$(INSTALL) -m 644 include/lssl.h '$(DESTDIR)$(PREFIX)/include/lssl.h'
	$(INSTALL) -m 644 $(STATIC) '$(DESTDIR)$(LIBDIR)/liblssl.a'
	$(INSTALL) -m 644 $(AMALGAMATION) '$(DESTDIR)$(PREFIX)/share/lssl/lssl.c'
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LUA@|$(filter-out -,$(LUA_PACKAGE))|' \
	  -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
	  tools/lssl.pc.in > $(OUT)/lssl.pc
	$(INSTALL) -m 644 $(OUT)/lssl.pc '$(DESTDIR)$(LIBDIR)/pkgconfig/lssl.pc'

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/include/lssl.h' '$(DESTDIR)$(LIBDIR)/liblssl.a' \
	  '$(DESTDIR)$(LIBDIR)/pkgconfig/lssl.pc' '$(DESTDIR)$(PREFIX)/share/lssl/lssl.c'
	rm -f $(TYPES:%='$(DESTDIR)$(PREFIX)/share/lssl/%')
	-rmdir '$(DESTDIR)$(PREFIX)/share/lssl/types/ssl' '$(DESTDIR)$(PREFIX)/share/lssl/types' \
	  '$(DESTDIR)$(PREFIX)/share/lssl' 2>/dev/null
	rm -f '$(DESTDIR)$(LUA_LIBDIR)/_ssl.so' '$(DESTDIR)$(LUA_LIBDIR)/_ssl_testing.so' \
	  $(COMMANDS:%='$(DESTDIR)$(PREFIX)/bin/%') \
	  $(SHARED_FILES:%='$(DESTDIR)$(PREFIX)/share/%')
	for file in $(LUA_SOURCES); do rm -f "$(DESTDIR)$(LUA_DIR)/$$file"; done
	-rmdir $(patsubst %,'$(DESTDIR)$(LUA_DIR)/%',$(call reversed,$(LUA_FOLDERS))) \
	  '$(DESTDIR)$(LUA_DIR)/ssl' 2>/dev/null

# The matrix's folders take long to make and stay; tools/matrix.sh --clean.
clean:
	rm -rf build/obj build/host build/*.so build/lssl.* build/liblssl.a build/states build/times \
	  build/sanitize build/tsan build/fuzz build/coverage build/lint build/bench build/dist \
	  build/deb build/site build/site-pictures
	rm -f src/*.o src/*/*.o _ssl.so _ssl_testing.so  # LuaRocks leaves these

help:
	@echo 'make [all]      build $(MODULE)'
	@echo 'make host       example programs in C; make static amalgamation: the library for them'
	@echo 'make demo       serve and fetch a page over TLS; URL=https://... for a real site'
	@echo 'make test       the specs; SPEC=spec/base for a room, JOBS=1 for one at a time'
	@echo 'make lint       luacheck, cppcheck, a strict clang build, the format of the files'
	@echo 'make sanitize   the specs under AddressSanitizer and UBSan, leaks included'
	@echo 'make tsan       Lua states in two threads under ThreadSanitizer'
	@echo 'make valgrind   the specs under valgrind'
	@echo 'make coverage   the specs with lines counted, C and Lua'
	@echo 'make windows    cross-compile for Windows; make windows-test runs that under wine'
	@echo 'make mingw      compile what only Windows has, with the MinGW-w64 compiler'
	@echo 'make matrix     the specs on other releases of OpenSSL and Debian; ONLY=patches, trixie,'
	@echo '                sid or experimental'
	@echo 'make memfail    let each allocation fail; STRIDE=1 for every one of them'
	@echo 'make parity     compare with CPython'
	@echo 'make bench      measure beside other bindings; ROWS= PEERS= choose'
	@echo 'make bench-scale  what grows with states, contexts, names, idle connections'
	@echo 'make guard      hold garbage, instructions and system calls per call to their bounds'
	@echo 'make luasec     run programs that were written for LuaSec, on LuaSec and on this module'
	@echo 'make policy-peers  scan ten servers by ssl.scan, sslscan and testssl.sh, and compare'
	@echo 'make gauntlet   send clients in many languages through all broken servers of the kit'
	@echo 'make bogo       the tests of BoringSSL, with its runner: RUNNER=path; TESTS= chooses'
	@echo 'make limbo      the certificates of x509-limbo; CASES=limbo.json PROFILE=none'
	@echo 'make site       the documentation as HTML, in build/site; make site-test looks at it in'
	@echo '                Chromium'
	@echo 'make diagrams   draw docs/diagrams anew'
	@echo 'make fleet      three instances behind HAProxy, with Redis, while things go wrong'
	@echo 'make fuzz soak peers manual examples'
	@echo 'make dist       the tarball of a release; make deb: Debian packages made of it'
	@echo 'make install    PREFIX=$(PREFIX) DESTDIR=$(DESTDIR); make uninstall; make clean'
